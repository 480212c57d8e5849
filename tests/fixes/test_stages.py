"""A program that trains in stages is seen in later ones, too: a fault there is fixed, what is meant there stays."""

from __future__ import annotations

import pytest

from tests.fixes import stage_texts as texts
from tests.fixes.conftest import Run, assert_fixed, assert_seen, assert_stays, marked

FIXED = marked(texts.TORCH_FIXED, texts.TENSORFLOW_FIXED)
RIGHT = marked(texts.TORCH_RIGHT, texts.TENSORFLOW_RIGHT)


@pytest.mark.parametrize(("text", "line"), FIXED)
def test_a_fault_of_a_later_stage_is_fixed(run: Run, text: str, line: str) -> None:
    outcome = run(text)

    assert_seen(outcome)
    assert_fixed(outcome, [line])


@pytest.mark.parametrize("text", RIGHT)
def test_what_a_later_stage_holds_constant_stays(run: Run, text: str) -> None:
    assert_stays(run, text)
