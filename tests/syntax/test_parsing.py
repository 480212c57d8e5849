"""A text is parsed once for each of its states, and nobody changes the tree that all share."""

from __future__ import annotations

import ast
import operator
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from autofix.analysis.looks import Looks
from autofix.model import OwnRules
from autofix.pipeline import fix_source
from autofix.syntax.parsing import parsed
from tests.rewrite.test_readers import Trusting

FIXTURES = sorted((Path(__file__).parents[2] / "fixtures").glob("*_broken.py"))


def text_of(fixture: Path) -> str:
    """The text of a fixture, as no other test reads it."""
    return fixture.read_text() + "# parsed once\n"


@cache
def fixed(fixture: Path) -> tuple[str, Counter[str], ast.Module]:
    """The text with its fixes, how often each text was parsed on the way, and the tree of the original."""
    text, own, times = text_of(fixture), ast.parse, Counter[str]()

    def counted(source: str, *rest: object, **named: object) -> ast.AST:
        times[source] += 1
        return own(source, *rest, **named)  # type: ignore[call-overload, no-any-return]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ast, "parse", counted)
        shared = parsed(text)
        outcome = fix_source(text, fixture.name, Trusting())
        assert parsed(text) is shared
    return outcome.text, times, shared


@pytest.mark.slow
@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_the_text_of_a_file_is_parsed_once(fixture: Path) -> None:
    text, (patched, times, _) = text_of(fixture), fixed(fixture)

    assert patched != text
    assert times[text] == 1
    assert times[patched] == 1


@pytest.mark.slow
@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_the_tree_is_as_it_was_parsed_when_all_is_done(fixture: Path) -> None:
    text, (*_, shared) = text_of(fixture), fixed(fixture)

    assert ast.dump(shared, include_attributes=True) == ast.dump(ast.parse(text), include_attributes=True)


def test_a_text_is_looked_at_once() -> None:
    look = Looks(OwnRules(), None)
    text = FIXTURES[0].read_text()

    assert all(map(operator.is_, look.faults(text), look.faults(text)))


def test_a_tree_in_use_is_the_same_however_many_texts_are_read_meanwhile() -> None:
    tree = parsed("x = 1")
    for number in range(100):
        parsed(f"y = {number}")

    assert parsed("x = 1") is tree
    assert parsed("x = 2") is not tree


def test_what_is_no_python_is_raised_each_time() -> None:
    for _ in range(2):
        with pytest.raises(SyntaxError):
            parsed("def (")
