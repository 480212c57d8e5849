"""Surrogates: offered with `--unsafe-fixes` alone, and only where the program shows what they do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from autofix.lsp.checker import _own
from autofix.model import Outcome, OwnRules
from autofix.pipeline import fix_source
from autofix.source.settings import Settings
from autofix.verify.verifier import Verifier
from tests.fixes.surrogate_texts import (
    TENSORFLOW_FAULTY,
    TENSORFLOW_RIGHT,
    TORCH_FAULTY,
    TORCH_RIGHT,
    UNFIXABLE,
)

Unsafe = Callable[[str, bool], Outcome]
SAID = re.compile(
    r"value [-\d.e+]+, "
    r"((?:as|the mean of) the original's|the original's [-\d.e+]+, difference [\d.e-]+ at a temperature of [\d.e-]+); "
    r"gradients reach (\d+) of \2 parameters? \(before: none\); "
    r"\d+ steps along it lower (?:the original's value|that mean) from ([-\d.e+]+) to ([-\d.e+]+)"
)


@pytest.fixture(scope="module")
def unsafe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unsafe]:
    """Take a program through the whole of autofix, with or without unsafe fixes."""
    project = tmp_path_factory.mktemp("project")
    (project / "pyproject.toml").write_text("[project]\nname = 'programs'\n")
    number = iter(range(1000))

    def ran(text: str, asked: bool) -> Outcome:
        path = project / f"train{next(number)}.py"
        path.write_text(text)
        return fix_source(text, str(path), verifier, own=OwnRules(unsafe=asked), observe=60.0, always=True)

    with Verifier(None, timeout=90.0) as verifier:
        yield ran


def assert_surrogate(outcome: Outcome) -> None:
    """All that is found has one surrogate, and what was seen of it is said."""
    fixes = {each.fix for each in outcome.findings}

    assert {(each.status, each.safety) for each in fixes} == {("verified", "unsafe")}, outcome.findings
    (fix,) = fixes
    assert fix.evidence is not None
    said = SAID.fullmatch(fix.evidence.surrogate)
    assert said is not None, fix.evidence.surrogate
    assert float(said[4]) < float(said[3])


@pytest.mark.torch
@pytest.mark.slow
@pytest.mark.parametrize("name", TORCH_FAULTY)
def test_a_surrogate_is_offered_where_the_program_shows_that_it_trains(unsafe: Unsafe, name: str) -> None:
    assert_surrogate(unsafe(TORCH_FAULTY[name], True))


@pytest.mark.tensorflow
@pytest.mark.slow
@pytest.mark.parametrize("name", TENSORFLOW_FAULTY)
def test_a_surrogate_is_offered_in_tensorflow(unsafe: Unsafe, name: str) -> None:
    assert_surrogate(unsafe(TENSORFLOW_FAULTY[name], True))


@pytest.mark.torch
def test_nothing_is_offered_without_being_asked_for(unsafe: Unsafe) -> None:
    text = TORCH_FAULTY["accuracy"]
    outcome = unsafe(text, False)

    assert outcome.text == text
    assert outcome.findings and all(each.fix.status == "none" for each in outcome.findings)


@pytest.mark.torch
def test_what_a_comment_silences_stays(unsafe: Unsafe) -> None:
    text = TORCH_FAULTY["accuracy"].replace("argmax(dim=1)", "argmax(dim=1)  # autofix: ignore")

    assert unsafe(text, True).text == text


def test_an_editor_offers_none() -> None:
    assert not _own(Settings(unsafe_fixes=True)).unsafe


@pytest.mark.torch
@pytest.mark.parametrize("name", TORCH_RIGHT)
def test_what_is_right_stays(unsafe: Unsafe, name: str) -> None:
    outcome = unsafe(TORCH_RIGHT[name], True)

    assert (outcome.findings, outcome.text) == ((), TORCH_RIGHT[name])


@pytest.mark.tensorflow
@pytest.mark.slow
@pytest.mark.parametrize("name", TENSORFLOW_RIGHT)
def test_what_is_right_in_tensorflow_stays(unsafe: Unsafe, name: str) -> None:
    outcome = unsafe(TENSORFLOW_RIGHT[name], True)

    assert (outcome.findings, outcome.text) == ((), TENSORFLOW_RIGHT[name])


@pytest.mark.torch
@pytest.mark.parametrize("name", UNFIXABLE)
def test_what_has_none_that_holds_says_why(unsafe: Unsafe, name: str) -> None:
    outcome = unsafe(UNFIXABLE[name], True)

    assert outcome.text == UNFIXABLE[name]
    assert outcome.findings and all(each.fix.status == "none" for each in outcome.findings)
