"""Three texts in, the edits of one fix out: as lines of the text that was read, whatever was mended before it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from autofix.model import Edit
from autofix.source.line_ends import split_lines
from autofix.source.linediff import changes, runs


@lru_cache(64)
def edits_between(read: str, before: str, after: str) -> tuple[Edit, ...]:
    """The edits that do to `read` what turned `before` into `after`, where `before` is `read` with other fixes.

    Empty when a line to be replaced is not in `read`: it is the work of one of those other fixes. An editor asks
    for the same at each save, so the last answers are remembered.
    """
    old, new = split_lines(before), split_lines(after)
    place = _places(split_lines(read), old)
    edits: list[Edit] = []
    for start, end, first, last in changes(old, new):
        found = _range(place, start, end)
        if found is None:
            return ()
        edits.append(Edit(found[0] + 1, found[1] + 1, "".join(new[first:last])))
    return tuple(edits)


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """`text` with the edits done."""
    lines = split_lines(text)
    for edit in sorted(edits, key=lambda each: (each.line, each.end_line), reverse=True):
        before = lines[edit.line - 2 : edit.line - 1]
        if edit.text and before and not before[0].endswith(("\n", "\r")):
            lines[edit.line - 2] += "\n"  # the last line had no end, and now something follows it
        lines[edit.line - 1 : edit.end_line - 1] = [edit.text]
    return "".join(lines)


def lines_of_now(read: str, now: str) -> dict[int, int]:
    """The number of each line of `now` that is in `read` too, and its number there; both count from 1."""
    lines = split_lines(now)
    places = _places(split_lines(read), lines)
    return {line + 1: place + 1 for line, place in places.items() if line < len(lines)}


def _places(read: list[str], now: list[str]) -> dict[int, int]:
    """Where each line of `now` stands in `read`, for those that are there; the end of the file is a place too."""
    if read == now:
        return {line: line for line in range(len(now) + 1)}
    places = {len(now): len(read)}
    for run in runs(read, now):
        places |= {run.new + step: run.old + step for step in range(run.size)}
    return places


def _range(places: dict[int, int], start: int, end: int) -> tuple[int, int] | None:
    if start == end:
        if start - 1 in places:
            return places[start - 1] + 1, places[start - 1] + 1
        return (places[start], places[start]) if start in places else None
    found = [places.get(line) for line in range(start, end)]
    first = found[0]
    if first is None or found != list(range(first, first + end - start)):
        return None
    return first, first + end - start
