"""Parameters collected for an optimizer are handed over where the program verifies it; what is left out stays."""

from __future__ import annotations

import pytest

from tests.fixes import uncollected_texts as texts
from tests.fixes.conftest import Run, assert_seen

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(("text", "lines"), texts.FIXED.values(), ids=texts.FIXED)
def test_what_is_collected_is_handed_over(run: Run, text: str, lines: list[str]) -> None:
    outcome = run(text)

    assert_seen(outcome)
    assert {(each.code, each.fix.status) for each in outcome.findings} == {("AF310", "verified")}, outcome.findings
    assert all(line in outcome.text for line in lines), outcome.text
    assert run(outcome.text).findings == ()


@pytest.mark.parametrize("text", texts.RIGHT.values(), ids=texts.RIGHT)
def test_what_is_left_out_on_purpose_stays(run: Run, text: str) -> None:
    outcome = run(text)

    assert_seen(outcome)
    assert (outcome.findings, outcome.text) == ((), text)
