"""A term that changes with what is trained gets its gradient back; what is held constant on purpose stays so."""

from __future__ import annotations

import pytest

from tests.fixes import term_texts as texts
from tests.fixes.conftest import Run, assert_fixed, assert_stays, marked

FIXED = marked(texts.TORCH_FIXED, texts.TENSORFLOW_FIXED)
RIGHT = marked(texts.TORCH_RIGHT, texts.TENSORFLOW_RIGHT)


@pytest.mark.parametrize(("text", "line"), FIXED)
def test_a_term_that_is_cut_far_from_its_sum_gets_its_gradient_back(run: Run, text: str, line: str) -> None:
    outcome = run(text)

    assert_fixed(outcome, [line])


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_held_constant_on_purpose_stays(run: Run, text: str) -> None:
    assert_stays(run, text)
