"""A gradient by a part of a tensor is taken by the tensor, and the part selected from it; what is right stays."""

from __future__ import annotations

import pytest

from tests.fixes import selection_texts as texts
from tests.fixes.conftest import Run, assert_fixed, assert_stays, marked


@pytest.mark.parametrize(("text", "lines"), marked(texts.FIXED, texts.TENSORFLOW_FIXED))
def test_a_gradient_by_a_part_is_selected_from_that_by_the_whole(run: Run, text: str, lines: list[str]) -> None:
    outcome = run(text)

    assert_fixed(outcome, lines)
    assert {each.code for each in outcome.findings} == {"AF312"}


@pytest.mark.parametrize("text", marked(texts.RIGHT, texts.TENSORFLOW_RIGHT))
def test_what_is_asked_for_rightly_stays(run: Run, text: str) -> None:
    assert_stays(run, text)
