"""Two texts in, the unified diff out, as `git diff` and `patch` write and read it.

Lines end at "\\n" only, as git sees them: a CRLF file keeps its "\\r" in the diff, and a form feed splits nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath

from autofix.source.linediff import Change, changes

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
