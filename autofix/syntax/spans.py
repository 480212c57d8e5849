"""Where a piece of syntax stands: in which file, and in which characters of it."""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from autofix.model import Span
from autofix.syntax.neighbours import HERE, file_of


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
