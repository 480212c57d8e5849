"""Edits of a text: how they are made, and which of them one fix consists of.

Takes the text as it was read, and the texts before and after a fix; gives the edits that make this fix alone in the
text as it was read, whatever was fixed before it. `Origin` says where something in a fixed text stood in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import accumulate

from autofix.model import Cut, Edit, Finding, Span
from autofix.source.diff import changes, runs
from autofix.source.files import split_lines


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
        edits.append(Edit.of_lines(found[0] + 1, found[1] + 1, "".join(new[first:last])))
    return tuple(edits)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with edits made that do not overlap; of two at the same place the last one stands first."""
    ordered, lines = sorted(edits, key=lambda each: each.span, reverse=True), split_lines(text)
    if lines and not lines[-1].endswith(("\n", "\r")) and any(_follows(each, lines) for each in ordered):
        lines[-1] += "\n"
    text, starts = "".join(lines), [0, *accumulate(map(len, lines))]

    def offset(line: int, column: int) -> int:
        return starts[min(line, len(starts)) - 1] + column - 1

    for each in ordered:
        first, last = offset(each.span.line, each.span.column), offset(each.span.end_line, each.span.end_column)
        text = text[:first] + each.text + text[last:]
    return text


def one_per_place(edits: Iterable[Edit]) -> list[Edit]:
    """Return the first of the edits of each stretch."""
    found: dict[Span, Edit] = {}
    for each in edits:
        found.setdefault(each.span, each)
    return list(found.values())


def stretch_of(text: str, span: Span, edits: Iterable[Edit] = ()) -> str:
    """Return a stretch of a text, with the edits in it made."""
    before = Edit(Span(1, 1, span.line, span.column), "")
    after = Edit(Span(span.end_line, span.end_column, len(split_lines(text)) + 1, 1), "")
    return apply_edits(text, (before, *edits, after))


def _follows(edit: Edit, lines: Sequence[str]) -> bool:
    """Does an edit write something behind the last line?"""
    return edit.text != "" and edit.span.line == len(lines) + 1


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


class Origin:
    """The text that was `read`, and one with some fixes: what stands `now` is told in lines of the first."""

    def __init__(self, read: str, now: str) -> None:
        self._read, self._now = read, now

    def span(self, span: Span) -> Span:
        """Return the place of the first text at which one of the second stood."""
        return span if self._same else self._span(span)

    def cut(self, cut: Cut) -> Cut:
        return cut if self._same else replace(cut, span=self._span(cut.span))

    def finding(self, finding: Finding) -> Finding:
        """Return a finding as one of the first text; the stations on its way that are of a fix are left out."""
        if self._same:
            return finding
        said = finding.explanation
        if said is not None:
            steps = [each for each in said.trail if each.span.line in self._lines]
            said = replace(said, trail=tuple(replace(each, span=self._span(each.span)) for each in steps))
        return replace(finding, span=self._span(finding.span), explanation=said)

    def line(self, line: int) -> int | None:
        """Where a line of the second text stood in the first; None for one that a fix has written."""
        return line if self._same else self._lines.get(line)

    @cached_property
    def _same(self) -> bool:
        return self._read == self._now

    @cached_property
    def _lines(self) -> dict[int, int]:
        return lines_of_now(self._read, self._now)

    def _span(self, span: Span) -> Span:
        """A line that is new stands where the one before it does."""
        before = max((line for line in self._lines if line <= span.line), default=0)
        line = self._lines.get(before, 1)
        return replace(span, line=line, end_line=line + span.end_line - span.line)
