"""Values that a program keeps in a container are made one tensor with their gradient, and nothing else is changed."""

from __future__ import annotations

import pytest

from tests.fixes import memory_texts as texts
from tests.fixes.conftest import Run, assert_stays

KEPT = [pytest.param(*case, marks=pytest.mark.torch, id=name) for name, case in texts.KEPT.items()]
RIGHT = [pytest.param(text, marks=pytest.mark.torch, id=name) for name, text in texts.RIGHT.items()]


@pytest.mark.parametrize(("text", "line"), KEPT)
def test_what_is_kept_in_a_container_keeps_its_gradient(run: Run, text: str, line: str) -> None:
    outcome = run(text)

    assert [each.fix.status for each in outcome.findings] == ["verified"], outcome.findings
    assert line in outcome.text, outcome.text
    assert "(log_probs * advantage.detach()).mean()" in outcome.text, outcome.text


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_kept_as_it_is_meant_stays(run: Run, text: str) -> None:
    assert_stays(run, text)
