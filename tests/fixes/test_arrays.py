"""What was an array, or a leaf, in a program and is a result now: its methods and its readers are written for that."""

from __future__ import annotations

import pytest

from tests.fixes import array_texts as texts
from tests.fixes.conftest import Run, assert_fixed, assert_seen, assert_stays, marked

FIXED = marked(texts.TORCH_FIXED, texts.TENSORFLOW_FIXED)
RIGHT = marked(texts.TORCH_RIGHT, texts.TENSORFLOW_RIGHT)


@pytest.mark.parametrize(("text", "lines"), FIXED)
def test_what_is_a_tensor_now_is_written_as_one(run: Run, text: str, lines: list[str]) -> None:
    outcome = run(text)

    assert_seen(outcome)
    assert_fixed(outcome, lines)


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_right_stays(run: Run, text: str) -> None:
    assert_stays(run, text)
