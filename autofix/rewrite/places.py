"""Finds places in a LibCST module by what the analysis calls them."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

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
