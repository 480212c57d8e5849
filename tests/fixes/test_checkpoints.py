"""Checkpointing that records nothing of what is trained is told not to be re-entrant; what is right stays."""

from __future__ import annotations

import pytest

from tests.fixes import checkpoint_texts as texts
from tests.fixes.conftest import Run, assert_fixed, assert_stays

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(("text", "lines"), texts.FIXED.values(), ids=texts.FIXED)
def test_checkpointing_that_records_nothing_is_fixed(run: Run, text: str, lines: list[str]) -> None:
    outcome = run(text)

    assert_fixed(outcome, lines)
    assert {each.code for each in outcome.findings} == {"AF109"}


@pytest.mark.parametrize("text", texts.RIGHT.values(), ids=texts.RIGHT)
def test_checkpointing_that_is_right_stays(run: Run, text: str) -> None:
    assert_stays(run, text)


def test_it_is_said_which_checkpointing_records_nothing(run: Run) -> None:
    text, _ = texts.FIXED["the first layer alone, on data, by default"]
    (finding,) = run(text).findings

    assert finding.message.startswith("`checkpoint(self.embed, x)` records nothing: re-entrant checkpointing needs")
    assert "checkpoint(self.embed, x)" in text.splitlines()[finding.span.line - 1]
