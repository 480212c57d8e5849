"""What a program makes to be trained is handed to its optimizer; what is left out on purpose stays."""

from __future__ import annotations

import pytest

from tests.fixes import unheld_texts as texts
from tests.fixes.conftest import Run, assert_stays, assert_told

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(("text", "lines"), texts.FIXED.values(), ids=texts.FIXED)
def test_what_no_optimizer_holds_is_handed_over(run: Run, text: str, lines: list[str]) -> None:
    outcome = assert_told(run, text, lines)

    assert run(outcome.text).findings == ()


@pytest.mark.parametrize("text", texts.RIGHT.values(), ids=texts.RIGHT)
def test_what_is_left_out_on_purpose_stays(run: Run, text: str) -> None:
    assert_stays(run, text)
