"""Which lines of a module are run, and how a line is named in what is said of it.

Its number is marked there, so that whoever knows the file can say it in lines of that.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

MARK = "\x1a"


def at_line(line: int) -> str:
    """`line 12`, its number marked."""
    return f"line {line}{MARK}"


@contextlib.contextmanager
def lines_noted(name: str, lines: set[int]) -> Iterator[None]:
    """Add the lines of the module that was compiled under this name, as they are run in here."""

    def note(frame: Any, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename != name:
            return None
        lines.add(frame.f_lineno)
        return note

    before = sys.gettrace()
    sys.settrace(note)
    try:
        yield
    finally:
        sys.settrace(before)
