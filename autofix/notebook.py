"""A notebook's JSON in, its code cells as one program out, and back: only the lines that changed are written anew.

What is no Python in a cell (`%magic`, `!shell`, `name?`, cells of other languages) stands in the program as a statement
that does nothing, so that lines keep their numbers. The JSON is never dumped as a whole: indentation, escapes, outputs
and counters stay as they are, byte for byte. The format: https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property

from autofix.model import Finding, Fix
from autofix.notebook_json import Member, Text, elements, members
from autofix.notebook_lines import masked, unmasked
from autofix.report.diff import unified_diff
from autofix.rewrite.edits import apply_edits, split_lines

BOUNDARY = "# autofix: the end of cell {}\n"
FAULT = "not a notebook that Jupyter could open: {}; open it there, save it, and run autofix again"


@dataclass(frozen=True)
class Cell:
    """A code cell: its number among all cells from 1, its source as written, and where that stands in the JSON."""

    number: int
    lines: tuple[str, ...]
    written: Text


@dataclass(frozen=True)
class Notebook:
    """The JSON text and its code cells."""

    text: str
    cells: tuple[Cell, ...]

    @cached_property
    def program(self) -> str:
        """The cells one after the other, each followed by a comment that ends it.

        What they import counts as used: by magics, by cells that are yet to be written. No fix drops it.
        """
        cells = [masked(cell.number, cell.lines) + BOUNDARY.format(cell.number) for cell in self.cells]
        return "".join([*cells, f"__all__ = {_imported(''.join(cells))}\n"])

    def with_program(self, program: str) -> str:
        """The JSON once the cells are those of `program`."""
        result, last = [], 0
        for cell, lines in zip(self.cells, self._split(program), strict=True):
            if lines != cell.lines:
                result += [self.text[last : cell.written.start], _rewritten(self.text, cell, lines)]
                last = cell.written.end
        return "".join([*result, self.text[last:]])

    def placed(self, finding: Finding) -> Finding:
        """A finding of the program as one of its cell, its diff one for each cell that changes."""
        starts = list(self._starts())
        at = max(index for index, start in enumerate(starts) if start <= finding.span.line)
        span, offset = finding.span, starts[at] - 1
        moved = replace(span, line=span.line - offset, end_line=span.end_line - offset)
        return replace(finding, span=moved, cell=self.cells[at].number, fix=self._fix(finding.path, finding.fix))

    def _fix(self, path: str, fix: Fix) -> Fix:
        """The fix with a diff of cells; one that stands on an earlier fix keeps the diff of the program."""
        if not fix.edits:
            return fix
        after = self._split(apply_edits(self.program, fix.edits))
        pairs = zip(self.cells, after, strict=True)
        diffs = (unified_diff(f"{path}:cell {c.number}", _ended(c.lines), _ended(new)) for c, new in pairs)
        return replace(fix, diff="".join(diffs), edits=())

    def _starts(self) -> Iterator[int]:
        """The line of the program at which each cell starts."""
        line = 1
        for cell in self.cells:
            yield line
            line += len(cell.lines) + 1

    def _split(self, program: str) -> list[tuple[str, ...]]:
        """The lines of each cell of a program, as they are written in the notebook."""
        found, rest = [], program
        for cell in self.cells:
            body, boundary, rest = rest.partition(BOUNDARY.format(cell.number))
            if not boundary:
                raise ValueError(f"cell {cell.number} has lost its end")
            found.append(unmasked(cell.number, body, cell.lines))
        return found


def _ended(lines: Sequence[str]) -> str:
    """The lines as those of a file: the last line of a cell has no end, which says nothing."""
    text = "".join(lines)
    return text if not text or text.endswith("\n") else f"{text}\n"


def _imported(program: str) -> list[str]:
    """The names that the imports at the top level bind, sorted."""
    imports = [node for node in ast.parse(program).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {(alias.asname or alias.name).partition(".")[0] for node in imports for alias in node.names}
    return sorted(names - {"*"})


def read_notebook(text: str) -> Notebook | str:
    """The notebook, or why it is none, for the user."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        return FAULT.format(error)
    if not isinstance(whole, dict) or not isinstance(whole.get("cells"), list):
        return FAULT.format("it has no list of cells")
    if _language(whole) not in ("python", "python3", "ipython"):
        return Notebook(text, ())
    cells = next(member for member in members(text, 0) if member.name == "cells")
    places = zip(elements(text, cells.start), whole["cells"], strict=True)
    found = (_cell(text, number, start, cell) for number, (start, cell) in enumerate(places, 1))
    return Notebook(text, tuple(cell for cell in found if cell is not None))


def _language(whole: dict[str, object]) -> str:
    metadata = whole.get("metadata")
    if isinstance(metadata, dict):
        for part, key in (("kernelspec", "language"), ("language_info", "name")):
            table = metadata.get(part)
            if isinstance(table, dict) and isinstance(table.get(key), str):
                return str(table[key]).lower()
    return "python"


def _cell(text: str, number: int, start: int, cell: object) -> Cell | None:
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return None
    source = cell.get("source")
    joined = "".join(source) if isinstance(source, list) and all(isinstance(s, str) for s in source) else source
    place = next((member for member in members(text, start) if member.name == "source"), None)
    if not isinstance(joined, str) or place is None:
        return None
    return Cell(number, tuple(split_lines(joined)), _written(text, place, source))


def _written(text: str, place: Member, source: object) -> Text:
    parts = tuple(elements(text, place.start)) if isinstance(source, list) else ()
    return Text(place.start, place.end, parts)


def _rewritten(text: str, cell: Cell, lines: tuple[str, ...]) -> str:
    """The JSON of a cell's new source, in the way the old one is written."""
    place = cell.written
    ascii_only = text.isascii() and "\\u" in text
    if not place.parts:
        if text.startswith("[", place.start):  # an empty list
            return json.dumps(list(lines), ensure_ascii=ascii_only)
        return json.dumps("".join(lines), ensure_ascii=ascii_only)
    decoder = json.JSONDecoder()
    old = [decoder.raw_decode(text, start) for start in place.parts]
    pieces = [value for value, _ in old]
    raws = [text[start:end] for start, (_, end) in zip(place.parts, old, strict=True)]
    before = text[place.start + 1 : place.parts[0]]
    between = text[old[0][1] : place.parts[1]] if len(place.parts) > 1 else "," + before
    after = text[old[-1][1] : place.end - 1]
    written: list[str] = []
    for tag, a, b, c, d in SequenceMatcher(None, pieces, list(lines), autojunk=False).get_opcodes():
        fresh = (json.dumps(line, ensure_ascii=ascii_only) for line in lines[c:d])
        written += raws[a:b] if tag == "equal" else fresh
    return f"[{before}{between.join(written)}{after}]" if written else "[]"
