"""Three texts in, the edits of one fix out: as lines of the text that was read, whatever was mended before it.

Where something in a mended text stood in the text as it was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, lru_cache

from autofix.model import Cut, Edit, Finding, Span
from autofix.source.diff import changes, runs
from autofix.source.line_ends import split_lines


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


class Home:
    """The text that was `read`, and one with some fixes: what stands `now` is told in lines of the first."""

    def __init__(self, read: str, now: str) -> None:
        self._read, self._now = read, now

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
