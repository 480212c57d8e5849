"""A program that trains in stages is seen in later ones, too: a fault there is fixed, what is meant there stays."""

from __future__ import annotations

import pytest

from tests.fixes import stage_texts as texts
from tests.fixes.conftest import Run, assert_seen, assert_stays

FIXED = [
    *(pytest.param(*case, marks=pytest.mark.torch, id=f"torch: {name}") for name, case in texts.TORCH_FIXED.items()),
    *(
        pytest.param(*case, marks=[pytest.mark.tensorflow, pytest.mark.slow], id=f"tensorflow: {name}")
        for name, case in texts.TENSORFLOW_FIXED.items()
    ),
]
RIGHT = [
    *(pytest.param(text, marks=pytest.mark.torch, id=f"torch: {name}") for name, text in texts.TORCH_RIGHT.items()),
    *(
        pytest.param(text, marks=[pytest.mark.tensorflow, pytest.mark.slow], id=f"tensorflow: {name}")
        for name, text in texts.TENSORFLOW_RIGHT.items()
    ),
]


@pytest.mark.parametrize(("text", "line"), FIXED)
def test_a_fault_of_a_later_stage_is_fixed(run: Run, text: str, line: str) -> None:
    outcome = run(text)

    assert_seen(outcome)
    assert outcome.findings and all(each.fix.status == "verified" for each in outcome.findings), outcome.findings
    assert line in outcome.text, outcome.text


@pytest.mark.parametrize("text", RIGHT)
def test_what_a_later_stage_holds_constant_stays(run: Run, text: str) -> None:
    assert_stays(run, text)
