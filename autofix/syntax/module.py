"""Relations between the nodes of a module: parents, enclosing functions, bindings, and the branches a node is in.

Takes a tree and its text; every answer is a node of that tree. Built once per text, and only when there is a fault. Of
two nodes in different branches of one `if`, a run reaches at most one.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from autofix.model import Site, Span
from autofix.source.files import split_lines
from autofix.syntax.bindings import dotted
from autofix.syntax.memo import functions_in
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import Key, Positions, file_of, span

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


@dataclass(frozen=True, eq=False)
class Binding:
    """Where a name gets a value: the name as written there, and the expression whose value, or part, it gets.

    `index` is its place in a tuple that cannot be taken apart in the source. `adds` says that the old value is a part
    of the new one: `total += loss`, `d[0] = p`.
    """

    target: ast.expr
    value: ast.expr
    index: int | None = None
    adds: bool = False


class Syntax:
    """One module."""

    def __init__(self, tree: ast.Module, text: str) -> None:
        self.tree = tree
        self.lines = split_lines(text)
        self._positions = Positions(text)
        self._bound: dict[int, dict[str, list[Binding]]] = {}
        self._around: dict[int, Sequence[ast.AST]] = {}
        self._lines: dict[int, list[ast.expr]] = {}
        self._walrus = ":=" in text

    @cached_property
    def _ends(self) -> list[int]:
        return [each.end_lineno or each.lineno for each in self.tree.body]

    def key(self, node: ast.AST) -> Key:
        """Return the key under which the facts know a node."""
        return self._positions.key(node)

    def span(self, node: ast.AST) -> Span:
        """Return where a node stands."""
        return span(self.key(node))

    def around(self, node: ast.AST) -> Sequence[ast.AST]:
        """Return what a node stands in, from the inside out."""
        if id(node) not in self._around:
            found = [path for each in self._statement(_place(node)[0]) if (path := _path(each, node, _place(node)))]
            self._around[id(node)] = (*(found[0] if found else ()), self.tree)
        return self._around[id(node)]

    def at(self, where: Span) -> ast.expr | None:
        """Return the expression that fills a stretch of the file."""
        return next((each for each in self._on_line(where.line) if self.span(each) == where), None)

    def with_key(self, key: Key) -> ast.expr | None:
        """Return the expression that has this key."""
        return next((each for each in self._on_line(key[1]) if self.key(each) == key), None)

    def _on_line(self, line: int) -> list[ast.expr]:
        """Return the expressions that start on a line."""
        if line not in self._lines:
            self._lines[line] = [each for statement in self._statement(line) for each in _starting_on(line, statement)]
        return self._lines[line]

    def _statement(self, line: int) -> Sequence[ast.stmt]:
        """Return the statement of the module that holds a line, its decorators included."""
        return self.tree.body[bisect_left(self._ends, line) :][:1]

    def bindings(self, name: ast.Name) -> tuple[ast.AST | None, list[Binding]]:
        """Return the function (None: the module) that a name is looked up in, and what binds it there.

        What stands before the name comes first, the nearest at the head: then what a loop brings round.
        """
        for scope in self.around(name):
            if isinstance(scope, _COMPREHENSIONS):
                found = [each for one in scope.generators for each in _unpacked(one.target, one.iter)
                         if isinstance(each.target, ast.Name) and each.target.id == name.id]  # fmt: skip
                if found:
                    return scope, found
            if isinstance(scope, FUNCTIONS) or scope is self.tree:
                bound = self._bindings_in(scope).get(name.id, [])
                if bound or (isinstance(scope, FUNCTIONS) and parameter(scope, name.id) is not None):
                    before = [each for each in bound if each.target.lineno < name.lineno]
                    return scope, [*reversed(before), *reversed([each for each in bound if each not in before])]
        return None, []

    def attributes(self, name: str, near: ast.AST) -> list[Binding]:
        """Return what gives an attribute (`self.p`) its value, in the class around `near` if there is one."""
        owner = next((each for each in self.around(near) if isinstance(each, ast.ClassDef)), self.tree)
        return self._bindings_in(owner).get(name, [])

    def _bindings_in(self, scope: ast.AST) -> dict[str, list[Binding]]:
        if id(scope) not in self._bound:
            found: dict[str, list[Binding]] = defaultdict(list)
            for each in self._bindings(scope):
                target = each.target.value if isinstance(each.target, ast.Subscript) else each.target
                found[dotted(target)].append(each)
            self._bound[id(scope)] = found
        return self._bound[id(scope)]

    def _bindings(self, scope: ast.AST) -> Iterator[Binding]:
        deep = isinstance(scope, ast.ClassDef)  # the attributes of an instance are bound in any of its methods
        for statement in _statements(scope, deep):
            yield from _bound_by(statement)
            head = getattr(statement, "test", None if hasattr(statement, "body") else statement)
            for each in ast.walk(head) if self._walrus and head is not None else ():
                if isinstance(each, ast.NamedExpr):
                    yield Binding(each.target, each.value)


def parents_of(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    """Return what each node below this one stands in."""
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def statement_of(parents: Mapping[ast.AST, ast.AST], node: ast.AST) -> ast.stmt:
    """Return the statement that a node is in, by what each node stands in."""
    while not isinstance(node, ast.stmt):
        node = parents[node]
    return node


def parameter(function: FunctionNode, name: str) -> ast.arg | None:
    """Return the parameter of this name."""
    spec = function.args
    every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]
    return next((each for each in every if each is not None and each.arg == name), None)


def returned(function: FunctionNode) -> list[ast.expr]:
    """Return the expressions that a function returns, the last first."""
    if isinstance(function, ast.Lambda):
        return [function.body]
    inside = (each for each in _statements(function) if isinstance(each, ast.Return))
    return [each.value for each in inside if each.value is not None][::-1]


def _statements(scope: ast.AST, deep: bool = False) -> Iterator[ast.stmt]:
    """Yield the statements in a scope in their order, not those of functions and classes in it unless `deep`."""
    for name in ("body", "handlers", "orelse", "finalbody", "cases"):
        block = getattr(scope, name, None)
        for each in block if isinstance(block, list) else ():
            if isinstance(each, ast.stmt):
                yield each
            if deep or not isinstance(each, (*FUNCTIONS, ast.ClassDef)):
                yield from _statements(each, deep)


def _bound_by(node: ast.stmt) -> Iterator[Binding]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _unpacked(target, node.value)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield Binding(node.target, node.value)
    elif isinstance(node, ast.AugAssign):
        yield Binding(node.target, node.value, adds=True)
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        yield from _unpacked(node.target, node.iter)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        for added in node.value.args[:1] if node.value.func.attr == "append" else ():
            yield Binding(node.value.func.value, added, adds=True)


def _place(node: ast.AST) -> tuple[int, int, int, int]:
    start, end = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
    return start, getattr(node, "col_offset", 0), end, getattr(node, "end_col_offset", 0)


def _starting_on(line: int, parent: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions below a node that start on a line; only what holds the line is looked into."""
    for child in ast.iter_child_nodes(parent):
        start = getattr(child, "lineno", 0)
        if start == line and isinstance(child, ast.expr):
            yield child
        if not start or start <= line <= child.end_lineno or hasattr(child, "decorator_list"):  # type: ignore[attr-defined]
            yield from _starting_on(line, child)


