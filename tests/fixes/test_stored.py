"""What is written into a variable and read again keeps its gradient; averages, banks and copies stay variables."""

from __future__ import annotations

import pytest

from tests.fixes import stored_texts as texts
from tests.fixes.conftest import Run, assert_fixed, assert_stays, marked


@pytest.mark.parametrize(("text", "lines"), marked(texts.TORCH_FIXED, texts.FIXED))
def test_what_a_variable_was_to_keep_has_its_gradient(run: Run, text: str, lines: list[str]) -> None:
    outcome = run(text)

    assert {each.code for each in outcome.findings} <= {"AF308", "AF103"}, outcome.findings
    assert_fixed(outcome, lines)


@pytest.mark.parametrize("text", marked(texts.TORCH_RIGHT, texts.RIGHT))
def test_numbers_that_are_kept_stay(run: Run, text: str) -> None:
    assert_stays(run, text)
