"""The lines of a cell in, lines of Python out, and back: magics and shell lines become statements that do nothing.

IPython's own rules: https://ipython.readthedocs.io/en/stable/interactive/magics.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from autofix.source.line_ends import split_lines

PYTHON_MAGICS = frozenset({"%%time", "%%timeit", "%%capture", "%%prun", "%%autofix"})  # what follows them is Python
_MAGIC = re.compile(r"(?P<indent>[ \t]*)(?P<given>[\w.,\[\] \t]+=[ \t]*)?(?P<magic>[%!].*|\?.*|[\w.%*]+\?{1,2}[ \t]*)$")
_STANDS_FOR = re.compile(r"# autofix: line (\d+) of cell (\d+)\n")


def masked(number: int, lines: Sequence[str]) -> str:
    """The Python of cell `number`, its last line ended; every line of it stands where it stood."""
    ended = [line if line.endswith("\n") else f"{line}\n" for line in lines]
    if _parses(ended):
        return "".join(ended)
    head = ended[0].split()[0] if ended and ended[0].split() else ""
    if not head.startswith("%%") or head in PYTHON_MAGICS:
        python = [_mask(number, index, line) for index, line in enumerate(ended)]
        if _parses(python):
            return "".join(python)
    return "".join(_stand_in(number, index, "") for index in range(len(ended)))


def unmasked(number: int, body: str, lines: Sequence[str]) -> tuple[str, ...]:
    """The lines as a notebook has them: masked ones as they were, and the last without an end where it had none."""
    found = [_original(number, line, lines) for line in split_lines(body)]
    if found and not (lines and lines[-1].endswith("\n")):
        found[-1] = found[-1].removesuffix("\n")
    return tuple(found)


def _original(number: int, line: str, lines: Sequence[str]) -> str:
    match = _STANDS_FOR.search(line)
    if match is None or int(match[2]) != number:
        return line
    original = lines[int(match[1]) - 1]
    return original if original.endswith("\n") else f"{original}\n"


def _mask(number: int, index: int, line: str) -> str:
    match = _MAGIC.match(line.rstrip("\r\n"))
    if match is None:
        return line
    return match["indent"] + _stand_in(number, index, match["given"] or "")


def _stand_in(number: int, index: int, given: str) -> str:
    return f"{given}{'...' if given else 'pass'}  # autofix: line {index + 1} of cell {number}\n"


def _parses(lines: Sequence[str]) -> bool:
    try:
        ast.parse("".join(lines))
    except (SyntaxError, ValueError):
        return False
    return True
