"""What comments decide: a constant that looks like a fault, a fault that looks like a constant; no excuse if strict."""

from __future__ import annotations

import ast

import pytest

from autofix.analysis.finding.search import diagnose
from autofix.analysis.looks import Looks
from autofix.model import Demands, OwnRules

LOSS = """import numpy as np
import torch

def weighted_loss(p, t):
    {line}
    return (w * (p - t) ** 2).mean()

model = torch.nn.Linear(3, 1)
for x, y in batches:
    weighted_loss(model(x), y).backward()
"""
KEPT = {
    "detached": ("w = (p - t).abs().detach()", "AF103"),
    "a number": ("w = (p - t).abs().mean().item()", "AF104"),
    "an array": ("w = torch.from_numpy((p - t).abs().detach().numpy())", "AF102"),
    "data": ("w = (p - t).abs().data", "AF103"),
    "not recorded": ("with torch.no_grad():{comment}\n        w = (p - t).abs()", "AF109"),
}
LOST = {
    "numpy": ("w = np.square(p)", "AF101"),
    "copied": ("w = torch.tensor((p - t).abs()) + 0.0", "AF105"),
}


def found(line: str, comment: str, demands: Demands = "named") -> list[str]:
    line = line.replace("{comment}", comment) if "{comment}" in line else line + comment
    text = LOSS.replace("{line}", line)
    faults = diagnose(ast.parse(text), text, OwnRules(demands=demands))
    return sorted({cut.code for each in faults for cut in each.cuts})


@pytest.mark.parametrize(("line", "code"), KEPT.values(), ids=KEPT)
def test_what_may_be_meant_is_a_fault_where_a_comment_says_so(line: str, code: str) -> None:
    assert found(line, "") == []
    assert found(line, "  # autofix: differentiate") == [code]
    assert found(line, "", "all") == [code]
    assert found(line, "", "conversions") == ([code] if code in ("AF102", "AF104") else [])


@pytest.mark.parametrize(("line", "code"), LOST.values(), ids=LOST)
def test_what_is_lost_is_none_where_a_comment_says_so(line: str, code: str) -> None:
    assert code in found(line, "")
    assert found(line, "  # autofix: constant") == []
    assert found(line, "  # autofix: constant", "all") == []


@pytest.mark.parametrize("line", [line for line, _ in KEPT.values()])
def test_a_comment_on_another_line_decides_nothing(line: str) -> None:
    text = LOSS.replace("{line}", line.replace("{comment}", ""))
    text = text.replace(".mean()\n\nmodel", ".mean()  # autofix: differentiate\n\nmodel")

    assert "differentiate" in text and diagnose(ast.parse(text), text) == ()


@pytest.mark.parametrize("name", ["target", "teacher_out", "advantage"])
def test_a_target_by_its_name_is_one_unless_a_comment_says_otherwise(name: str) -> None:
    line = f"{name} = p.detach() * 2{{comment}}\n    w = {name}"

    assert found(line, "") == []
    assert found(line, "  # autofix: differentiate") == ["AF103"]


def test_strict_looks_give_what_is_found_beside_the_others() -> None:
    lost = "def mae_loss(p, t):\n    return torch.tensor(np.abs(p.detach().numpy() - t.numpy()).mean())\n"
    text = LOSS.replace("{line}", KEPT["detached"][0]) + lost
    look = Looks()

    assert [each.loss for each in look.faults(text)] == ["mae_loss"]
    assert [each.loss for each in look.strictly().faults(text)] == ["weighted_loss"]
    assert look.strictly().faults(lost) == ()
