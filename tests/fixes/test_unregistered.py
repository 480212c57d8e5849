"""What a model trains and does not register is registered where the program verifies it; what is kept apart stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from autofix.analysis.project import ProjectFiles
from autofix.pipeline import fix_source
from autofix.verify.verifier import Verifier
from tests.fixes import unregistered_texts as texts
from tests.fixes.conftest import Run, assert_stays, assert_told
from tests.fixes.program_texts import OF_NET, torch_program

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(("text", "lines"), texts.FIXED.values(), ids=texts.FIXED)
def test_parts_that_no_optimizer_is_told_of_are_registered(run: Run, text: str, lines: list[str]) -> None:
    outcome = assert_told(run, text, lines)

    assert run(outcome.text).findings == ()


@pytest.mark.parametrize("text", texts.RIGHT.values(), ids=texts.RIGHT)
def test_what_is_kept_apart_on_purpose_stays(run: Run, text: str) -> None:
    assert_stays(run, text)


MODEL = """import torch.nn as nn


class Tower(nn.Module):
    def __init__(self, dim, depth):
        super().__init__()
        self.first = nn.Linear(3, dim)
        self.blocks = [self._block(dim) for _ in range(depth)]
        self.last = nn.Linear(dim, 1)

    def _block(self, dim):
        return nn.Sequential(nn.Linear(dim, dim), nn.GELU())

    def forward(self, x):
        x = self.first(x)
        for block in self.blocks:
            x = x + block(x)
        return self.last(x)
"""
TRAIN = """import torch
from model import Tower

net = Tower(8, 3)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(32, 3)
for _ in range(20):
    loss = ((net(x) - x.sum(1, keepdim=True)) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
"""


def test_a_model_in_a_file_of_its_own_is_fixed_there(tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("pyproject.toml", "model.py", "train.py")}
    for path, text in zip(files.values(), ("", MODEL, TRAIN), strict=True):
        path.write_text(text)
    with Verifier(None, timeout=90.0) as verifier:
        model, train = (
            fix_source(text, path, verifier, around=ProjectFiles({path: text}).around(path), observe=20.0, always=True)
            for path, text in ((str(files["model.py"]), MODEL), (str(files["train.py"]), TRAIN))
        )

    assert [(each.code, each.fix.status) for each in model.findings] == [("AF310", "verified")]
    assert "self.blocks = nn.ModuleList([self._block(dim) for _ in range(depth)])" in model.text
    (finding,) = train.findings
    assert (finding.span.line, finding.fix.status, train.text) == (5, "none", TRAIN)
    assert "`autofix model.py train.py`" in finding.fix.reason


EMPTY = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
"""


def test_an_optimizer_that_would_get_nothing_gets_what_is_registered(run: Run) -> None:
    outcome = run(torch_program(EMPTY, OF_NET))

    assert [(each.code, each.fix.status) for each in outcome.findings] == [("AF310", "verified")]
    assert "self.layers = nn.ModuleList([nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)])" in outcome.text


def test_a_penalty_of_all_parameters_is_another_loss_with_more_of_them(run: Run) -> None:
    text, _ = texts.FIXED["a comprehension"]
    text = text.replace("(net(x), y)\n", "(net(x), y) + 0.1 * sum(p.pow(2).sum() for p in net.parameters())\n")
    outcome = run(text)

    assert [(each.code, each.fix.status) for each in outcome.findings] == [("AF310", "none")] and outcome.text == text
