"""A model that is trained through the steps of a copy takes them on tensors; what only uses a copy stays."""

from __future__ import annotations

import pytest

from tests.fixes import adapted_texts as texts
from tests.fixes.conftest import Run, assert_fixed, assert_stays

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(("text", "lines"), texts.FIXED.values(), ids=texts.FIXED)
def test_the_steps_of_a_copy_are_taken_on_tensors(run: Run, text: str, lines: list[str]) -> None:
    outcome = run(text)

    assert_fixed(outcome, lines)
    assert {each.code for each in outcome.findings} == {"AF103"}


@pytest.mark.parametrize("text", texts.RIGHT.values(), ids=texts.RIGHT)
def test_a_copy_that_is_not_differentiated_through_stays(run: Run, text: str) -> None:
    assert_stays(run, text)


@pytest.mark.parametrize(("text", "code", "line"), texts.SAID.values(), ids=texts.SAID)
def test_steps_of_other_optimizers_are_left_to_the_author(run: Run, text: str, code: str, line: str) -> None:
    (finding,) = run(text).findings

    assert (finding.code, finding.fix.status) == (code, "none")
    assert line in text.splitlines()[finding.span.line - 1]
    assert "functional_call" in str(finding.fix.reason)
