"""Parameters that a program collects for an optimizer and never hands over.

A dictionary with `params` that is rebound, or forgotten, before anything reads it; a list of parameters that nothing
reads, beside one that the optimizer is given; one that grows when the optimizer is made already. Whether the parameters
get a gradient, and no optimizer holds them, a run says.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from autofix.knowledge.operations import last_names
from autofix.syntax.bindings import last_part
from autofix.syntax.memo import functions_in
from autofix.syntax.module import function_at, parents_of
from autofix.worker.untracked import MEANT

KEY = "params"
"""The entry of a group that holds its parameters."""
_GROWS = frozenset({"append", "extend", "update"})
_LISTS = last_names("lists-parameters")
_APART = ("backbone", "frozen", "freeze", "pretrain", "trunk", "unused", "rest", "other", "base", "body", "encoder")
"""What names say of parameters that are left as they are."""


@dataclass(frozen=True)
class Group:
    """Parameters by their name, from the first statement that makes them to the last that adds some.

    A `dict` is a group with settings of its own, and `again` one whose name is that of another group; a `list` stands
    beside another one, and a `late` list grows behind the optimizer.
    """

    name: str
    kind: Literal["dict", "again", "list", "late"]
    first: ast.stmt
    last: ast.stmt


def left_out(tree: ast.Module, text: str, line: int) -> list[Group]:
    """Return what is collected, in the function around a line or beside it, and not handed to the optimizer there."""
    scope, parents = function_at(tree, line), parents_of(tree)
    statements = list(_statements(scope))
    made = next((each for each in statements if each.lineno <= line <= (each.end_lineno or 0)), None)
    if made is None:
        return []
    found = [*_unread(scope, statements, parents), *_grown_late(scope, statements, parents, made)]
    return [each for each in found if not _is_meant(each, text)]


def collects_in_vain(tree: ast.Module, text: str) -> bool:
    """Is there a function that lists parameters, and does not hand on all that it collects?"""
    scopes = [each for each in (tree, *functions_in(tree)) if _lists_parameters(each)]
    parents = parents_of(tree) if scopes else {}
    return any(
        not _is_meant(group, text) for scope in scopes for group in _unread(scope, list(_statements(scope)), parents)
    )


def _statements(scope: ast.AST) -> Iterator[ast.stmt]:
    """Yield the simple statements of a scope, in their order."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            yield node
        elif isinstance(node, (ast.stmt, ast.ExceptHandler, ast.match_case)):
            yield from _statements(node)


def _bound(statement: ast.stmt) -> str:
    """Return the only name that a statement binds."""
    target = statement.targets[0] if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None
    return target.id if isinstance(target, ast.Name) else ""


def _unread(scope: ast.AST, statements: list[ast.stmt], parents: Mapping[ast.AST, ast.AST]) -> Iterator[Group]:
    """Yield what is bound to a name and read by nothing before the name is bound again."""
    bindings = [each for each in statements if _bound(each)]
    for at, each in enumerate(bindings):
        name = _bound(each)
        until = next((one.lineno for one in bindings[at + 1 :] if _bound(one) == name), 1 << 30)
        uses = [
            node
            for node in ast.walk(scope)
            if isinstance(node, ast.Name) and node.id == name and (each.end_lineno or 0) < node.lineno <= until
        ]
        filling = {id(one): _filling(one, parents) for one in uses}
        rebinding = [one for one in uses if isinstance(one.ctx, ast.Store)]
        if any(filling[id(one)] is None for one in uses if one not in rebinding):
            continue
        fills = [one for one in filling.values() if one is not None]
        last = max([each, *fills], key=lambda one: one.lineno)
        if _is_group(each, fills):
            is_again = any(_bound(one) == name for one in bindings if one is not each)
            yield Group(name, "again" if is_again else "dict", each, last)
        elif _is_list(each) and _has_sibling(each, bindings, scope):
            yield Group(name, "list", each, last)


