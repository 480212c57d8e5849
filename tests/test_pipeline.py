"""The core with a verifier that answers as told: which verdict makes a diff, and which makes silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from autofix.analysis.faults import Fault
from autofix.analysis.looks import Looks
from autofix.model import Evidence, Framework, Lost, Outcome, Reason, Request, Verdict
from autofix.pipeline import NOTHING_RUN, fix_source
from autofix.rewrite import candidates
from autofix.rewrite.catalogue import Catalogue
from autofix.runner import Verifiers, fix_all, status
from autofix.source.files import Source

BROKEN = """import numpy as np
import torch


def mae(p, y):
    return np.mean(np.abs(p - y))


def step(model, x, y):
    mae(model(x), y).backward()
"""
MENDED = BROKEN.replace("import numpy as np\n", "").replace("np.", "torch.")
TWO = (
    BROKEN
    + """

def rmse(p, y):
    return np.sqrt(np.mean((p - y) ** 2))


def other_step(model, x, y):
    rmse(model(x), y).backward()
"""
)
SEEN = Evidence(("p float[8], y float[8]",), 1e-16, None, 0.5, 1e-9)


@dataclass
class Told:
    """A verifier that gives the verdicts that it was told, the last one again and again."""

    verdicts: Sequence[Verdict]
    lacking: str | None = None
    asked: list[Request] = field(default_factory=list)
    near: list[Path] = field(default_factory=list)

    def verify(self, request: Request) -> Verdict:
        self.asked.append(request)
        return self.verdicts[min(len(self.asked), len(self.verdicts)) - 1]

    def missing(self, framework: Framework, near: Path, text: str) -> str | None:
        self.near.append(near)
        return self.lacking


VERIFIED = Verdict("verified", candidate=0, evidence=SEEN)


def test_a_verified_fix_is_in_the_text_and_in_the_diff() -> None:
    outcome = fix_source(BROKEN, "a.py", Told([VERIFIED]))

    assert outcome.text == MENDED
    (finding,) = outcome.findings
    assert (finding.code, finding.loss, finding.span.line) == ("AF101", "mae", 6)
    assert finding.fix.status == "verified"
    assert finding.fix.evidence is SEEN
    assert "-    return np.mean(np.abs(p - y))\n+    return torch.mean(torch.abs(p - y))" in finding.fix.diff


@pytest.mark.parametrize("status", ["rejected", "unverifiable", "flat"])
def test_nothing_is_shown_that_is_not_proven(status: str) -> None:
    verdict = Verdict(status, "because of this")  # type: ignore[arg-type]

    outcome = fix_source(BROKEN, "a.py", Told([verdict]))

    assert outcome.text == BROKEN
    (finding,) = outcome.findings
    assert finding.fix.diff == ""
    assert finding.fix.reason == "because of this"
    assert finding.fix.status == {"flat": "none"}.get(status, status)


def test_a_loss_that_runs_right_is_not_reported() -> None:
    outcome = fix_source(BROKEN, "a.py", Told([Verdict("healthy", lost=Lost(lines=frozenset({6})))]))

    assert outcome.text == BROKEN
    assert outcome.findings == ()


def test_a_run_that_did_not_come_to_the_fault_says_nothing_of_it() -> None:
    outcome = fix_source(BROKEN, "a.py", Told([Verdict("healthy", lost=Lost(lines=frozenset({10, 14})))]))

    (finding,) = outcome.findings
    assert (finding.fix.status, finding.fix.reason) == ("unverifiable", "no run reached line 6")


def test_right_code_is_never_run() -> None:
    told = Told([VERIFIED])

    outcome = fix_source(MENDED, "a.py", told)

    assert outcome.text == MENDED
    assert (outcome.findings, told.asked) == ((), [])


def test_without_the_framework_the_finding_stands_and_says_why_there_is_no_diff() -> None:
    told = Told([VERIFIED], lacking="torch is not installed")

    outcome = fix_source(BROKEN, "a.py", told)

    assert outcome.text == BROKEN
    assert [each.fix.reason for each in outcome.findings] == ["torch is not installed"]
    assert told.asked == []


def test_the_framework_is_looked_for_near_the_file() -> None:
    told = Told([VERIFIED])

    fix_source(BROKEN, "project/src/a.py", told)
    fix_source(MENDED, "other/b.py", told)

    assert told.near == [Path("project/src")]


def test_every_loss_is_proven_against_the_file_as_it_was() -> None:
    told = Told([VERIFIED])

    outcome = fix_source(TWO, "a.py", told)

    assert "np" not in outcome.text
    assert [request.original for request in told.asked] == [TWO, TWO]
    assert [finding.fix.status for finding in outcome.findings] == ["verified", "verified"]


def test_a_loss_that_cannot_be_mended_does_not_keep_the_next_from_it() -> None:
    outcome = fix_source(TWO, "a.py", Told([Verdict("rejected", "no"), VERIFIED]))

    assert "np.mean(np.abs(p - y))" in outcome.text
    assert "torch.sqrt(torch.mean((p - y) ** 2))" in outcome.text


SPECTRAL = """import numpy as np
import torch
import torch.nn.functional as F


class SpectralLoss(torch.nn.Module):
    def magnitude(self, x):
        return np.abs(np.fft.rfft(x.detach().numpy()))

    def forward(self, p, y):
        spectral = np.mean((self.magnitude(p) - self.magnitude(y)) ** 2)
        return F.l1_loss(p, y) + torch.tensor(spectral)


criterion = SpectralLoss()


def step(model, x, y):
    criterion(model(x), y).backward()
