"""A term that changes with what is trained gets its gradient back; what is held constant on purpose stays so."""

from __future__ import annotations

import pytest

from tests.fixes import term_texts as texts
from tests.fixes.conftest import Run, assert_stays

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
def test_a_term_that_is_cut_far_from_its_sum_gets_its_gradient_back(run: Run, text: str, line: str) -> None:
    outcome = run(text)

    assert outcome.findings and all(each.fix.status == "verified" for each in outcome.findings), outcome.findings
    assert line in outcome.text, outcome.text


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_held_constant_on_purpose_stays(run: Run, text: str) -> None:
    assert_stays(run, text)
