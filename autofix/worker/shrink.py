"""Arguments of fewer numbers: lengths that are the same stay so, and all that are too long become shorter together."""

from __future__ import annotations

from typing import Iterator

from .draw import size
from .records import Arguments, Specification

MOST_NUMBERS = 16384
"""So many numbers of all arguments together are drawn in a tenth of a second."""
SHORTEST = 2


def shrunk(arguments: Arguments, most: int = MOST_NUMBERS) -> Arguments:
    """The arguments with the longest length halved, everywhere, until they have at most so many numbers."""
    while numbers_of(arguments) > most:
        longest = max(length for shape in shapes_of(arguments) for length in shape)
        if longest <= SHORTEST:
            break
        arguments = {name: with_length(one, longest, longest // 2) for name, one in arguments.items()}
    return arguments


def numbers_of(arguments: Arguments) -> int:
    return sum(map(count, arguments.values()))


def count(one: Specification) -> int:
    """How many numbers an argument has."""
    if "items" in one:
        return sum(map(count, one["items"]))
    return one.get("length", 1) * size(one["shape"]) if "shape" in one else 0


def shapes_of(arguments: Arguments) -> Iterator[list[int]]:
    for one in arguments.values():
        for part in one.get("items", [one]):
            yield list(part.get("shape", ()))


def with_length(one: Specification, old: int, new: int) -> Specification:
    if "items" in one:
        return {**one, "items": [with_length(each, old, new) for each in one["items"]]}
    if "shape" not in one:
        return one
    return {**one, "shape": [new if each == old else each for each in one["shape"]]}
