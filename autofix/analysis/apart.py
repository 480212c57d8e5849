"""Whether a class may keep parts where nobody asks for their parameters: only a run of its program says more."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autofix.knowledge.operations import last_names
from autofix.syntax.bindings import last_part
from autofix.syntax.memo import nodes_of

_CONTAINERS = (ast.List, ast.Tuple, ast.Dict, ast.Set, ast.ListComp, ast.DictComp)
_ADDS = ("append", "extend")
_FLAG = "requires_grad"
_MAKES = last_names("makes-leaf")


def keeps_apart(tree: ast.Module) -> bool:
    """Does a class with a base keep something that is made there in a container of its own, or a leaf?"""
    return any(_is_made(value) for owner in nodes_of(tree, ast.ClassDef) if owner.bases for value in _kept(owner))


def _kept(owner: ast.ClassDef) -> Iterator[ast.expr]:
    """Yield what the methods of a class put into containers, and what else they assign to attributes."""
    for node in ast.walk(owner):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            stored = [one for target in targets for one in ast.walk(target) if isinstance(one, ast.Attribute)]
            into = any(isinstance(target, ast.Subscript) for target in targets)
            if stored and (into or isinstance(node.value, _CONTAINERS) or _is_leaf(node.value)):
                yield node.value
        elif isinstance(node, ast.Call) and last_part(node.func) in _ADDS and len(node.args) == 1:
            yield node.args[0]


def _is_made(value: ast.expr) -> bool:
    """Is a class called there, or a leaf made?"""
    calls = [each for each in ast.walk(value) if isinstance(each, ast.Call)]
    return any(last_part(each.func)[:1].isupper() for each in calls) or _is_leaf(value)


def _is_leaf(value: ast.expr) -> bool:
    """Is a tensor made that asks for a gradient of its own, or a variable?"""
    return any(
        last_part(each.func) in _MAKES
        or last_part(each.func).startswith(_FLAG)
        or any(one.arg == _FLAG for one in each.keywords)
        for each in ast.walk(value)
        if isinstance(each, ast.Call)
    )
