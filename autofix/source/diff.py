r"""Take two texts; give the unified diff that `git diff` and `patch` read and write.

Lines end only at "\n", as in git: a CRLF file keeps its "\r" in the diff, and a form feed does not end a line.

A fix changes a few lines of up to 200,000. `difflib` compares every pair of lines, so it only gets the stretches
between lines that certainly match: those at both ends, and in a long text the long runs that Myers' algorithm finds in
time that grows with the length and the square of the differences. Source: E. W. Myers, "An O(ND) Difference Algorithm
and Its Variations", Algorithmica 1 (1986).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import PurePath
from typing import NamedTuple

CONTEXT = 3
"""Lines around a change, as many as `git diff` shows."""

NO_NEWLINE = "\\ No newline at end of file\n"
ESCAPES = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def unified_diff(path: str, before: str, after: str) -> str:
    """The diff that turns `before` into `after`; empty when they are the same."""
    old, new = _lines(before), _lines(after)
    hunks = [line for group in _groups(changes(old, new)) for line in _hunk(old, new, group)]
    headers = [f"--- {_label('a', path)}\n", f"+++ {_label('b', path)}\n"] if hunks else []
    return "".join(line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}" for line in (*headers, *hunks))


def _groups(found: Iterable[Change]) -> Iterator[list[Change]]:
    """Yield the changes between which there are too few lines to part them, as `diff -u` does."""
    group: list[Change] = []
    for change in found:
        if group and change.old - group[-1].old_end > 2 * CONTEXT:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _hunk(old: Sequence[str], new: Sequence[str], group: Sequence[Change]) -> Iterator[str]:
    before = min(CONTEXT, group[0].old)
    start, other = group[0].old - before, group[0].new - before
    after = min(CONTEXT, len(old) - group[-1].old_end)
    end, other_end = group[-1].old_end + after, group[-1].new_end + after
    yield f"@@ -{_range(start, end)} +{_range(other, other_end)} @@\n"
    for change in group:
        yield from (f" {line}" for line in old[start : change.old])
        yield from (f"-{line}" for line in old[change.old : change.old_end])
        yield from (f"+{line}" for line in new[change.new : change.new_end])
        start = change.old_end
    yield from (f" {line}" for line in old[start:end])


def _range(start: int, end: int) -> str:
    """The lines of a hunk as its header has them: an empty one is named by the line before it."""
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def patch(path: str, before: bytes, after: bytes) -> bytes:
    """The same of two files as they lie on disk, in whatever encoding, byte for byte: what `git apply` reads."""
    name, old, new = (each.decode("latin-1") for each in (os.fsencode(path), before, after))
    return unified_diff(name, old, new).encode("latin-1")


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]


def _label(side: str, path: str) -> str:
    """The name in a header: quoted as git does where it would break the line, ended by a tab where it has spaces."""
    pure = PurePath(path)
    label = f"{side}/{pure.relative_to(pure.anchor).as_posix()}"
    if any(character in ESCAPES or ord(character) < 32 for character in label):
        return '"' + "".join(_escaped(character) for character in label) + '"'
    return f"{label}\t" if " " in label else label


def _escaped(character: str) -> str:
    return ESCAPES.get(character) or (character if ord(character) >= 32 else f"\\{ord(character):03o}")


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
