"""What one turn of a loop leaves to the next: the names that are read before they get a value in that turn.

A loop that leaves nothing is run once: a training step reads what it has computed itself. Reading and assigning follow
the interpreter, which runs the body of a `try` to its end and every branch that does not leave.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from autofix.analysis.remembered import remembered, walk

_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


@remembered
def carried(loop: ast.For | ast.AsyncFor | ast.While) -> frozenset[str]:
    """Return the names whose values from before a turn of a loop may be read in that turn."""
    reader = _Reader()
    if isinstance(loop, ast.While):
        reader.read(loop.test, set())
        reader.run(loop.body, set())
    else:
        given: set[str] = set()
        reader.give(loop.target, given)
        reader.run(loop.body, given)
    return frozenset(reader.before)


class _Reader:
    """Gathers the names that are read `before` they are given a value; `given` are those that have one by then."""

    def __init__(self) -> None:
        self.before: set[str] = set()

    def run(self, body: Iterable[ast.stmt], given: set[str]) -> set[str]:
        """Read statements one after the other; return the names that have a value at their end."""
        for each in body:
            if isinstance(each, ast.If):
                self.read(each.test, given)
                ends = [self.run(one, set(given)) for one in (each.body, each.orelse) if not _leaves(one)]
                for one in (each.body, each.orelse):
                    if _leaves(one):
                        self.run(one, set(given))
                given |= set.intersection(*ends) if ends else set()
            elif isinstance(each, (ast.For, ast.AsyncFor, ast.While)):
                self._loop(each, given)
            elif isinstance(each, (ast.With, ast.AsyncWith)):
                for item in each.items:
                    self.read(item.context_expr, given)
                    self.give(item.optional_vars, given)
                self.run(each.body, given)
            elif isinstance(each, ast.Try):
                self.run((*each.body, *each.orelse), given)
                for handler in each.handlers:
                    self.run(handler.body, set(given))
                self.run(each.finalbody, given)
            else:
                self._simple(each, given)
        return given

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, given: set[str]) -> None:
        inside = set(given)
        if isinstance(node, ast.While):
            self.read(node.test, given)
        else:
            self.read(node.iter, given)
            self.give(node.target, inside)
        self.run(node.body, inside)
        self.run(node.orelse, set(given))

    def _simple(self, node: ast.stmt, given: set[str]) -> None:
        if isinstance(node, ast.Assign):
            self.read(node.value, given)
            for target in node.targets:
                self.give(target, given)
        elif isinstance(node, ast.AnnAssign):
            self.read(node.value, given)
            self.give(node.target if node.value is not None else None, given)
        elif isinstance(node, ast.AugAssign):
            self.read(node.value, given)
            if isinstance(node.target, ast.Name) and node.target.id not in given:
                self.before.add(node.target.id)
            self.give(node.target, given)
        else:
            self.read(node, given)

    def give(self, target: ast.expr | None, given: set[str]) -> None:
        """Give the names in a target their value; what an attribute or an item belongs to is read."""
        if isinstance(target, ast.Name):
            given.add(target.id)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for each in target.elts:
                self.give(each, given)
        elif isinstance(target, ast.Starred):
            self.give(target.value, given)
        else:
            self.read(target, given)

    def read(self, node: ast.AST | None, given: set[str]) -> None:
        """Read an expression, or a whole function or class, whose own names are not told apart."""
        for each in walk(node) if node is not None else ():
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load) and each.id not in given:
                self.before.add(each.id)


def _leaves(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], _LEAVING)
