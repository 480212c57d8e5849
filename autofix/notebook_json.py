"""Where things stand in a JSON text: the members of an object and the elements of a list, by their offsets.

The text is known to be valid JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

_SPACE = " \t\r\n"
_decoder = json.JSONDecoder()


@dataclass(frozen=True)
class Member:
    """A member of an object: its name, and where its value starts and ends."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Text:
    """Where a value stands, and where each of its elements starts if it is a list."""

    start: int
    end: int
    parts: tuple[int, ...]


def members(text: str, start: int) -> Iterator[Member]:
    """Yield the members of the object that starts at or after `start`."""
    at = _skip(text, _skip(text, start) + 1)
    while text[at] != "}":
        name, at = _decoder.raw_decode(text, at)
        value = _skip(text, _skip(text, at) + 1)  # past the colon
        end = _decoder.raw_decode(text, value)[1]
        yield Member(name, value, end)
        at = _next(text, end)


def elements(text: str, start: int) -> Iterator[int]:
    """Yield where each element of the list at `start` starts."""
    at = _skip(text, start + 1)
    while text[at] != "]":
        yield at
        at = _next(text, _decoder.raw_decode(text, at)[1])


def _next(text: str, at: int) -> int:
    """Return where the next member or element starts, or the closing bracket."""
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at
