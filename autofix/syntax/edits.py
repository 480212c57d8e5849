"""Edits of stretches of a text, by the positions that the analysis counts in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from autofix.syntax.spans import Key


@dataclass(frozen=True, order=True)
class TextEdit:
    """A stretch of a text and what it becomes; lines from 1, columns from 0 in characters."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str = field(compare=False)


def replacing(key: Key, text: str) -> TextEdit:
    """Return the edit that writes an expression otherwise."""
    return TextEdit(*key[1:], text)


def edited(text: str, edits: Iterable[TextEdit]) -> str:
    """Return a text with edits made that do not overlap."""
    lines = text.split("\n")
    for each in sorted(edits, reverse=True):
        head, tail = lines[each.line - 1][: each.column], lines[each.end_line - 1][each.end_column :]
        lines[each.line - 1 : each.end_line] = (head + each.text + tail).split("\n")
    return "\n".join(lines)
