"""The lines that two texts have in common: right for any texts, and as `difflib` sees them for short ones."""

from __future__ import annotations

from difflib import SequenceMatcher

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autofix.source import diff
from autofix.source.diff import changes, runs

LINES = st.lists(st.sampled_from(["", "a", "b", "c", "x = 1"]), max_size=40)
LONG = 30_000


def applied(old: list[str], new: list[str]) -> list[str]:
    """Return the old text with every change done."""
    result = list(old)
    for change in reversed(list(changes(old, new))):
        result[change.old : change.old_end] = new[change.new : change.new_end]
    return result


def check(old: list[str], new: list[str]) -> None:
    found = runs(old, new)

    assert applied(old, new) == new
    assert all(run.size and old[run.old :][: run.size] == new[run.new :][: run.size] for run in found)
    ends = [(0, 0), *((run.old + run.size, run.new + run.size) for run in found)]
    assert all(run.old >= a and run.new >= b for run, (a, b) in zip(found, ends, strict=False))


@given(LINES, LINES)
def test_the_changes_make_the_one_of_the_other(old: list[str], new: list[str]) -> None:
    check(old, new)


@given(LINES, LINES)
@settings(max_examples=200)
def test_a_text_too_long_for_difflib_is_divided_rightly(old: list[str], new: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diff, "FEW", 4)
        patch.setattr(diff, "LONG", 2)
        check(old, new)


@given(LINES, LINES)
def test_a_text_that_differs_in_too_much_counts_as_replaced(old: list[str], new: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diff, "FEW", 4)
        patch.setattr(diff, "MOST_DIFFERENCES", 1)
        check(old, new)


@pytest.mark.parametrize(
    "lines",
    [
        [f"name_{number} = {number}" for number in range(LONG)],  # all distinct
        ["x = 1"] * LONG,  # all the same
        ["a", "b", ""] * (LONG // 3),
    ],
)
def test_a_few_changes_in_a_long_text_are_found_as_they_are(lines: list[str]) -> None:
    new = ["import torch", *lines[1:100], "changed", *lines[101:20_000], *lines[20_002:], "last"]

    found = list(changes(lines, new))

    assert applied(lines, new) == new
    assert sum(each.old_end - each.old for each in found) <= 4
    assert sum(each.new_end - each.new for each in found) <= 3


def test_a_long_text_with_nothing_in_common_is_one_change() -> None:
    old, new = [f"a{number}" for number in range(3_000)], [f"b{number}" for number in range(3_000)]

    assert list(changes(old, new)) == [(0, 3_000, 0, 3_000)]


def test_short_texts_are_compared_as_difflib_does() -> None:
    old = "import a\n\ndef f(x):\n    y = g(x)\n    return y\n\n\ndef h(x):\n    return x\n".splitlines()
    new = "import b\n\ndef f(x):\n    return k(x)\n\n\ndef h(x):\n    z = x\n    return z\n".splitlines()
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()

    assert list(changes(old, new)) == [tuple(code[1:]) for code in codes if code[0] != "equal"]