def _filling(node: ast.Name, parents: Mapping[ast.AST, ast.AST]) -> ast.stmt | None:
    """Return the statement in which a collection is only filled: `group["params"].append(p)`; None for another use."""
    inner: ast.AST = node
    while isinstance(parents.get(inner), ast.Subscript) and getattr(parents[inner], "value", None) is inner:
        inner = parents[inner]
    parent = parents.get(inner)
    if isinstance(inner, ast.Subscript) and isinstance(inner.ctx, ast.Store) and isinstance(parent, ast.stmt):
        return parent
    if isinstance(parent, ast.AugAssign) and parent.target is inner:
        return parent
    call = parents.get(parent) if isinstance(parent, ast.Attribute) and parent.attr in _GROWS else None
    statement = parents.get(call) if isinstance(call, ast.Call) else None
    return statement if isinstance(statement, ast.Expr) else None


def _is_group(binding: ast.stmt, fills: list[ast.stmt]) -> bool:
    """Is this a dictionary with parameters in it?"""
    value = binding.value if isinstance(binding, ast.Assign) else None
    is_dict = isinstance(value, ast.Dict) or (isinstance(value, ast.Call) and last_part(value.func) == dict.__name__)
    return is_dict and any(
        (isinstance(each, ast.Constant) and each.value == KEY) or (isinstance(each, ast.keyword) and each.arg == KEY)
        for one in (value, *fills)
        if one is not None
        for each in ast.walk(one)
    )


def _lists_parameters(node: ast.AST) -> bool:
    """Is a module asked for its parameters there?"""
    return any(isinstance(each, ast.Call) and last_part(each.func) in _LISTS for each in ast.walk(node))


def _is_list(binding: ast.stmt) -> bool:
    """Are these the parameters themselves: no count, no copies, and no names of them?"""
    value = binding.value if isinstance(binding, ast.Assign) else None
    if isinstance(value, (ast.ListComp, ast.GeneratorExp)):
        return isinstance(value.elt, ast.Name) and _lists_parameters(binding)
    inner = [value.args[-1]] if isinstance(value, ast.Call) and value.args and _collects(value) else [value]
    return any(isinstance(each, ast.Call) and last_part(each.func) in _LISTS for each in inner) or (
        inner != [value] and any(isinstance(each, (ast.ListComp, ast.GeneratorExp)) for each in inner)
    )


def _collects(call: ast.Call) -> bool:
    return last_part(call.func) in (list.__name__, tuple.__name__, filter.__name__, itertools.chain.__name__)


def _has_sibling(binding: ast.stmt, bindings: list[ast.stmt], scope: ast.AST) -> bool:
    """Is another list made of parameters, and read?"""
    read = {each.id for each in ast.walk(scope) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
    return any(
        each is not binding and _bound(each) in read and _bound(each) != _bound(binding) and _lists_parameters(each)
        for each in bindings
    )


def _grown_late(
    scope: ast.AST, statements: list[ast.stmt], parents: Mapping[ast.AST, ast.AST], made: ast.stmt
) -> Iterator[Group]:
    """Yield the lists that an optimizer is given and that grow behind it."""
    given = {each.id for each in ast.walk(made) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
    for name in sorted(given):
        uses = [
            node for node in ast.walk(scope)
            if isinstance(node, ast.Name) and node.id == name and node.lineno > (made.end_lineno or 0)
        ]  # fmt: skip
        fills = [_filling(each, parents) for each in uses]
        grown = [each for each in fills if each is not None and _lists_parameters(each)]
        if grown and len(grown) == len(uses):
            yield Group(name, "late", grown[0], grown[-1])


def _is_meant(group: Group, text: str) -> bool:
    """Do its name, or comments beside it, say that it is left out?"""
    lines = text.splitlines()[max(0, group.first.lineno - 2) : (group.last.end_lineno or 0) + 2]
    comments = " ".join(each.partition("#")[2] for each in lines)
    handed = re.search(rf"[(\[,]\s*{group.name}\s*[,)\]]", comments)
    apart = group.kind == "list" and any(each in group.name.lower() for each in _APART)
    return apart or group.name.startswith("_") or bool(MEANT.search(comments) or handed)
