"""A state that goes from step to step is detached where a step begins; one that begins anew, or is let go, stays."""

from __future__ import annotations

import pytest

from tests.fixes import carried_texts as texts
from tests.fixes.conftest import Run, assert_fixed, assert_seen, assert_stays

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(("text", "lines"), texts.FIXED.values(), ids=texts.FIXED)
def test_a_state_leaves_the_graph_of_the_step_before(run: Run, text: str, lines: list[str]) -> None:
    outcome = run(text)

    assert_seen(outcome)
    assert_fixed(outcome, lines)
    assert {each.code for each in outcome.findings} == {"AF311"}
    assert len(outcome.text.splitlines()) == len(text.splitlines()) + 1


@pytest.mark.parametrize("text", texts.RIGHT.values(), ids=texts.RIGHT)
def test_a_state_that_is_let_go_stays(run: Run, text: str) -> None:
    assert_stays(run, text)
