"""The code cells of a notebook as one program, wherever they come from: a file, an editor, a session.

What is no Python in a cell (`%magic`, `!shell`, `name?`, cells of other languages) stands in the program as a statement
that does nothing, so that lines keep their numbers; each cell is followed by a comment that ends it.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from autofix.cell_lines import masked, unmasked
from autofix.model import Finding, Fix, Span, Step
from autofix.report.diff import unified_diff
from autofix.rewrite.edits import apply_edits

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
