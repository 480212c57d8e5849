"""A finding's trail in, the lines of source that it leads through out, the fault underlined: as compilers show one."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from autofix.analysis.causes import stations
from autofix.model import Finding, Step

Paint = Callable[[str, str], str]
Item = TypeVar("Item")

FAULT, STATION, GUTTER = "31;1", "36", "2"
_SHOWN = 5
"""How many stations of a way, or lines, are shown; of more, those in the middle are left out."""

_BEFORE = 16
"""How much is kept before a name where a line is too long to show all of it."""


@dataclass(frozen=True)
class _Marked:
    """A line of source, cut to its room, and where names stand in it."""

    text: str
    marks: tuple[tuple[int, int], ...]


def excerpt(finding: Finding, width: int, paint: Paint) -> Iterator[str]:
    """Yield the lines to show below a finding, each within `width` columns where that can be; none without a trail."""
    explanation = finding.explanation
    steps = [each for each in explanation.trail if each.source] if explanation is not None else []
    if not steps or explanation is None:
        return
    rows = [(place, list(group)) for place, group in groupby(steps, key=_gutter)]
    margin = max(len(place) for place, _ in rows)
    way = stations(explanation.trail) if _is_fault(steps[-1], finding) else []
    note = " → ".join([*_shortened(way, "…"), explanation.end])
    for place, group in _shortened(rows, ("…", [])):
        if not group:
            yield paint(f"{place:>{margin}}", GUTTER)
            continue
        fault = any(_is_fault(each, finding) for each in group)
        line = _fitted(group, width - margin - 3)
        yield paint(f"{place:>{margin}} | ", GUTTER) + _painted(line, fault, paint)
        if fault:
            bar = paint(f"{'':>{margin}} | ", GUTTER)
            yield from (bar + each for each in _underlined(line, note, width - margin - 3, paint))


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _is_fault(step: Step, finding: Finding) -> bool:
    return step.span == finding.span and step.cell == finding.cell


def _gutter(step: Step) -> str:
    return str(step.span.line) if step.cell is None else f"cell {step.cell}:{step.span.line}"


def _shortened(items: Sequence[Item], gap: Item) -> Sequence[Item]:
    return items if len(items) <= _SHOWN else [*items[:2], gap, *items[-2:]]


def _fitted(steps: Sequence[Step], room: int) -> _Marked:
    """Return the line of some steps; where it is too long, the part around the last of their names."""
    source = steps[-1].source.expandtabs(4)
    tabs = len(source) - len(steps[-1].source)  # tabs stand at the start of a line
    marks = [(each.span.column - 1 + tabs, _end(each, source, tabs)) for each in steps]
    first, last = marks[-1]
    start = 0 if columns(source[:last]) < room else min(first, max(first - _BEFORE, last + 2 - room))
    text = ("…" if start else "") + source[start:]
    if columns(text) > room:
        while columns(text) >= room:
            text = text[:-1]
        text += "…"
    shift, edge = bool(start) - start, len(text) - text.endswith("…")
    moved = [(max(a + shift, int(start > 0)), min(b + shift, edge)) for a, b in marks]
    return _Marked(text, tuple((a, b) for a, b in moved if a < b))


def _end(step: Step, source: str, tabs: int) -> int:
    return step.span.end_column - 1 + tabs if step.span.end_line == step.span.line else len(source.rstrip())


def _painted(line: _Marked, fault: bool, paint: Paint) -> str:
    """Return the text of a line with its names in colour, from the right to the left; the last of a fault is it."""
    text, edge = line.text, len(line.text)
    for index, (start, end) in reversed(list(enumerate(line.marks))):
        if end <= edge:
            colour = FAULT if fault and index == len(line.marks) - 1 else STATION
            text, edge = text[:start] + paint(text[start:end], colour) + text[end:], start
    return text


def _underlined(line: _Marked, note: str, room: int, paint: Paint) -> Iterator[str]:
    start, end = line.marks[-1]
    before, carets = columns(line.text[:start]), "^" * max(1, columns(line.text[start:end]))
    if before + len(carets) + 1 + columns(note) <= room:
        yield " " * before + paint(f"{carets} {note}", FAULT)
        return
    yield " " * before + paint(carets, FAULT)
    yield " " * max(0, min(before, room - columns(note))) + paint(note, FAULT)
