"""A step by hand that forgets what is trained is repaired where the program verifies it; others stay."""

from __future__ import annotations

import pytest

from tests.fixes import rebound_texts as texts
from tests.fixes.conftest import Run, assert_seen, assert_stays, marked

FIXED = marked(texts.TORCH_FIXED, texts.TENSORFLOW_FIXED)
RIGHT = marked(texts.TORCH_RIGHT, texts.TENSORFLOW_RIGHT)


@pytest.mark.parametrize(("text", "lines"), FIXED)
def test_what_is_trained_stays_what_it_is(run: Run, text: str, lines: list[str]) -> None:
    outcome = run(text)

    assert_seen(outcome)
    assert {(each.code, each.fix.status) for each in outcome.findings} == {("AF312", "verified")}, outcome.findings
    assert all(line in outcome.text for line in lines), outcome.text


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_right_stays(run: Run, text: str) -> None:
    assert_stays(run, text)
