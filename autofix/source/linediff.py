"""Which lines two texts have in common: two lists of lines in, the runs that both have out.

A patch changes a few lines, wherever they stand, and a file may have 200,000 of them. `difflib` compares all with all;
it is asked only about what lies between lines that are certain to be the same: those at both ends, and in a long text
the long runs that Myers' algorithm finds, in time that grows with the length and with the square of what differs.

Source: E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

FEW = 1_000
"""Lines that `difflib` compares at once (tens of milliseconds at worst); longer stretches are divided first."""

LONG = 8
"""Lines of a run that is certain to be kept: a shorter one may be a chance, such as two blank lines."""

MOST_DIFFERENCES = 1_000
"""Lines that a long stretch may differ in; one with more counts as replaced (the search for them takes a second)."""


class Run(NamedTuple):
    """A run of lines that both texts have: where it begins in each, counted from 0, and how long it is."""

    old: int
    new: int
    size: int


class Change(NamedTuple):
    """Lines of the old text, from `old` up to `old_end`, which become those of the new one; either may be none."""

    old: int
    old_end: int
    new: int
    new_end: int


def changes(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """Yield what makes the second text out of the first, in order; between two changes there is a line of both."""
    line, other = 0, 0
    for run in (*runs(old, new), Run(len(old), len(new), 0)):
        if run.old > line or run.new > other:
            yield Change(line, run.old, other, run.new)
        line, other = run.old + run.size, run.new + run.size


def runs(old: Sequence[str], new: Sequence[str]) -> list[Run]:
    """Return the runs of lines that two texts have in common, in order, as long as they can be."""
    head = _common_start(old, new)
    tail = _common_start(old[head:][::-1], new[head:][::-1])
    middle = _between(old[head : len(old) - tail], new[head : len(new) - tail])
    found = [Run(0, 0, head), *_moved(middle, head, head), Run(len(old) - tail, len(new) - tail, tail)]
    return _joined(run for run in found if run.size)


def _common_start(old: Sequence[str], new: Sequence[str]) -> int:
    return next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))


def _between(old: Sequence[str], new: Sequence[str]) -> list[Run]:
    if len(old) + len(new) <= FEW:
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        return [Run(*block) for block in matcher.get_matching_blocks() if block.size]
    found: list[Run] = []
    line = other = 0
    certain = [run for run in _shortest_edit(old, new) if run.size >= LONG]
    for run in (*certain, Run(len(old), len(new), 0)):
        gap = old[line : run.old], new[other : run.new]
        if len(gap[0]) + len(gap[1]) <= FEW:
            found += _moved(_between(*gap), line, other)
        found += [run] if run.size else []
        line, other = run.old + run.size, run.new + run.size
    return found


def _moved(found: Sequence[Run], old: int, new: int) -> Iterator[Run]:
    return (Run(run.old + old, run.new + new, run.size) for run in found)


def _joined(found: Iterator[Run]) -> list[Run]:
    """Return runs of which none begins where the one before ends, in both texts."""
    joined: list[Run] = []
    for run in found:
        last = joined[-1] if joined else Run(-1, -1, 0)
        if (last.old + last.size, last.new + last.size) == (run.old, run.new):
            joined[-1] = Run(last.old, last.new, last.size + run.size)
        else:
            joined.append(run)
    return joined


def _shortest_edit(old: Sequence[str], new: Sequence[str]) -> list[Run]:
    """Return the common runs of a shortest edit of one text into the other; none where they differ in too much.

    Diagonal k holds the places (line, line - k); `furthest[k]` is the furthest line reached on it with so many
    differences. The states before each difference are kept, to go back by.
    """
    furthest, states = {1: 0}, []
    for differences in range(min(len(old) + len(new), MOST_DIFFERENCES) + 1):
        states.append({k: furthest[k] for k in range(-differences - 1, differences + 2, 2) if k in furthest})
        for k in range(-differences, differences + 1, 2):
            down = k == -differences or (k != differences and furthest[k - 1] < furthest[k + 1])
            line = furthest[k + 1] if down else furthest[k - 1] + 1
            while line < len(old) and line - k < len(new) and old[line] == new[line - k]:
                line += 1
            furthest[k] = line
            if line >= len(old) and line - k >= len(new):
                return _way_back(states, k, line)
    return []


def _way_back(states: Sequence[dict[int, int]], k: int, line: int) -> list[Run]:
    found: list[Run] = []
    for differences in range(len(states) - 1, -1, -1):
        before = states[differences]
        down = k == -differences or (k != differences and before[k - 1] < before[k + 1])
        from_k = k + 1 if down else k - 1
        start = before[from_k] if down else before[from_k] + 1
        if line > start:
            found.append(Run(start, start - k, line - start))
        k, line = from_k, before[from_k]
    return found[::-1]
