"""What stands or is kept in the wrong place in a program is repaired where the program verifies it, and else stays."""

from __future__ import annotations

import pytest

from tests.fixes import condition_texts as conditions
from tests.fixes import early_texts as early
from tests.fixes import repair_texts as texts
from tests.fixes.conftest import Run, assert_fixed, assert_stays, marked

FIXED = marked(
    {**texts.TORCH_FIXED, **early.TORCH_FIXED, **conditions.TORCH_FIXED},
    {**texts.TENSORFLOW_FIXED, **early.TENSORFLOW_FIXED},
)
RIGHT = marked(
    {**texts.TORCH_RIGHT, **early.TORCH_RIGHT, **conditions.TORCH_RIGHT},
    {**texts.TENSORFLOW_RIGHT, **early.TENSORFLOW_RIGHT},
)


SAID = marked(early.TORCH_SAID, early.TENSORFLOW_SAID)


@pytest.mark.parametrize(("text", "lines"), FIXED)
def test_what_keeps_the_gradient_away_is_repaired(run: Run, text: str, lines: list[str]) -> None:
    outcome = run(text)

    assert_fixed(outcome, lines)


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_right_stays(run: Run, text: str) -> None:
    assert_stays(run, text)


@pytest.mark.parametrize(("text", "code", "line"), SAID)
def test_what_a_program_raises_for_want_of_a_gradient_is_said(run: Run, text: str, code: str, line: str) -> None:
    (finding,) = run(text).findings

    assert finding.code == code
    assert line in text.splitlines()[finding.span.line - 1]


@pytest.mark.torch
def test_what_one_block_keeps_from_being_recorded_is_one_finding(run: Run) -> None:
    text, _ = texts.TORCH_FIXED["a decorator on what is trained"]
    more = "h = self.a(x)\n        return h * torch.sigmoid(self.a(h[:, :1].expand(-1, 4)))"
    text = text.replace("return self.a(x)", more)
    (finding,) = run(text).findings

    assert finding.code == "AF109" and finding.fix.status == "verified"