"""


def test_what_is_lost_behind_a_mended_loss_is_mended_in_the_same_run() -> None:
    told = Told([VERIFIED])

    outcome = fix_source(SPECTRAL, "a.py", told)

    assert "np." not in outcome.text and "torch.tensor" not in outcome.text
    assert [finding.fix.status for finding in outcome.findings] == ["verified"] * len(outcome.findings)
    lines = SPECTRAL.splitlines()
    assert {"numpy()", "np.mean("} <= {each for each in ("numpy()", "np.mean(") for finding in outcome.findings
                                       if each in lines[finding.span.line - 1]}  # fmt: skip
    assert fix_source(outcome.text, "a.py", told).findings == ()


def test_a_fix_behind_which_numpy_would_fail_is_taken_back() -> None:
    outcome = fix_source(SPECTRAL, "a.py", Told([VERIFIED, Verdict("rejected", "it differs")]))

    assert outcome.text == SPECTRAL
    (finding,) = outcome.findings
    assert (finding.fix.status, finding.span.line) == ("none", 8)
    assert "in line 11 would then raise: it differs" in finding.fix.reason


def test_what_is_ignored_is_neither_reported_nor_mended() -> None:
    assert fix_source(BROKEN, "a.py", Told([VERIFIED]), ignore=["AF1"]).text == BROKEN
    assert fix_source(BROKEN, "a.py", Told([VERIFIED]), select=["AF102"]).findings == ()
    assert len(fix_source(BROKEN, "a.py", Told([VERIFIED]), select=["AF101"]).findings) == 1


def test_what_only_the_author_can_mend_is_reported_and_never_run() -> None:
    source = "import torch\nmodel = torch.nn.Linear(2, 3)\nloss = model(torch.ones(4, 2)) ** 2\nloss.backward()\n"
    told = Told([VERIFIED])

    outcome = fix_source(source, "a.py", told)

    assert (outcome.text, told.asked) == (source, [])
    (finding,) = outcome.findings
    assert (finding.code, finding.span.line, finding.fix.status, finding.fix.diff) == ("AF205", 4, "none", "")
    assert "grad can be implicitly created only for scalar outputs" in finding.message
    assert ".mean()" in finding.fix.reason


def test_a_second_run_finds_nothing_to_do() -> None:
    once = fix_source(TWO, "a.py", Told([VERIFIED])).text

    again = fix_source(once, "a.py", Told([VERIFIED]))

    assert again.text == once
    assert again.findings == ()


def test_what_is_no_python_is_said_to_be_none() -> None:
    with pytest.raises(SyntaxError):
        fix_source("import torch\ndef (", "a.py", NOTHING_RUN)


STEP = """import numpy as np
import tensorflow as tf

batches = [(np.ones((4, 3)), np.ones((4, 1)))]
model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
for x, y in batches:
    with tf.GradientTape() as tape:
        p = model(x)
    loss = tf.reduce_mean(np.abs(p.numpy() - y))
    gradients = tape.gradient(loss, model.trainable_variables)
"""


def test_a_step_is_mended_whole_and_proven_as_a_step() -> None:
    told = Told([VERIFIED])

    outcome = fix_source(STEP, "a.py", told)

    assert "        p = model(x)\n        loss = tf.reduce_mean(tf.abs(p - y))\n    gradients" in outcome.text
    assert [finding.code for finding in outcome.findings] == ["AF301", "AF102"]
    assert [(each.kind, each.target.qualname) for each in told.asked] == [("step", "step_of_the_tape")]


def test_a_step_that_does_not_run_as_called_is_asked_about_with_stand_ins() -> None:
    told = Told([Verdict("unverifiable", "needs batches"), VERIFIED])

    outcome = fix_source(STEP, "a.py", told)

    assert outcome.text != STEP
    assert [bool(each.arguments[0]) for each in told.asked] == [False, True]


def test_the_first_reason_is_told_where_no_way_to_run_a_step_is_found() -> None:
    told = Told([Verdict("unverifiable", "needs batches"), Verdict("unverifiable", "no inputs")])

    outcome = fix_source(STEP, "a.py", told)

    assert outcome.text == STEP
    assert {finding.fix.reason for finding in outcome.findings} == {"needs batches"}


@pytest.mark.parametrize("error", [ValueError("no such thing"), SyntaxError("invalid syntax"), RecursionError("deep")])
def test_a_failure_on_one_loss_costs_the_others_of_the_file_nothing(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    rewrite = candidates.rewrite

    def failing(text: str, fault: Fault, catalogue: Catalogue, looks: Looks) -> tuple[str, ...] | Reason:
        if fault.loss == "mae":
            raise error
        return rewrite(text, fault, catalogue, looks)

    monkeypatch.setattr(candidates, "rewrite", failing)
    outcome = fix_source(TWO, "a.py", Told([VERIFIED]))

    failed, mended = outcome.findings
    assert (failed.loss, failed.fix.status) == ("mae", "none")
    assert failed.fix.reason.startswith(f"internal error ({type(error).__name__}: {error}); please report it")
    assert (mended.loss, mended.fix.status) == ("rmse", "verified")
    assert outcome.trace.count("Traceback (most recent call last)") == 1


def test_a_failure_on_a_loss_is_a_failure_of_autofix_and_keeps_its_findings() -> None:
    def fixer(text: str, path: str, verifier: object) -> Outcome:
        return replace(fix_source(text, path, NOTHING_RUN), trace="Traceback")

    source = Source("a.py", BROKEN.encode(), BROKEN, "utf-8")
    (checked,) = fix_all([source], fixer, Verifiers(None), 1)

    assert [each.loss for each in checked.findings] == ["mae"]
    assert (checked.problem, checked.trace) == (None, "Traceback")
    assert status([checked], apply=False) == 2
