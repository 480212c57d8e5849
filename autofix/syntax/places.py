"""Locate nodes of a LibCST module by the spans of the analysis, and translate line numbers in messages.

Each stage names lines of its own text, with a mark, so that they can be translated to lines of the file. A line that
has no place in the file, because autofix generated it, is not mentioned.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import libcst as cst

from autofix.worker.load import MARK, at_line

Change = Callable[[cst.FunctionDef], cst.FunctionDef]


def with_function(module: cst.Module, qualname: str, change: Change) -> cst.Module | None:
    """Return the module with the function called `qualname` changed; None where there is none of that name."""
    path = [part for part in qualname.split(".") if part != "<locals>"]
    editor = _Editor(path, change)
    changed = module.visit(editor)
    return changed if editor.done else None


class _Editor(cst.CSTTransformer):
    def __init__(self, path: list[str], change: Change) -> None:
        super().__init__()
        self._wanted = path
        self._change = change
        self._path: list[str] = []
        self.done = False

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._path.append(node.name.value)

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        self._path.pop()
        return updated_node

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._path.append(node.name.value)

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        here = self._path == self._wanted
        self._path.pop()
        if not here or self.done:
            return updated_node
        self.done = True
        return self._change(updated_node)


def is_docstring(statement: cst.BaseStatement | cst.BaseSmallStatement) -> bool:
    """Is this statement a string that stands alone?"""
    if not isinstance(statement, cst.SimpleStatementLine) or not statement.body:
        return False
    small = statement.body[0]
    return isinstance(small, cst.Expr) and isinstance(small.value, (cst.SimpleString, cst.ConcatenatedString))


__all__ = ["at_line", "lines_in_words", "moved", "said"]

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
