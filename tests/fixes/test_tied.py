"""A parameter that is made of another one is computed from it before each pass; one that only starts so stays."""

from __future__ import annotations

import pytest

from tests.fixes import tied_texts as texts
from tests.fixes.conftest import Run, assert_fixed, assert_stays

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(("text", "lines"), texts.FIXED.values(), ids=texts.FIXED)
def test_a_parameter_that_is_made_of_another_one_is_computed_by_each_pass(
    run: Run, text: str, lines: list[str]
) -> None:
    outcome = run(text)

    assert_fixed(outcome, lines)
    assert {each.code for each in outcome.findings} == {"AF105"}


@pytest.mark.parametrize("text", texts.RIGHT.values(), ids=texts.RIGHT)
def test_a_parameter_that_only_starts_so_stays(run: Run, text: str) -> None:
    assert_stays(run, text)
