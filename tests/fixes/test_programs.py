"""A program is run to its first steps: what it shows is fixed or reported, and right ones stay as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from autofix.analysis.project import ProjectFiles
from autofix.knowledge.causes import codes, has
from autofix.model import Outcome
from autofix.pipeline import fix_source
from autofix.verify.verifier import Verifier
from tests.fixes import early_texts as early
from tests.fixes import program_texts as texts
from tests.fixes.conftest import Run, assert_fixed, assert_seen, assert_stays, marked

FIXED = marked(
    {**texts.TORCH_FIXED, **texts.TORCH_MADE_EARLY}, {**texts.TENSORFLOW_FIXED, **texts.TENSORFLOW_MADE_EARLY}
)
REPORTED = marked({**texts.TORCH_REPORTED, **texts.TORCH_STRAYS}, texts.TENSORFLOW_REPORTED)
SEEN = [pytest.param(*case, marks=pytest.mark.torch, id=f"torch: {name}") for name, case in texts.TORCH_SEEN.items()]
RIGHT = marked({**texts.TORCH_RIGHT, **texts.TORCH_ALIKE}, {**texts.TENSORFLOW_RIGHT, **texts.TENSORFLOW_ALIKE})


@pytest.mark.parametrize(("text", "lines"), FIXED)
def test_what_a_program_loses_is_fixed(run: Run, text: str, lines: list[str]) -> None:
    outcome = run(text)

    assert_seen(outcome)
    assert_fixed(outcome, lines)


@pytest.mark.parametrize(("text", "code", "named"), REPORTED)
def test_what_only_its_author_can_change_is_reported(run: Run, text: str, code: str, named: str) -> None:
    outcome = run(text)
    (finding,) = outcome.findings

    assert_seen(outcome)
    assert finding.code == code and finding.fix.status == "none" and outcome.text == text
    assert finding.explanation is not None and named in finding.explanation.note


@pytest.mark.parametrize(("text", "seen"), SEEN)
def test_what_is_lost_beside_a_gradient_that_flows_is_named(run: Run, text: str, seen: tuple[str, str]) -> None:
    outcome = run(text)
    lines = text.splitlines()
    found = [
        (each.code, lines[each.span.line - 1][each.span.column - 1 : each.span.end_column - 1])
        for each in outcome.findings
    ]

    assert_seen(outcome)
    assert seen in found


@pytest.mark.parametrize("text", RIGHT)
def test_a_right_program_is_left_as_it_is(run: Run, text: str) -> None:
    assert_stays(run, text)


def test_every_cause_that_only_a_run_shows_has_a_program() -> None:
    reported = (texts.TORCH_REPORTED, texts.TENSORFLOW_REPORTED, early.TORCH_SAID, early.TENSORFLOW_SAID)
    shown = {case[1] for cases in reported for case in cases.values()}

    assert {each for each in codes() if has(each, "observed")} - shown == {"AF307", "AF311"}  # they are fixed


def unseen(text: str, run: Run) -> str:
    outcome = run(text)
    assert outcome.observed is not None and outcome.text == text
    return outcome.observed.reason


@pytest.mark.torch
@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("name = input('name? ')\n", "the program raises EOFError"),
        ("import not_there_at_all\n", "No module named 'not_there_at_all' in line 7 before its first step"),
        ("np.load('nothing.npy')\n", "the program raises FileNotFoundError"),
        ("open('/usr/written', 'w')\n", "the program raises PermissionError"),
        ("open('.env').read()\n", "the program raises FileNotFoundError"),
        ("import os\nos.fork()\n", "the program raises PermissionError"),
        ("import subprocess\nsubprocess.run(['ls'])\n", "the program raises PermissionError"),
        ("import socket\nsocket.socket()\n", "the program raises PermissionError"),
        ("import sys\nsys.exit('no data')\n", "the program exits before its first step: no data"),
        ("import ctypes\nctypes.string_at(0)\n", "ended without a report (killed"),
        ("with open('big', 'wb') as file:\n    while True:\n        file.write(b'0' * 2**20)\n", "too large"),
        ("import os\nwhile True:\n    os.write(1, b'x' * 10_000)\n", "the program prints too much"),
    ],
)
def test_a_program_that_cannot_be_run_says_why(run: Run, before: str, reason: str) -> None:
    text = texts.torch_program(before + texts.NET, "loss = F.mse_loss(net(x), y)")

    assert reason in unseen(text, run)


@pytest.mark.torch
def test_a_loss_is_fixed_as_before_where_its_program_cannot_be_run(run: Run) -> None:
    step = "loss = torch.tensor(np.mean((net(x).detach().numpy() - y.numpy()) ** 2), requires_grad=True)"
    outcome = run(texts.torch_program("input()\n" + texts.NET, step))

    assert outcome.observed is not None and "EOFError" in outcome.observed.reason
    assert "loss = torch.mean((net(x) - y) ** 2)" in outcome.text


@pytest.mark.torch
def test_nothing_is_run_where_no_time_is_given(tmp_path: Path) -> None:
    text = texts.torch_program(texts.NET, "loss = F.mse_loss(net(x), y)")
    (tmp_path / "train.py").write_text(text)
    with Verifier(None) as verifier:
        assert fix_source(text, str(tmp_path / "train.py"), verifier, observe=0.0, always=True).observed is None
        assert not verifier.workers.running


LOSSES = """import numpy as np
import torch


