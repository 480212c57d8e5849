"""Workflow commands: one line each, with everything escaped that would end one early."""

from __future__ import annotations

from dataclasses import replace

from autofix.model import Problem, Span
from autofix.report.github import report
from tests.report.samples import NUMPY, ROUNDED


def test_a_finding_is_an_error_at_its_place() -> None:
    assert report([ROUNDED], [], 1) == (
        "::error title=autofix (AF202),file=loss.py,line=9,col=5,endLine=9,endColumn=9::"
        "loss.py:9:5: AF202 `np.abs` leaves the graph [count]\n"
    )


def test_a_proven_fix_is_mentioned() -> None:
    assert report([NUMPY], [], 1).endswith("[mae] (`autofix --apply` writes a verified fix)\n")


def test_nothing_found_prints_nothing() -> None:
    assert report([], [], 1) == ""


def test_what_would_end_a_command_is_escaped() -> None:
    odd = replace(ROUNDED, path="a,b:c%.py", message="50 %\nnext\rline")

    (line,) = report([odd], [], 1).splitlines()

    assert "file=a%2Cb%3Ac%25.py,line=9" in line
    assert "AF202 50 %25%0Anext%0Dline" in line


def test_a_cell_of_a_notebook_has_no_line_in_the_file() -> None:
    (line,) = report([replace(ROUNDED, path="a.ipynb", cell=2)], [], 1).splitlines()

    assert "line=" not in line
    assert "a.ipynb: cell 2:9:5: AF202" in line


def test_a_cell_of_a_notebook_is_marked_where_its_json_has_it() -> None:
    placed = replace(ROUNDED, path="a.ipynb", cell=2, written=Span(40, 9, 40, 13))

    assert "file=a.ipynb,line=40,col=9,endLine=40,endColumn=13::a.ipynb: cell 2:9:5: " in report([placed], [], 1)


def test_a_file_that_failed_is_an_error_of_that_file() -> None:
    assert report([], [Problem("bad.py", "syntax error")], 1) == ("::error title=autofix,file=bad.py::syntax error\n")
