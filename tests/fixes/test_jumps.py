"""A term of the loss that changes in jumps only is told, with the place where it begins to; other steps are right."""

from __future__ import annotations

import pytest

from autofix.source.edits import stretch_of
from tests.fixes import jump_texts as texts
from tests.fixes.conftest import Run, assert_seen, assert_stays, marked

TOLD = marked(texts.TORCH_TOLD, texts.TENSORFLOW_TOLD)
RIGHT = marked(texts.TORCH_RIGHT, texts.TENSORFLOW_RIGHT)


@pytest.mark.parametrize(("text", "code", "expression"), TOLD)
def test_a_term_that_changes_in_jumps_is_told(run: Run, text: str, code: str, expression: str) -> None:
    outcome = run(text)

    assert_seen(outcome)
    assert [(each.code, stretch_of(text, each.span)) for each in outcome.findings] == [(code, expression)]
    assert outcome.findings[0].fix.status == "none" and outcome.text == text


@pytest.mark.parametrize("text", RIGHT)
def test_steps_that_are_no_terms_stay(run: Run, text: str) -> None:
    assert_stays(run, text)
