"""Whether what an expression gives goes into a model again, by the source alone.

A gradient that moves an input (an adversarial example, a step of a sampler) is a number to the loss that follows, on
purpose. One that the loss is made of beside what the model gave is not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autofix.model import Site
from autofix.syntax.bindings import bound, last_part, parameters, root_name
from autofix.syntax.memo import functions_in, nodes_of
from autofix.syntax.module import node_at, parents_of
from autofix.syntax.parsing import parsed
from autofix.syntax.scopes import imports_in

MOST_FOLLOWED = 60
Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Module


def goes_into_model(site: Site, text: str) -> bool:
    """May what is computed at a place be what a model, or anything unknown, is called with later?"""
    return _FedBack(parsed(text), text).follows(site)


class _FedBack:
    """The names that a value goes by, function by function."""

    def __init__(self, tree: ast.Module, text: str) -> None:
        self._tree = tree
        self._parents = parents_of(tree)
        self._text = text
        self._functions = {each.name: each for each in functions_in(tree)}
        self._imported = {name for name, _ in imports_in(tree)}
        self._waiting: list[tuple[Scope, str]] = []

    def follows(self, site: Site) -> bool:
        """Follow what an expression gives to every call that takes it."""
        start = node_at(site, self._text)
        if start is None or self._enters(start):
            return True
        for scope, name in self._waiting:  # it grows
            if len(self._waiting) > MOST_FOLLOWED:
                return True
            if any(self._enters(each) for each in self._reads(scope, name)):
                return True
        return False

    def _reads(self, scope: Scope, name: str) -> Iterator[ast.Name]:
        return (each for each in nodes_of(scope, ast.Name) if each.id == name and isinstance(each.ctx, ast.Load))

    def _enters(self, node: ast.AST) -> bool:
        """Does an expression go into a model? Else what it is given to, or becomes, is followed further."""
        while not isinstance(node, ast.stmt):
            parent = self._parents[node]
            if isinstance(parent, ast.Call) and node is not parent.func and self._is_unknown(parent, node):
                return True
            node = parent
        scope = self._scope(node)
        if isinstance(node, ast.Return) and not isinstance(scope, ast.Module):
            calls = (each for each in nodes_of(self._tree, ast.Call) if last_part(each.func) == scope.name)
            return any(self._enters(each) for each in calls if not self._is_inside(each, scope))
        new = [(scope, name) for name in bound(node) if (scope, name) not in self._waiting]
        self._waiting += new
        return False

    def _is_unknown(self, call: ast.Call, argument: ast.AST) -> bool:
        """Is this no function of a library, no method of a value, and none of the file, into which it is followed?"""
        name = last_part(call.func)
        known = self._functions.get(name)
        if known is not None:
            given = [each.arg for each in parameters(known) if each.arg not in ("self", "cls")]
            at = next((at for at, each in enumerate(call.args) if each is argument), None)
            new = given if at is None or at >= len(given) else [given[at]]
            self._waiting += [(known, each) for each in new if (known, each) not in self._waiting]
            return False
        if isinstance(call.func, ast.Attribute):
            return not root_name(call.func) & self._imported
        return name not in self._imported and name not in _BUILTIN

    def _scope(self, node: ast.AST) -> Scope:
        while not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
            node = self._parents[node]
        return node

    def _is_inside(self, node: ast.AST, scope: ast.AST) -> bool:
        return any(each is node for each in ast.walk(scope))


_BUILTIN = frozenset("sum abs max min len float list tuple zip enumerate print isinstance range next iter".split())
