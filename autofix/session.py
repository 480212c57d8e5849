"""An IPython session: its cells as one program, and the magics that look into them.

`%autofix` reports on all that was run, `%autofix mae` on one loss; `%%autofix` reports on its cell, then runs it.
"""

from __future__ import annotations

import sys
from typing import Any

import autofix
from autofix.model import Finding
from autofix.report.text import Style, preview

NAME = "<session>"


def session() -> str:
    """The text of the session that this process is, magics as the calls they are; empty outside of one."""
    shell_of = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = shell_of() if shell_of else None
    return text_of(shell) if shell is not None else ""


def text_of(shell: Any, more: str = "") -> str:
    """Every cell that was run and can be parsed, then `more`."""
    cells = [*shell.history_manager.input_hist_parsed, shell.transform_cell(more)]
    return "\n".join(cell.rstrip("\n") + "\n" for cell in cells if cell.strip() and _parses(cell))


def register(shell: Any) -> None:
    """Add the magics to a session."""

    def magic(line: str, cell: str | None = None) -> None:
        if cell is None:
            print(report(text_of(shell), line.strip()), end="")
            return
        before = text_of(shell).count("\n")
        print(report(text_of(shell, cell), line.strip(), before), end="")
        shell.run_cell(cell)

    shell.register_magic_function(magic, "line_cell", "autofix")


def report(text: str, loss: str = "", after: int = 0) -> str:
    """What is wrong in a session's text from the line `after` on, or only in one loss."""
    outcome = autofix.fix_source(text, NAME, python=sys.executable)
    found: list[Finding] = [
        finding for finding in outcome.findings if finding.span.line > after and loss in ("", finding.loss)
    ]
    return preview(found, Style()) if found else "No lost gradients found.\n"


def _parses(cell: str) -> bool:
    import ast

    try:
        ast.parse(cell)
    except (SyntaxError, ValueError):
        return False
    return True