def _path(parent: ast.AST, node: ast.AST, place: tuple[int, int, int, int]) -> list[ast.AST] | None:
    """Return what `node` stands in, from the inside out to `parent`, found by where things stand."""
    for child in ast.iter_child_nodes(parent):
        if child is node:
            return [parent]
        start_line, start, end_line, end = _place(child)
        if not start_line or ((start_line, start) <= place[:2] and place[2:] <= (end_line, end)):
            found = _path(child, node, place)
            if found is not None:
                found.append(parent)
                return found
    return None


def _unpacked(target: ast.expr, value: ast.expr) -> Iterator[Binding]:
    """Yield the names in a target, each with the part of the value that it gets where the source shows that."""
    if not isinstance(target, (ast.Tuple, ast.List)):
        yield Binding(target, value, adds=isinstance(target, ast.Subscript))
        return
    for index, each in enumerate(target.elts):
        part = _part(value, index, len(target.elts))
        for binding in _unpacked(each, part or value):
            known = part is not None or binding.index is not None
            yield binding if known else Binding(binding.target, binding.value, index)


def _part(value: ast.expr, index: int, length: int) -> ast.expr | None:
    if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == length:
        return value.elts[index]
    name = value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""
    if isinstance(value, ast.Call) and name == "zip" and index < len(value.args):
        return value.args[index]
    return value.args[0] if isinstance(value, ast.Call) and name == "enumerate" and index == 1 else None


