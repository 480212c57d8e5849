"""Where things stand in a JSON text: the members of an object and the elements of a list, by their offsets.

The text is known to be valid JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
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


def characters(text: str, place: Text) -> list[tuple[int, int]]:
    """Return where each character of a string, or of a list of strings, starts and ends: `\\n` is one of them."""
    found: list[tuple[int, int]] = []
    for start in place.parts or (place.start,):
        at = start + 1
        while text[at] != '"':
            end = at + _width(text, at)
            found.append((at, end))
            at = end
    return found


def _width(text: str, at: int) -> int:
    """Return how many characters of JSON stand for the one at an offset; of two surrogates Python makes one."""
    if text[at] != "\\":
        return 1
    pair = _PAIR.match(text, at)
    return len(pair[0]) if pair is not None else 6 if text[at + 1] == "u" else 2


def _next(text: str, at: int) -> int:
    """Return where the next member or element starts, or the closing bracket."""
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at
