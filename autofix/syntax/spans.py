"""Where a piece of syntax stands: in which file of the project, in which characters of it, and how a message names it.

A node of the file that is analysed says no file, and `file_of` answers "". In a message a line is named with a mark, so
that each stage names those of its own text and they are translated to those of the file. One that has no place in the
file, because autofix generated it, is not mentioned. Nothing here imports anything.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from autofix.model import Span
from autofix.worker.protocol import MARK, at_line, shortened

_Node = TypeVar("_Node", bound=ast.AST)
HERE = ""
"""The file that is analysed, where others are named by their paths."""


@dataclass(frozen=True, eq=False)
class Neighbour:
    """Another file of the project; each node of `tree` that has a position is marked with `path`."""

    path: str
    text: str
    tree: ast.Module


class Around(Protocol):
    """What lies around one file that is analysed; paths are absolute."""

    @property
    def path(self) -> str:
        """The file itself."""

    def place(self, name: str, near: str) -> str | None:
        """Return the file of the module that the file `near` imports as `name`; None where it is not the project's."""

    def read(self, path: str) -> Neighbour | None:
        """Return a file of the project; None where it cannot be read, or is too large to be."""

    def checks(self, path: str) -> bool:
        """Is this file itself among those whose findings the user sees?"""

    def users(self) -> tuple[Neighbour, ...]:
        """Return the checked files that differentiate a loss which this one loses."""

    def uses(self, name: str) -> bool:
        """May another file of the project use what this one calls `name`? True where that is not known."""

    def using(self, name: str) -> tuple[str, ...] | None:
        """Return the texts of the files that may use what this one calls `name`; None where that is not known."""

    def takes(self, name: str) -> bool:
        """May another file take `name` from this one: by its import, by a star, or as an attribute of this module?"""

    def importers(self) -> tuple[Neighbour, ...]:
        """Return the other files of the project that import this one."""

    def seen_from(self, path: str, text: str) -> Around:
        """Return what lies around another file, where this one has this text."""


def neighbour(path: str, text: str) -> Neighbour:
    """Return a text as another file of the project. Raises SyntaxError, ValueError, RecursionError or MemoryError."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if "lineno" in node._attributes:  # others, such as `ast.Load()`, are shared among all trees
            node.file = path  # type: ignore[attr-defined]
    return Neighbour(path, text, tree)


def file_of(node: ast.AST) -> str:
    """Return the path of the other file that a node stands in; "" for the file that is analysed itself."""
    file: str = getattr(node, "file", HERE)
    return file


def is_here(node: ast.AST) -> bool:
    """Does a node stand in the file that is analysed itself?"""
    return file_of(node) == HERE


def in_place_of(new: _Node, old: ast.AST) -> _Node:
    """Return a node that is made while the analysis runs, with the file and the position of the one it stands for."""
    if not is_here(old):
        new.file = file_of(old)  # type: ignore[attr-defined]
    return ast.copy_location(new, old)


class Key(NamedTuple):
    """An expression's type name, first line, first column, last line and end column, in characters from 0, its file."""

    kind: str
    line: int
    column: int
    end_line: int
    end_column: int
    file: str = HERE


class Positions:
    """Turns `ast` positions, which count UTF-8 bytes, into keys that count characters, as LibCST does."""

    def __init__(self, text: str, file: str = HERE) -> None:
        self._longer: dict[str, dict[int, bytes]] = {}
        self._keys: dict[ast.AST, Key] = {}
        self.add(file, text)

    def add(self, file: str, text: str) -> None:
        """Count the characters of another file too."""
        if not text.isascii():
            self._longer[file] = _longer_lines(text)

    def key(self, node: ast.AST) -> Key:
        """Return the key of an expression or a statement."""
        known = self._keys.get(node)
        if known is None:
            known = self._keys[node] = self._key(node)
        return known

    def _key(self, node: ast.AST) -> Key:
        line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        end_line, end_column = getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0)
        file: str = getattr(node, "file", HERE)
        if file in self._longer:
            longer = self._longer[file]
            column = _characters(longer, line, column)
            end_column = _characters(longer, end_line, end_column)
        return Key(node.__class__.__name__, line, column, end_line, end_column, file)