Arm = tuple[int, int, int]
"""The line and the column of what branches, and the number of the arm."""

_JUMPS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def arms_at(tree: ast.AST, line: int) -> frozenset[Arm]:
    """Return the arms in which the statement in a line stands."""
    return frozenset(_arms(tree, line))


def are_exclusive(one: frozenset[Arm], other: frozenset[Arm]) -> bool:
    """Do two places lie in different arms of the same branching?"""
    taken = {arm[:2]: arm[2] for arm in one}
    return any(taken.get(arm[:2], arm[2]) != arm[2] for arm in other)


def _arms(node: ast.AST, line: int) -> Iterator[Arm]:
    for number, block in enumerate(_blocks(node)):
        at = next((index for index, each in enumerate(block) if _holds(each, line)), None)
        if at is None:
            continue
        if isinstance(node, (ast.If, ast.Match)):
            yield (node.lineno, node.col_offset, number)
        for before in block[:at]:
            if isinstance(before, ast.If):
                yield from _passed(before)
        yield from _arms(block[at], line)


def _passed(statement: ast.If) -> Iterator[Arm]:
    """Yield the arm that was taken where a run has come past an `if`, because it would have left in the other."""
    place = statement.lineno, statement.col_offset
    if isinstance(statement.body[-1], _JUMPS):
        yield (*place, 1)
        for inner in statement.orelse:
            if isinstance(inner, ast.If):
                yield from _passed(inner)
    elif statement.orelse and isinstance(statement.orelse[-1], _JUMPS):
        yield (*place, 0)


def _blocks(node: ast.AST) -> list[Sequence[ast.stmt]]:
    if isinstance(node, ast.Match):
        return [case.body for case in node.cases]
    names = ("body", "orelse", "finalbody")
    blocks = [block for name in names if isinstance(block := getattr(node, name, None), list)]
    return [*blocks, *(handler.body for handler in getattr(node, "handlers", ()))]


def _holds(statement: ast.stmt, line: int) -> bool:
    return first_line(statement) <= line <= (statement.end_lineno or statement.lineno)


def first_line(node: ast.stmt | ast.expr) -> int:
    """Return the line that a statement or an expression begins at: that of its first decorator, where it has one."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def holds(function: ast.stmt | ast.expr, place: Span) -> bool:
    """Does a function, or one of its decorators, hold a place in its file?"""
    inside = first_line(function) <= place.line <= (function.end_lineno or function.lineno)
    return inside and place.file == file_of(function)


def enclosing(tree: ast.Module, place: Span) -> str:
    """Return the name of the function around a stretch of a module."""
    function = function_at(tree, place.line)
    return "<module>" if isinstance(function, ast.Module) else function.name


def function_at(tree: ast.Module, line: int) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.Module:
    """Return the innermost function around a line, else the module."""
    around = [each for each in functions_in(tree) if each.lineno <= line <= (each.end_lineno or 0)]
    return max(around, key=lambda each: each.lineno, default=tree)


def node_at(site: Site, text: str) -> ast.expr | None:
    """Return the expression at a site; of several that start and end there the outermost."""
    positions, tree = Positions(text), parsed(text)
    expressions = (node for node in ast.walk(tree) if isinstance(node, ast.expr))
    return next((node for node in expressions if span(positions.key(node)) == site.span), None)
