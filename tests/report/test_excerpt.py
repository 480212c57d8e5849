"""The source lines below a finding: what a reader sees, at several widths, character by character."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from autofix.model import Explanation, Finding, Span, Step
from autofix.report.text import columns, excerpt
from tests.report.samples import REJECTED


def plain(text: str, colour: str) -> str:
    return text


def bright(text: str, colour: str) -> str:
    return f"\033[{colour}m{text}\033[0m"


def shown(
    *steps: tuple[int, str, str], width: int = 80, paint: Callable[[str, str], str] = plain, cell: int | None = None
) -> list[str]:
    """Return the excerpt for stations given by their line, its source and their name; the last is the fault."""
    trail = tuple(_step(*each, cell) for each in steps)
    said = Explanation("it ends", trail, "the gradient is lost here")
    finding: Finding = replace(REJECTED, span=trail[-1].span, cell=cell, explanation=said)
    return list(excerpt(finding, width, paint))


def _step(line: int, source: str, name: str, cell: int | None = None) -> Step:
    column = source.rindex(name) + 1
    return Step(name, Span(line, column, line, column + len(name)), source, cell)


DEF = (7, "def loss(y_pred, y_true):", "y_pred")
CUT = (9, "    return np.mean(np.abs(p))", "np.abs(p)")


def test_the_way_is_written_under_the_place() -> None:
    assert shown(DEF, (8, "    p = y_pred * 2", "p"), CUT) == [
        "7 | def loss(y_pred, y_true):",
        "8 |     p = y_pred * 2",
        "9 |     return np.mean(np.abs(p))",
        "  |                    ^^^^^^^^^ y_pred → p → the gradient is lost here",
    ]


def test_without_a_way_the_place_alone() -> None:
    assert shown(CUT) == [
        "9 |     return np.mean(np.abs(p))",
        "  |                    ^^^^^^^^^ the gradient is lost here",
    ]


@pytest.mark.parametrize("explanation", [None, Explanation("it ends", (), "here")])
def test_nothing_where_nothing_is_known(explanation: Explanation | None) -> None:
    assert list(excerpt(replace(REJECTED, explanation=explanation), 80, plain)) == []


def test_stations_on_one_line_and_a_name_that_is_bound_again() -> None:
    line = (7, "loss = lambda p: np.abs(p)", "p")

    assert shown((7, "loss = lambda p: np.abs(p)", "lambda p"), line) == [
        "7 | loss = lambda p: np.abs(p)",
        "  |                         ^ lambda p → the gradient is lost here",
    ]
    assert shown((7, "d = a", "d"), (8, "d = d * 2", "d"), (9, "np.abs(d)", "np.abs(d)"))[-1] == (
        "  | ^^^^^^^^^ d → the gradient is lost here"
    )


def test_a_long_way_is_shortened_in_the_middle() -> None:
    names = [(line, f"    {name} = 1", name) for line, name in enumerate("abcdefg", 8)]

    assert shown(DEF, *names, (20, "    np.exp(g)", "np.exp(g)"), width=60) == [
        " 7 | def loss(y_pred, y_true):",
        " 8 |     a = 1",
        " …",
        "14 |     g = 1",
        "20 |     np.exp(g)",
        "   |     ^^^^^^^^^",
        "   |     y_pred → a → … → f → g → the gradient is lost here",
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("before", [0, 30, 70, 200])
@pytest.mark.parametrize("after", [0, 30, 200])
def test_a_long_line_is_cut_around_the_place(width: int, before: int, after: int) -> None:
    source = f"    {'a' * before} + np.abs(p) + {'b' * after}"
    _, line, *under = shown(DEF, (9, source, "np.abs(p)"), width=width)

    assert all(columns(each) <= width for each in (line, *under))
    carets = re.search(r"\^+", under[0])
    assert carets is not None and line[carets.start() : carets.end()] == "np.abs(p)"


def test_a_place_longer_than_the_screen_is_marked_as_far_as_it_is_shown() -> None:
    line, marks, note = shown((9, f"    np.mean({'a' * 90})", f"np.mean({'a' * 90})"), width=60)

    assert len(line) <= 60 and line.endswith("…") and len(marks) <= 60
    assert re.fullmatch(r" +\| +the gradient is lost here", note)


def test_tabs_and_wide_characters_keep_the_marks_in_place() -> None:
    assert shown((9, "\t\tx = np.abs(p)", "np.abs(p)"))[1] == "  |             ^^^^^^^^^ the gradient is lost here"
    line, marks = shown((9, '名 = "幅" + np.abs(誤差)', "np.abs(誤差)"))
    assert columns(line[: line.index("np")]) == marks.index("^")
    assert marks.count("^") == columns("np.abs(誤差)") == 12


def test_a_place_over_several_lines_is_marked_to_the_end_of_the_first() -> None:
    step = Step("np.abs( p )", Span(9, 5, 11, 6), "    np.abs(")
    finding = replace(REJECTED, span=step.span, explanation=Explanation("it ends", (step,), "here"))

    assert list(excerpt(finding, 80, plain)) == ["9 |     np.abs(", "  |     ^^^^^^^ here"]


def test_in_a_notebook_the_cell_is_named() -> None:
    assert shown(DEF, CUT, cell=3)[0] == "cell 3:7 | def loss(y_pred, y_true):"


def test_what_is_lost_in_a_block_comes_after_it() -> None:
    block, lost = _step(5, "with torch.no_grad():", "torch.no_grad()"), _step(6, "    out = net(x)", "net(x)")
    said = Explanation("nothing is recorded", (block, lost), "nothing in here is recorded")

    assert list(excerpt(replace(REJECTED, span=block.span, explanation=said), 80, plain)) == [
        "5 | with torch.no_grad():",
        "  |      ^^^^^^^^^^^^^^^ nothing in here is recorded",
        "6 |     out = net(x)",
    ]


@pytest.mark.parametrize("width", [40, 80])
def test_colour_changes_no_character(width: int) -> None:
    way = (DEF, (8, "    p = y_pred * 2", "p"), CUT)
    coloured = shown(*way, width=width, paint=bright)

    assert [re.sub(r"\033\[[\d;]+m", "", line) for line in coloured] == shown(*way, width=width)
    assert any("\033[36my_pred\033[0m" in line for line in coloured)
    assert any("\033[31;1mnp.abs(p)\033[0m" in line for line in coloured)
