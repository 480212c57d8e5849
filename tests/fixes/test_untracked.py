"""What a layer of Keras trains and does not track is made a variable of Keras; what is kept apart stays."""

from __future__ import annotations

import pytest

from tests.fixes import untracked_texts as texts
from tests.fixes.conftest import Run, assert_stays, assert_told

pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]


@pytest.mark.parametrize(("text", "lines"), texts.FIXED.values(), ids=texts.FIXED)
def test_variables_that_no_optimizer_is_told_of_are_tracked(run: Run, text: str, lines: list[str]) -> None:
    assert_told(run, text, lines)


@pytest.mark.parametrize("text", texts.RIGHT.values(), ids=texts.RIGHT)
def test_what_is_kept_apart_on_purpose_stays(run: Run, text: str) -> None:
    assert_stays(run, text)
