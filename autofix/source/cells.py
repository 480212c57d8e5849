"""Take the code cells of a notebook; give one program, and the cells again from its lines.

The cells come from a file, an editor or a session. Lines that are not Python (`%magic`, `!shell`, `name?`, cells of
other languages) become statements that do nothing, so that line numbers stay the same; a comment marks the end of each
cell. IPython's rules: https://ipython.readthedocs.io/en/stable/interactive/magics.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from autofix.model import Finding, Fix, Span, Step
from autofix.source.diff import unified_diff
from autofix.source.edits import apply_edits
from autofix.source.files import split_lines

BOUNDARY = "# autofix: the end of cell {}\n"


@dataclass(frozen=True)
class Cell:
    """A code cell: its number among all cells from 1, and its lines as written."""

    number: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Cells:
    """The code cells of a notebook in their order."""

    cells: tuple[Cell, ...]

    @cached_property
    def program(self) -> str:
        """The cells one after the other.

        What they import counts as used: by magics, by cells that are yet to be written. No fix drops it.
        """
        cells = [masked(cell.number, cell.lines) + BOUNDARY.format(cell.number) for cell in self.cells]
        return "".join([*cells, f"__all__ = {_imported(''.join(cells))}\n"])

    def split(self, program: str) -> list[tuple[str, ...]]:
        """The lines of each cell of a program, as the notebook has them."""
        found, rest = [], program
        for cell in self.cells:
            body, boundary, rest = rest.partition(BOUNDARY.format(cell.number))
            if not boundary:
                raise ValueError(f"cell {cell.number} has lost its end")
            found.append(unmasked(cell.number, body, cell.lines))
        return found

    def place(self, line: int) -> tuple[int, int]:
        """The index of the cell that has a line of the program, and the line in that cell."""
        start = 1
        for index, cell in enumerate(self.cells):
            if line <= start + len(cell.lines):
                return index, line - start + 1
            start += len(cell.lines) + 1
        raise ValueError(f"line {line} is beyond the last cell")

    def placed(self, finding: Finding) -> Finding:
        """A finding of the program as one of its cell, its diff one for each cell that changes."""
        cell, span = self._in_cell(finding.span)
        told = finding.explanation
        if told is not None:
            told = replace(told, trail=tuple(self._step(each) for each in told.trail))
        fix = self._fix(finding.path, finding.fix)
        return replace(finding, span=span, cell=cell, fix=fix, explanation=told)

    def _step(self, step: Step) -> Step:
        cell, span = self._in_cell(step.span)
        return replace(step, span=span, cell=cell)

    def _in_cell(self, span: Span) -> tuple[int, Span]:
        """The number of a cell, and a span of the program as one of the cell."""
        index, line = self.place(span.line)
        return self.cells[index].number, replace(span, line=line, end_line=span.end_line + line - span.line)

    def _fix(self, path: str, fix: Fix) -> Fix:
        """The fix with a diff of cells; one that stands on an earlier fix keeps the diff of the program."""
        if not fix.edits:
            return fix
        after = self.split(apply_edits(self.program, fix.edits))
        pairs = zip(self.cells, after, strict=True)
        diffs = (unified_diff(f"{path}:cell {c.number}", _ended(c.lines), _ended(new)) for c, new in pairs)
        return replace(fix, diff="".join(diffs), edits=())


def _ended(lines: Sequence[str]) -> str:
    """The lines as those of a file: the last line of a cell has no end, which says nothing."""
    text = "".join(lines)
    return text if not text or text.endswith("\n") else f"{text}\n"


def _imported(program: str) -> list[str]:
    """The names that the imports at the top level bind, sorted."""
    imports = [node for node in ast.parse(program).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {(alias.asname or alias.name).partition(".")[0] for node in imports for alias in node.names}
    return sorted(names - {"*"})


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