def _longer_lines(text: str) -> dict[int, bytes]:
    """Return the lines of a text that have more bytes than characters."""
    lines = enumerate(re.split(r"\r\n|\r|\n", text), 1)
    return {line: each.encode() for line, each in lines if not each.isascii()}


def _characters(longer: dict[int, bytes], line: int, column: int) -> int:
    """Return a column, which counts bytes, in characters."""
    return len(longer[line][:column].decode(errors="ignore")) if line in longer else column


def span(key: Key) -> Span:
    """Return the stretch of its file that a key stands for."""
    return Span(key.line, key.column + 1, key.end_line, key.end_column + 1, key.file)


def is_within(place: Key | Span, node: ast.expr | ast.stmt) -> bool:
    """Does something start and end on the lines of a node, in the same file?"""
    if place.file != file_of(node):
        return False
    return node.lineno <= place.line and place.end_line <= (node.end_lineno or node.lineno)


__all__ = ["at_line", "lines_in_words", "lines_of", "moved", "said", "shortened"]

_LINE = re.compile(rf"(?P<before> \(| in | from |, |)line (?P<line>\d+){MARK}(?P<after>\)?)")
_END_OF_CELL = re.compile(r"# autofix: the end of cell (\d+)")


def lines_in_words(text: str, path: str) -> str:
    """Return what an exception says with the lines that it names of the file at `path` marked, to be moved.

    Lines of the patched file, which the reader does not have, are called so; those of other files stay as they are.
    """
    whole = "|".join(re.escape(each) for each in {path, str(Path(path).absolute())})
    patched, line = r"(?P<patched> \(patched\))?", r"(?P<line>\d+)"
    forms = (
        rf'File "(?:{whole}){patched}", line {line}',  # a traceback
        rf"(?<=\(){re.escape(Path(path).name)}{patched}, line {line}(?=\))",  # a SyntaxError
        rf"(?<![\w./\\-])(?:{whole}){patched}:{line}\b",
    )
    for form in forms:
        text = re.sub(form, lambda found: "the patched file" if found["patched"] else at_line(int(found["line"])), text)
    return text


def moved(text: str, where: Callable[[int], int | None]) -> str:
    """Return a text with its lines as those of another file; `where` gives a line there, or None."""

    def phrase(found: re.Match[str]) -> str:
        line = where(int(found["line"]))
        if line is not None:
            return f"{found['before']}{at_line(line)}{found['after']}"
        return "" if found["before"] == " (" and found["after"] else found["after"]

    return _LINE.sub(phrase, text)


def said(text: str, file: str) -> str:
    """Return a text as it is shown: lines by their number, those of a notebook's program by cell and line."""
    if MARK not in text:
        return text
    numbered = enumerate(file.splitlines(), 1)
    ends = [(number, found[1]) for number, line in numbered if (found := _END_OF_CELL.match(line))]

    def phrase(found: re.Match[str]) -> str:
        line, before = int(found["line"]), 0
        for end, cell in ends:
            if line <= end:
                return f"{found['before']}cell {cell}, line {line - before}{found['after']}"
            before = end
        return f"{found['before']}line {line}{found['after']}"

    return _LINE.sub(phrase, text)


def lines_of(statement: ast.stmt) -> list[tuple[str, int]]:
    """Return the lines in which a statement is written anew, each with the line where its part stands in its file."""
    written = ast.unparse(ast.fix_missing_locations(statement)).splitlines()
    again = ast.parse("\n".join(written)).body[0]
    stood = {new.lineno: old.lineno for old, new in zip(_statements(statement), _statements(again), strict=False)}
    lines: list[tuple[str, int]] = []
    place = getattr(statement, "lineno", 1)
    for number, line in enumerate(written, 1):
        place = stood.get(number, place)
        lines.append((line, place))
    return lines


def _statements(node: ast.stmt) -> list[ast.stmt]:
    return [each for each in ast.walk(node) if isinstance(each, ast.stmt)]
