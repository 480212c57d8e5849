"""A model that makes parameters in its first pass makes it before its optimizer; what is right stays."""

from __future__ import annotations

import pytest

from tests.fixes import born_texts as texts
from tests.fixes.conftest import Run, assert_stays, assert_told

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(("text", "lines"), texts.FIXED.values(), ids=texts.FIXED)
def test_a_first_pass_makes_the_parameters_before_the_optimizer(run: Run, text: str, lines: list[str]) -> None:
    outcome = assert_told(run, text, lines)

    assert run(outcome.text).findings == ()


@pytest.mark.parametrize("text", texts.RIGHT.values(), ids=texts.RIGHT)
def test_parameters_that_come_in_time_or_are_not_to_be_trained_stay(run: Run, text: str) -> None:
    assert_stays(run, text)
