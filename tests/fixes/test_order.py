"""Gradients that are cleared before the step are cleared elsewhere; right orders, whatever they are, stay."""

from __future__ import annotations

import pytest

from tests.fixes import order_texts as texts
from tests.fixes.conftest import Run, assert_stays, assert_told

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(("text", "lines"), texts.FIXED.values(), ids=texts.FIXED)
def test_what_is_cleared_before_the_step_is_cleared_elsewhere(run: Run, text: str, lines: list[str]) -> None:
    outcome = assert_told(run, text, lines)

    assert outcome.text.count("zero_grad") <= text.count("zero_grad")


@pytest.mark.parametrize("text", texts.RIGHT.values(), ids=texts.RIGHT)
def test_an_optimizer_that_finds_a_gradient_stays_as_it_is(run: Run, text: str) -> None:
    assert_stays(run, text)
