"""What no tape is asked for, or plain objects hide from a model, is trained; what is left out on purpose stays."""

from __future__ import annotations

import pytest

from tests.fixes import unheld_texts as texts
from tests.fixes.conftest import Run, assert_stays, assert_told

pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]


@pytest.mark.parametrize(("text", "lines"), texts.KERAS_FIXED.values(), ids=texts.KERAS_FIXED)
def test_what_no_tape_is_asked_for_is_added(run: Run, text: str, lines: list[str]) -> None:
    assert_told(run, text, lines)


@pytest.mark.parametrize("text", texts.KERAS_RIGHT.values(), ids=texts.KERAS_RIGHT)
def test_what_is_left_out_on_purpose_stays(run: Run, text: str) -> None:
    assert_stays(run, text)
