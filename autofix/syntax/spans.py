"""Where a piece of syntax stands in a text, in characters."""

from __future__ import annotations

import ast
import re
from typing import TypeAlias

from autofix.model import Span
from autofix.syntax.neighbours import STRIDE

Key: TypeAlias = tuple[str, int, int, int, int]
"""An expression's type name, first line, first column, last line and end column, in characters from 0."""


class Positions:
    """Turns `ast` positions, which count UTF-8 bytes, into keys that count characters, as LibCST does."""

    def __init__(self, text: str) -> None:
        self._longer = _longer_lines(text, 0)
        self._keys: dict[ast.AST, Key] = {}

    def add(self, number: int, text: str) -> None:
        """Count the characters of another file too: the one of this number among the neighbours."""
        self._longer |= _longer_lines(text, number)

    def key(self, node: ast.AST) -> Key:
        """Return the key of an expression or a statement."""
        known = self._keys.get(node)
        if known is None:
            known = self._keys[node] = self._key(node)
        return known

    def _key(self, node: ast.AST) -> Key:
        line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        end_line, end_column = getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0)
        if line in self._longer:
            column = len(self._longer[line][:column].decode(errors="ignore"))
        if end_line in self._longer:
            end_column = len(self._longer[end_line][:end_column].decode(errors="ignore"))
        return type(node).__name__, line, column, end_line, end_column


def _longer_lines(text: str, number: int) -> dict[int, bytes]:
    """Return the lines of the file of this number that have more bytes than characters, as the analysis counts them."""
    lines = [] if text.isascii() else re.split(r"\r\n|\r|\n", text)
    first = number * STRIDE + 1
    return {line: each.encode() for line, each in enumerate(lines, first) if not each.isascii()}


def span(key: Key) -> Span:
    """Return the stretch of the file that a key stands for."""
    return Span(key[1], key[2] + 1, key[3], key[4] + 1)
