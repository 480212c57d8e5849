"""Take the JSON of a notebook; give its code cells, and the JSON with new source lines in place of those that changed.

Only changed lines are rewritten: the JSON is never dumped as a whole, so that indentation, escapes, outputs and
counters stay the same, byte for byte. Members of objects and elements of lists are found by their offsets in a text
that is known to be valid. The format: https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from autofix.model import Edit, Finding, Span
from autofix.source.cells import Cell, Cells
from autofix.source.diff import runs
from autofix.source.edits import apply_edits
from autofix.source.files import split_lines

FAULT = "not a valid notebook: {}; open and save it in Jupyter, then run autofix again"


@dataclass(frozen=True)
class Notebook:
    """The JSON text, its code cells, and where the source of each stands in the text."""

    text: str
    code: Cells
    written: tuple[Text, ...]

    def with_program(self, program: str) -> str:
        """The JSON once the cells are those of `program`."""
        result, last = [], 0
        for place, source in self._changes(program):
            result += [self.text[last : place.start], source]
            last = place.end
        return "".join([*result, self.text[last:]])

    def placed(self, finding: Finding) -> Finding:
        """A finding of the program as one of its cell, with where that stands in the JSON and what is to be written."""
        told = self.code.placed(finding)
        edits = finding.fix.edits
        changes = self._changes(apply_edits(self.code.program, edits)) if edits else ()
        replacements = tuple(Edit(self._span(place.start, place.end), source) for place, source in changes)
        said = told.explanation
        if said is not None:
            said = replace(said, trail=tuple(replace(s, written=self._where(s.cell, s.span)) for s in said.trail))
        fix = replace(told.fix, replacements=replacements)
        return replace(told, fix=fix, explanation=said, written=self._where(told.cell, told.span))

    def _changes(self, program: str) -> Iterator[tuple[Text, str]]:
        """Each cell that differs in `program`: where its source stands, and how that is written then."""
        for cell, place, lines in zip(self.code.cells, self.written, self.code.split(program), strict=True):
            if lines != cell.lines:
                yield place, _rewritten(self.text, place, lines)

    def _where(self, number: int | None, span: Span) -> Span | None:
        """Where a span of a cell stands in the JSON."""
        for cell, place in zip(self.code.cells, self.written, strict=True):
            if cell.number == number:
                written = characters(self.text, place)
                first, last = (sum(map(len, cell.lines[: line - 1])) for line in (span.line, span.end_line))
                start, end = first + span.column - 1, last + span.end_column - 2
                return self._span(written[start][0], written[end][1]) if end < len(written) else None
        return None

    def _span(self, start: int, end: int) -> Span:
        return Span(*_position(self.text, start), *_position(self.text, end))


def _position(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def read_notebook(text: str) -> Notebook | str:
    """The notebook, or why it is none, for the user."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        return FAULT.format(error)
    if not isinstance(whole, dict) or not isinstance(whole.get("cells"), list):
        return FAULT.format("it has no list of cells")
    if _language(whole) not in ("python", "python3", "ipython"):
        return Notebook(text, Cells(()), ())
    cells = next(member for member in members(text, 0) if member.name == "cells")
    places = zip(elements(text, cells.start), whole["cells"], strict=True)
    found = [_cell(text, number, start, cell) for number, (start, cell) in enumerate(places, 1)]
    code = [each for each in found if each is not None]
    return Notebook(text, Cells(tuple(cell for cell, _ in code)), tuple(written for _, written in code))


def _language(whole: dict[str, object]) -> str:
    metadata = whole.get("metadata")
    if isinstance(metadata, dict):
        for part, key in (("kernelspec", "language"), ("language_info", "name")):
            table = metadata.get(part)
            if isinstance(table, dict) and isinstance(table.get(key), str):
                return str(table[key]).lower()
    return "python"


def _cell(text: str, number: int, start: int, cell: object) -> tuple[Cell, Text] | None:
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return None
    source = cell.get("source")
    joined = "".join(source) if isinstance(source, list) and all(isinstance(s, str) for s in source) else source
    place = next((member for member in members(text, start) if member.name == "source"), None)
    if not isinstance(joined, str) or place is None:
        return None
    return Cell(number, tuple(split_lines(joined))), _written(text, place, source)


def _written(text: str, place: Member, source: object) -> Text:
    parts = tuple(elements(text, place.start)) if isinstance(source, list) else ()
    return Text(place.start, place.end, parts)


def _rewritten(text: str, place: Text, lines: tuple[str, ...]) -> str:
    """The JSON of a cell's new source, in the way the old one is written."""
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
    kept = {run.new + step: raws[run.old + step] for run in runs(pieces, lines) for step in range(run.size)}
    written = [kept.get(at) or json.dumps(line, ensure_ascii=ascii_only) for at, line in enumerate(lines)]
    return f"[{before}{between.join(written)}{after}]" if written else "[]"


_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_SPACE = " \t\r\n"
_decoder = json.JSONDecoder()


@dataclass(frozen=True)
class Member:
    """A member of an object: its name, and where its value starts and ends."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Text:
    """Where a value stands, and where each of its elements starts if it is a list."""

    start: int
    end: int
    parts: tuple[int, ...]


def members(text: str, start: int) -> Iterator[Member]:
    """Yield the members of the object that starts at or after `start`."""
    at = _skip(text, _skip(text, start) + 1)
    while text[at] != "}":
        name, at = _decoder.raw_decode(text, at)
        value = _skip(text, _skip(text, at) + 1)  # past the colon
        end = _decoder.raw_decode(text, value)[1]
        yield Member(name, value, end)
        at = _next(text, end)


def elements(text: str, start: int) -> Iterator[int]:
    """Yield where each element of the list at `start` starts."""
    at = _skip(text, start + 1)
    while text[at] != "]":
        yield at
        at = _next(text, _decoder.raw_decode(text, at)[1])


def characters(text: str, place: Text) -> list[tuple[int, int]]:
    """Return where each character of a string, or of a list of strings, starts and ends: `\\n` is one of them."""
    found: list[tuple[int, int]] = []
    for start in place.parts or (place.start,):
        at = start + 1
        while text[at] != '"':
            end = at + _width(text, at)
            found.append((at, end))
            at = end
    return found


def _width(text: str, at: int) -> int:
    """Return how many characters of JSON stand for the one at an offset; of two surrogates Python makes one."""
    if text[at] != "\\":
        return 1
    pair = _PAIR.match(text, at)
    return len(pair[0]) if pair is not None else 6 if text[at + 1] == "u" else 2


def _next(text: str, at: int) -> int:
    """Return where the next member or element starts, or the closing bracket."""
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at
