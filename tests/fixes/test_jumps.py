"""A term of the loss that changes in jumps only is told, with the place where it begins to; other steps are right."""

from __future__ import annotations

import pytest

from autofix.source.edits import stretch_of
from tests.fixes import jump_texts as texts
from tests.fixes.conftest import Run, assert_seen, assert_stays

TOLD = [
    *(pytest.param(*case, marks=pytest.mark.torch, id=f"torch: {name}") for name, case in texts.TORCH_TOLD.items()),
    *(
        pytest.param(*case, marks=[pytest.mark.tensorflow, pytest.mark.slow], id=f"tensorflow: {name}")
        for name, case in texts.TENSORFLOW_TOLD.items()
    ),
]
RIGHT = [
    *(pytest.param(text, marks=pytest.mark.torch, id=f"torch: {name}") for name, text in texts.TORCH_RIGHT.items()),
    *(
        pytest.param(text, marks=[pytest.mark.tensorflow, pytest.mark.slow], id=f"tensorflow: {name}")
        for name, text in texts.TENSORFLOW_RIGHT.items()
    ),
]


@pytest.mark.parametrize(("text", "code", "expression"), TOLD)
def test_a_term_that_changes_in_jumps_is_told(run: Run, text: str, code: str, expression: str) -> None:
    outcome = run(text)

    assert_seen(outcome)
    assert [(each.code, stretch_of(text, each.span)) for each in outcome.findings] == [(code, expression)]
    assert outcome.findings[0].fix.status == "none" and outcome.text == text


@pytest.mark.parametrize("text", RIGHT)
def test_steps_that_are_no_terms_stay(run: Run, text: str) -> None:
    assert_stays(run, text)
