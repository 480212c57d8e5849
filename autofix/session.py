"""An IPython session: its cells as one program, and the magics that look into them.

`%autofix` reports on all that was run, `%autofix mae` on one loss; `%%autofix` reports on its cell, then runs it. Cells
go by the number that IPython gives each as it is run: `In [3]` is cell 3.
"""

from __future__ import annotations

import sys
from typing import Any

import autofix
from autofix.cells import Cell, Cells
from autofix.report.text import Style, preview
from autofix.report.visible import visible_record
from autofix.source.line_ends import split_lines

NAME = "<session>"


def session() -> str:
    """The text of the session that this process is, magics as the calls they are; empty outside of one."""
    shell_of = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = shell_of() if shell_of else None
    return text_of(shell) if shell is not None else ""


def text_of(shell: Any) -> str:
    """Every cell that was run and can be parsed."""
    cells = shell.history_manager.input_hist_parsed
    return "\n".join(cell.rstrip("\n") + "\n" for cell in cells if cell.strip() and _parses(cell))


def register(shell: Any) -> None:
    """Add the magics to a session."""

    def magic(line: str, cell: str | None = None) -> None:
        if cell is None:
            print(report(cells_of(shell), line.strip()), end="")
            return
        cells = cells_of(shell, f"%%autofix {line}\n{cell}")
        print(report(cells, line.strip(), cells.cells[-1].number), end="")
        shell.run_cell(cell)

    shell.register_magic_function(magic, "line_cell", "autofix")


def cells_of(shell: Any, now: str = "") -> Cells:
    """The cells as they were typed, the one that is run `now` last: the history has it already, or will never."""
    typed = [(number, text) for number, text in enumerate(shell.history_manager.input_hist_raw) if text.strip()]
    if now:
        typed = [*(each for each in typed if each[0] != shell.execution_count), (shell.execution_count, now)]
    return Cells(tuple(Cell(number, tuple(split_lines(text))) for number, text in typed))


def report(cells: Cells, loss: str = "", number: int | None = None) -> str:
    """What is wrong in all cells of a session, or in one; in all of its losses, or in one."""
    outcome = autofix.fix_source(cells.program, NAME, python=sys.executable)
    placed = [cells.placed(finding) for finding in outcome.findings]
    found = [each for each in placed if loss in ("", each.loss) and number in (None, each.cell)]
    return preview([visible_record(each) for each in found], Style()) if found else "No lost gradients found.\n"


def _parses(cell: str) -> bool:
    import ast

    try:
        ast.parse(cell)
    except (SyntaxError, ValueError):
        return False
    return True
