"""The user's own frames on the stack, and the expression that each of them is at."""

from __future__ import annotations

import ast
import linecache
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Tuple

PACKAGE = str(Path(__file__).parent.parent.parent) + "/"
STANDARD = tuple(sysconfig.get_path(name) + "/" for name in ("stdlib", "platstdlib"))
INSTALLED = ("/site-packages/", "/dist-packages/")
MOST = 20

Stretch = Tuple[int, int, int, int]


@dataclass(frozen=True)
class Frame:
    """One frame: its file, the function that runs, and the expression that it is at.

    Lines count from 1, columns from 0 and in characters.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    function: str
    expression: str

    def sent(self) -> dict[str, Any]:
        return asdict(self)


def user_frames() -> list[Frame]:
    """The frames of files that neither Python, an installed package nor autofix owns, innermost first."""
    found: list[Frame] = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and len(found) < MOST:
        code = frame.f_code
        if not is_foreign(code.co_filename) and linecache.getline(code.co_filename, frame.f_lineno):
            found.append(described(code, frame.f_lasti, frame.f_lineno))
        frame = frame.f_back
    return found


@lru_cache(maxsize=None)
def is_foreign(file: str) -> bool:
    plain = file.replace("\\", "/")
    return plain.startswith((PACKAGE, "<frozen ", *STANDARD)) or any(each in plain for each in INSTALLED)


def described(code: CodeType, instruction: int, line: int) -> Frame:
    lines = linecache.getlines(code.co_filename)
    found = positions(code, instruction) or of_statement("".join(lines), line) or whole(lines[line - 1], line)
    first, start, last, end = found
    start, end = characters(lines[first - 1], start), characters(lines[last - 1], end)
    piece = "".join(lines[first - 1 : last])
    text = piece[start : len(piece) - len(lines[last - 1]) + end]
    return Frame(code.co_filename, first, start, last, end, code.co_name, " ".join(text.split()))


def positions(code: CodeType, instruction: int) -> Stretch | None:
    """The stretch of the instruction's expression; Python knows it from 3.11 on."""
    if not hasattr(code, "co_positions"):
        return None
    first, last, start, end = next(islice(code.co_positions(), instruction // 2, None), (None,) * 4)
    if first is None or last is None or start is None or end is None:
        return None
    return first, start, last, end


def of_statement(text: str, line: int) -> Stretch | None:
    """The stretch of the value that the only statement at a line computes; None where there are several."""
    here = [node for node in each_statement(text) if node.lineno <= line <= (node.end_lineno or node.lineno)]
    simple = [node for node in here if not hasattr(node, "body")]
    if not here or len(simple) > 1:
        return None
    node = (simple or here)[-1]
    value: Any = next((part for name in ("value", "test", "iter") if (part := getattr(node, name, None))), None)
    if value is None:
        return None
    if isinstance(node, ast.Assign) and any(isinstance(target, ast.Subscript) for target in node.targets):
        value = node  # what is written into matters as well
    return value.lineno, value.col_offset, value.end_lineno, value.end_col_offset


def whole(text: str, line: int) -> Stretch:
    """The stretch of a line without its indentation."""
    return line, len(text.encode()) - len(text.lstrip().encode()), line, len(text.rstrip().encode())


def each_statement(text: str) -> Iterator[ast.stmt]:
    """The statements of a text, outer ones before those within."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.stmt))


def characters(line: str, column: int) -> int:
    """A column that counts bytes as one that counts characters."""
    return column if line.isascii() else len(line.encode()[:column].decode(errors="ignore"))