class Score:
    def __init__(self, table):
        self.table = table

    def of(self, hidden):
        return torch.stack([self.table[name](hidden) for name in sorted(self.table)]).sum()


def spread(hidden):
    return torch.as_tensor(np.log(np.cosh(hidden.detach().numpy())).mean())


def build():
    return Score({"spread": spread})
"""
TRAIN = """import torch
from losses import build

net = torch.nn.Linear(4, 2)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
score = build()
for _ in range(4):
    loss = score.of(net(torch.randn(8, 4))).requires_grad_()
    opt.zero_grad()
    loss.backward()
    opt.step()
"""
RIGHT_LOSSES = LOSSES.replace("np.log(np.cosh(hidden.detach().numpy()))", "torch.log(torch.cosh(hidden))")


GUARDED_LOSSES = RIGHT_LOSSES.replace("def spread", "@torch.no_grad()\ndef spread")


@pytest.mark.torch
def test_a_library_is_observed_by_the_program_that_trains_with_it(tmp_path: Path) -> None:
    def of_project(losses: str, **others: str) -> Outcome:
        texts = {"pyproject.toml": "", "losses.py": losses, "train.py": TRAIN, **others}
        for name, text in texts.items():
            (tmp_path / name).write_text(text)
        path = str(tmp_path / "losses.py")
        around = ProjectFiles({path: losses}).around(path)
        outcome = fix_source(losses, path, verifier, around=around, observe=20.0, always=True)
        assert (tmp_path / "train.py").read_text() == TRAIN
        return outcome

    with Verifier(None, timeout=90.0) as verifier:
        fixed, right = of_project(LOSSES), of_project(RIGHT_LOSSES)
        repaired = of_project(GUARDED_LOSSES)
        shared = of_project(LOSSES, **{"report.py": "import losses\n"})
        left = of_project(GUARDED_LOSSES)

    for each in (fixed, right, repaired, shared, left):
        assert_seen(each)
    assert ([each.fix.status for each in repaired.findings], repaired.text) == (["verified"], RIGHT_LOSSES)
    assert [each.fix.status for each in left.findings] == ["none"] and left.text == GUARDED_LOSSES
    assert [each.fix.status for each in fixed.findings] == ["verified"]
    assert "torch.as_tensor(torch.log(torch.cosh(hidden)).mean())" in fixed.text
    assert (right.findings, right.text) == ((), RIGHT_LOSSES)
    assert [each.fix.status for each in shared.findings] == ["none"] and shared.text == LOSSES
