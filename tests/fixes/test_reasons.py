"""Every way out without a fix has its reason, and `autofix explain` shows both."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from autofix.analysis.account import Account
from autofix.analysis.project import ProjectFiles
from autofix.fixes import one
from autofix.model import Evidence, Exit, Framework, Reason, Request, Verdict
from autofix.pipeline import NOTHING_RUN, fix_source
from autofix.report.listing import written
from autofix.syntax.spans import Around
from autofix.verify.proving import Proving

TORCH = "import numpy as np\nimport torch\n"
TF = "import tensorflow as tf\n"
MAE = TORCH + "def mae(p, y):\n    return np.mean(np.abs(p - y))\nmae(model(x), y).backward()\n"
ROUND = TORCH + "def count(p, y):\n    return torch.round(p - y).abs().sum()\ncount(model(x), y).backward()\n"
NO_RULE = MAE.replace("np.mean(", "np.ma.median(")
PARTS = TORCH + textwrap.dedent("""
    def loss_of(p, y):
        one = np.abs(p - y)  # autofix: ignore[AF101]
        other = np.exp(p - y)
        return (one + other).mean()

    loss_of(model(x), y).backward()
    """)
TAPE = TF + textwrap.dedent("""
    def step(w, xs):
        for x in xs:
            with tf.GradientTape() as tape:
                value = tf.reduce_sum(w * x)
        loss = -value
        return tape.gradient(loss, w)
    """)
READ = TORCH + textwrap.dedent("""
    class Base:
        def term(self, p, y):
            return np.abs(p.detach().numpy() - y.numpy()).mean()

        def step(self):
            torch.tensor(self.term(model(x), y), requires_grad=True).backward()


    class Rounded(Base):
        def term(self, p, y):
            return round(super().term(p, y), 3)


    Base().step()
    """)
TWO = TORCH + textwrap.dedent("""
    def first(p, y):
        return torch.tensor(np.abs(p.detach().numpy() - y.numpy()).mean(), requires_grad=True)

    def second(p, y):
        return torch.tensor(np.ma.median(p.detach().numpy() - y.numpy()), requires_grad=True)

    (first(model(x), y) + second(model(x), y)).backward()
    """)


class _Told:
    """A verifier that gives one verdict, or cannot run anything."""

    def __init__(self, verdict: Verdict, lacking: str | None = None) -> None:
        self._verdict, self._lacking = verdict, lacking

    def verify(self, request: Request) -> Verdict:
        return self._verdict

    def missing(self, framework: Framework, near: Path, text: str) -> str | None:
        return self._lacking


SEEN = Evidence(("p float[8]",), 0.0, None, 0.5, 0.0)
VERIFIED = _Told(Verdict("verified", candidate=0, evidence=SEEN))
REJECTED = _Told(Verdict("rejected", "the value differs"))
UNVERIFIABLE = _Told(Verdict("unverifiable", "the loss did not end within 10 s"))
LACKING = _Told(Verdict("unverifiable"), "no Python with torch was found")

ENDS = {
    "for the author": (ROUND, VERIFIED, Exit.AUTHOR, "use a straight-through"),
    "silenced in part": (PARTS, VERIFIED, Exit.HIDDEN, "part of this loss is silenced"),
    "too many lines": (MAE + "\n" * 10_001, VERIFIED, Exit.SIZE, "more than the limit of 10,000"),
    "no rule": (NO_RULE, VERIFIED, Exit.RULE, "there is no rule for numpy.ma.median"),
    "tapes that cannot be moved": (TAPE, VERIFIED, Exit.REWRITE, "not in the same block"),
    "another reader": (READ, VERIFIED, Exit.READERS, "overrides `Base.term`"),
    "nothing may be run": (MAE, NOTHING_RUN, Exit.TRIAL, "nothing was run"),
    "no framework": (MAE, LACKING, Exit.TRIAL, "no Python with torch"),
    "it could not be run": (MAE, UNVERIFIABLE, Exit.TRIAL, "within 10 s"),
    "another value": (MAE, REJECTED, Exit.VERDICT, "the value differs"),
    "half a fix": (TWO, VERIFIED, Exit.HALF, "`second` in line"),
}


def _ends(text: str, verifier: Proving | Reason, path: str = "a.py", around: Around | None = None) -> list[Reason]:
    found = [each.fix.why for each in fix_source(text, path, verifier, around=around).findings]
    return [each for each in found if each is not None]


@pytest.mark.parametrize("name", ENDS)
def test_who_gives_no_fix_says_at_which_way_out_and_why(name: str) -> None:
    text, verifier, way_out, said = ENDS[name]

    assert any(each.exit is way_out and said in each.text for each in _ends(text, verifier))


def test_a_loss_of_another_file_is_fixed_there(tmp_path: Path) -> None:
    (tmp_path / "losses.py").write_text(MAE.replace("mae(model(x), y).backward()\n", ""))
    here, text = str(tmp_path / "train.py"), TORCH + "from losses import mae\nmae(model(x), y).backward()\n"
    (found,) = _ends(text, VERIFIED, here, ProjectFiles({here: text}).around(here))

    assert (found.exit, "run `autofix losses.py train.py`" in found.text) == (Exit.ELSEWHERE, True)


def test_a_failure_of_autofix_is_a_way_out_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr(one, "candidates_of", failing)

    assert [each.exit for each in _ends(MAE, VERIFIED)] == [Exit.INTERNAL]


def test_each_way_out_is_taken_here() -> None:
    assert {end for _, _, end, _ in ENDS.values()} | {Exit.ELSEWHERE, Exit.INTERNAL} == set(Exit)


@pytest.mark.parametrize("way_out", Exit)
def test_explain_shows_the_way_out_and_the_reason(way_out: Exit) -> None:
    (finding,) = fix_source(MAE, "a.py", Reason(way_out, "for this reason")).findings
    account = Account(finding.loss, 3, "torch", (), ())

    assert f"; no fix ({way_out.value}): for this reason\n" in written("a.py", [account], [finding])
