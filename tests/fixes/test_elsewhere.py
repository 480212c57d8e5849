"""An optimizer takes the model that the loss is computed from; one that has it, and any second model, stay."""

from __future__ import annotations

import pytest

from tests.fixes import elsewhere_texts as texts
from tests.fixes.conftest import Run, assert_stays, assert_told, marked


@pytest.mark.parametrize(("text", "lines"), marked(texts.FIXED, texts.KERAS_FIXED))
def test_an_optimizer_takes_the_model_in_use(run: Run, text: str, lines: list[str]) -> None:
    assert_told(run, text, lines)


@pytest.mark.parametrize("text", marked(texts.RIGHT, texts.KERAS_RIGHT))
def test_an_optimizer_that_has_the_model_in_use_stays(run: Run, text: str) -> None:
    assert_stays(run, text)


@pytest.mark.torch
@pytest.mark.parametrize("text", texts.LEFT.values(), ids=texts.LEFT)
def test_what_is_not_meant_to_be_trained_is_given_to_no_optimizer(run: Run, text: str) -> None:
    outcome = run(text)

    assert {(each.code, each.fix.status) for each in outcome.findings} == {("AF310", "none")}
    assert outcome.text == text
