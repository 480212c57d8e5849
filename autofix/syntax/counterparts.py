"""Take two trees; give, for each node of the second, its counterpart in the first.

The second is the first with a few expressions rewritten, and statements added or removed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autofix.source.diff import changes, runs


def counterparts(before: ast.Module, after: ast.Module) -> dict[ast.AST, ast.AST]:
    """Return what the nodes of `after` were before; what was added was nothing."""
    found: dict[ast.AST, ast.AST] = {}
    _bodies(before.body, after.body, found)
    return found


def _bodies(before: Sequence[ast.stmt], after: Sequence[ast.stmt], found: dict[ast.AST, ast.AST]) -> None:
    old, new = list(_flat(before)), list(_flat(after))
    dumped = [ast.dump(each) for each in old], [ast.dump(each) for each in new]
    for run in runs(*dumped):
        for step in range(run.size):
            _alike(old[run.old + step], new[run.new + step], found)
    for change in changes(*dumped):
        _changed(old[change.old : change.old_end], new[change.new : change.new_end], found)


def _changed(old: Sequence[ast.AST], new: Sequence[ast.AST], found: dict[ast.AST, ast.AST]) -> None:
    labels = [_label(each) for each in old], [_label(each) for each in new]
    for run in runs(*labels):
        for step in range(run.size):
            _alike(old[run.old + step], new[run.new + step], found)


def _flat(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """Yield statements, those in a `with` beside its head: a block that records nothing may be gone."""
    for each in body:
        if isinstance(each, (ast.With, ast.AsyncWith)):
            yield from each.items
            yield from _flat(each.body)
        else:
            yield each


def _label(node: ast.AST) -> str:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return f"def {name}"
        case ast.Assign(targets=targets):
            return "=".join(map(ast.unparse, targets))
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target) | ast.For(target=target):
            return f"{type(node).__name__} {ast.unparse(target)}"
        case ast.Expr(value=ast.Call(func=func)):
            return ast.unparse(func).rpartition(".")[2]
    return type(node).__name__


def _alike(one: ast.AST, two: ast.AST, found: dict[ast.AST, ast.AST]) -> None:
    """Note that `two` was `one`, and what stands in them as far as they are built alike."""
    found[two] = one
    if type(one) is not type(two):
        return
    for name in two._fields:
        old, new = getattr(one, name, None), getattr(two, name, None)
        if isinstance(old, ast.AST) and isinstance(new, ast.AST):
            _alike(old, new, found)
        elif isinstance(old, list) and isinstance(new, list):
            if any(isinstance(each, ast.stmt) for each in new):
                _bodies(old, new, found)
            elif len(old) == len(new):
                for first, second in zip(old, new, strict=True):
                    if isinstance(first, ast.AST) and isinstance(second, ast.AST):
                        _alike(first, second, found)
