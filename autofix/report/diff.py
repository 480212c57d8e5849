"""Two texts in, the unified diff out, as `git diff` and `patch` write and read it.

Lines end at "\\n" only, as git sees them: a CRLF file keeps its "\\r" in the diff, and a form feed splits nothing.
"""

from __future__ import annotations

import difflib
import os
from pathlib import PurePath

NO_NEWLINE = "\\ No newline at end of file\n"
ESCAPES = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def unified_diff(path: str, before: str, after: str) -> str:
    """The diff that turns `before` into `after`; empty when they are the same."""
    hunks = difflib.unified_diff(_lines(before), _lines(after), _label("a", path), _label("b", path))
    return "".join(line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}" for line in hunks)


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
