"""Name lines and code in messages: each stage those of its own text, translated to those of the file.

A line is named with a mark, so that it can be translated. One that has no place in the file, because autofix generated
it, is not mentioned.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

from autofix.worker.texts import MARK, at_line, shortened

__all__ = ["at_line", "lines_in_words", "lines_of", "moved", "said", "shortened"]

_LINE = re.compile(rf"(?P<before> \(| in | from |, |)line (?P<line>\d+){MARK}(?P<after>\)?)")
_END_OF_CELL = re.compile(r"# autofix: the end of cell (\d+)")


def lines_in_words(text: str, path: str) -> str:
    """Return what an exception says with the lines that it names of the file at `path` marked, to be moved.

    Lines of the patched file, which the reader does not have, are called so; those of other files stay as they are.
    """
    whole = "|".join(re.escape(each) for each in {path, str(Path(path).absolute())})
    patched, line = r"(?P<patched> \(patched\))?", r"(?P<line>\d+)"
    forms = (
        rf'File "(?:{whole}){patched}", line {line}',  # a traceback
        rf"(?<=\(){re.escape(Path(path).name)}{patched}, line {line}(?=\))",  # a SyntaxError
        rf"(?<![\w./\\-])(?:{whole}){patched}:{line}\b",
    )
    for form in forms:
        text = re.sub(form, lambda found: "the patched file" if found["patched"] else at_line(int(found["line"])), text)
    return text


def moved(text: str, where: Callable[[int], int | None]) -> str:
    """Return a text with its lines as those of another file; `where` gives a line there, or None."""

    def phrase(found: re.Match[str]) -> str:
        line = where(int(found["line"]))
        if line is not None:
            return f"{found['before']}{at_line(line)}{found['after']}"
        return "" if found["before"] == " (" and found["after"] else found["after"]

    return _LINE.sub(phrase, text)


def said(text: str, file: str) -> str:
    """Return a text as it is shown: lines by their number, those of a notebook's program by cell and line."""
    if MARK not in text:
        return text
    numbered = enumerate(file.splitlines(), 1)
    ends = [(number, found[1]) for number, line in numbered if (found := _END_OF_CELL.match(line))]

    def phrase(found: re.Match[str]) -> str:
        line, before = int(found["line"]), 0
        for end, cell in ends:
            if line <= end:
                return f"{found['before']}cell {cell}, line {line - before}{found['after']}"
            before = end
        return f"{found['before']}line {line}{found['after']}"

    return _LINE.sub(phrase, text)


def lines_of(statement: ast.stmt) -> list[tuple[str, int]]:
    """Return the lines in which a statement is written anew, each with the line where its part stands in its file."""
    written = ast.unparse(ast.fix_missing_locations(statement)).splitlines()
    again = ast.parse("\n".join(written)).body[0]
    stood = {new.lineno: old.lineno for old, new in zip(_statements(statement), _statements(again), strict=False)}
    lines: list[tuple[str, int]] = []
    place = getattr(statement, "lineno", 1)
    for number, line in enumerate(written, 1):
        place = stood.get(number, place)
        lines.append((line, place))
    return lines


def _statements(node: ast.stmt) -> list[ast.stmt]:
    return [each for each in ast.walk(node) if isinstance(each, ast.stmt)]
