"""What decorators do with the result of a function that gives a tensor now: who logs, stores or pickles it reads it.

A decorator is looked for in the file and, by its imports, in the others of the project; nothing is imported. One that
only hands the result on, timed or scaled, reads nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from autofix.knowledge.frameworks import SAME_ON_NUMBERS
from autofix.syntax.bindings import dotted
from autofix.syntax.memo import functions_in, nodes_of
from autofix.syntax.module import parents_of
from autofix.syntax.spans import Around, Neighbour

_DEPTH = 4
_KEEPING = frozenset({"lru_cache", "cache", "cached", "cached_property", "memoize", "memoized"})
"""Decorators of libraries that keep what a function returns."""

_OF_TENSORS_TOO = SAME_ON_NUMBERS | {"shape"}
Decorator = ast.FunctionDef | ast.ClassDef


class Read(NamedTuple):
    """A read of a result; `neighbour` is the file that it stands in, None for the file at hand."""

    node: ast.expr
    neighbour: Neighbour | None


def reads_by_decorators(function: ast.FunctionDef, tree: ast.Module, around: Around | None) -> Iterator[Read]:
    """Yield what the decorators of a function do with its result, but return it."""
    for written in function.decorator_list:
        named = written.func if isinstance(written, ast.Call) else written
        found = _definition(named, tree, None, around, _DEPTH)
        if found is not None:
            decorator, neighbour = found
            yield from (Read(each, neighbour) for each in _reads_of_results(decorator))
        elif dotted(named).rpartition(".")[2] in _KEEPING:
            yield Read(written, None)


def _definition(
    named: ast.expr, tree: ast.Module, neighbour: Neighbour | None, around: Around | None, depth: int
) -> tuple[Decorator, Neighbour | None] | None:
    """Return the function or class of the project that a name stands for, and the file that it stands in."""
    owner, _, name = dotted(named).rpartition(".")
    if not name or depth == 0:
        return None
    if not owner:
        for each in tree.body:
            if isinstance(each, (ast.FunctionDef, ast.ClassDef)) and each.name == name:
                return each, neighbour
    for module, rest in _imported_from(owner, name, tree):
        near = neighbour.path if neighbour is not None else around.path if around is not None else ""
        path = around.place(module, near) if around is not None else None
        other = around.read(path) if around is not None and path is not None else None
        if other is not None:
            return _definition(ast.Name(rest, ast.Load()), other.tree, other, around, depth - 1)
    return None


def _imported_from(owner: str, name: str, tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the modules that a name, or one of a module, may come from, and what it is called there."""
    for each in nodes_of(tree, ast.ImportFrom):
        module = "." * each.level + (each.module or "")
        for alias in each.names:
            here = alias.asname or alias.name
            if not owner and (here == name or alias.name == "*"):
                yield module, name if alias.name == "*" else alias.name
            elif owner == here:
                yield (module if module.endswith(".") else f"{module}.") + alias.name, name
    for plain in nodes_of(tree, ast.Import):
        yield from ((alias.name, name) for alias in plain.names if owner == (alias.asname or alias.name))


def _reads_of_results(decorator: Decorator) -> Iterator[ast.expr]:
    """Yield where the result of the decorated function is read, but to be returned, alone or in arithmetic."""
    parents = parents_of(decorator)
    calls = _calls_of_the_decorated(decorator)
    names: set[str] = set()
    for call in calls:
        place = parents[call]
        while isinstance(place, ast.Await):
            place = parents[place]
        targets = place.targets if isinstance(place, ast.Assign) else []
        names |= {each.id for each in targets if isinstance(each, ast.Name)}
        kept = [each for each in targets if not isinstance(each, ast.Name)]
        if kept or not (isinstance(place, (ast.Assign, ast.Expr)) or _is_handed_on(call, parents)):
            yield call
    for name in nodes_of(decorator, ast.Name):
        if name.id in names and isinstance(name.ctx, ast.Load) and not _is_handed_on(name, parents):
            yield name


def _calls_of_the_decorated(decorator: Decorator) -> list[ast.Call]:
    """Return the calls of what the decorator, or a function in it, was given: `fn(*args)`, `self.fn(*args)`."""
    functions = [*([decorator] if isinstance(decorator, ast.FunctionDef) else []), *functions_in(decorator)]
    taken = {each.arg for function in functions for each in function.args.args}
    given = [each for each in nodes_of(decorator, ast.Assign) if getattr(each.value, "id", None) in taken]
    stored = {ast.unparse(each) for one in given for each in one.targets if isinstance(each, ast.Attribute)}
    return [each for each in nodes_of(decorator, ast.Call)
            if getattr(each.func, "id", None) in taken or ast.unparse(each.func) in stored]  # fmt: skip


def _is_handed_on(node: ast.expr, parents: dict[ast.AST, ast.AST]) -> bool:
    """Is a result only returned, computed with on its way there, or asked for what a tensor gives as well?"""
    parent = parents[node]
    match parent:
        case ast.Attribute(attr=attr):
            return attr in _OF_TENSORS_TOO
        case ast.Compare(ops=[ast.Is() | ast.IsNot()]):
            return True
        case ast.Call(func=ast.Name(id=("float" | "int" | "len"))):
            return True
    while isinstance(parent, (ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Await)):
        parent = parents[parent]
    return isinstance(parent, (ast.Return, ast.Yield))
