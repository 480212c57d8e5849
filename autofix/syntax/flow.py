"""What flows into and out of the statements of a training step: names that are read, given a value, added to.

A sum or a list that a step builds up (`loss += …`, `losses.append(…)`) is added to; it starts where it gets a value
whatever it had.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

_GROWING = frozenset({"append", "extend", "insert", "add"})


def free(body: Sequence[ast.stmt], bound: set[str]) -> dict[str, None]:
    """Return the names that statements use before they give them a value, in the order of their use."""
    names: dict[str, None] = {}
    for statement in body:
        if isinstance(statement, ast.With):
            for item in statement.items:
                names |= dict.fromkeys(sorted(loaded(item) - bound))
            names |= free(statement.body, bound)
        elif isinstance(statement, ast.For):
            names |= dict.fromkeys(sorted(loaded(statement.iter) - bound))
            bound |= {each.id for each in ast.walk(statement.target) if isinstance(each, ast.Name)}
            names |= free([*statement.body, *statement.orelse], bound)
        elif isinstance(statement, (ast.If, ast.While)):
            taken = {each.target.id for each in ast.walk(statement.test) if isinstance(each, ast.NamedExpr)}
            names |= dict.fromkeys(sorted(loaded(statement) - bound - taken))
        else:
            names |= dict.fromkeys(sorted(loaded(statement) - bound))
        bound |= assigned(statement)
    return names


def loaded(node: ast.AST) -> set[str]:
    """Return the names that a node reads, those that comprehensions and lambdas in it bind for themselves left out."""
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
    names |= {each.target.id for each in ast.walk(node) if isinstance(each, ast.AugAssign)
              and isinstance(each.target, ast.Name)}  # fmt: skip
    return names - _inner_names(node)


def _inner_names(node: ast.AST) -> set[str]:
    """Return the names that comprehensions and lambdas in a node bind for themselves."""
    inner: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.comprehension):
            inner |= {name.id for name in ast.walk(each.target) if isinstance(name, ast.Name)}
        elif isinstance(each, ast.Lambda):
            inner |= {argument.arg for argument in each.args.args}
    return inner


def grown(node: ast.stmt) -> set[str]:
    """Return the names of what a statement adds to: `loss += …`, `losses.append(…)`."""
    names: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.AugAssign) and isinstance(each.target, ast.Name):
            names.add(each.target.id)
        elif isinstance(each, ast.Expr) and isinstance(each.value, ast.Call):
            func = each.value.func
            if isinstance(func, ast.Attribute) and func.attr in _GROWING and isinstance(func.value, ast.Name):
                names.add(func.value.id)
    return names


def started(node: ast.stmt) -> set[str]:
    """Return the names that a statement gives a new value, whatever they had."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)
            and isinstance(each.ctx, ast.Store)}  # fmt: skip


def assigned(node: ast.stmt) -> set[str]:
    """Return the names that a statement gives a value, those of which it sets an attribute included."""
    names: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            names.add(each.id)
        elif isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store) and isinstance(each.value, ast.Name):
            names.add(each.value.id)
    return names
