"""Gives a loss its own versions of the helpers that NumPy callers use too: copies below them, which it calls instead.

The originals stay as they are for those callers; what has to change is then changed in the copies.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from autofix.analysis.calls import differentiates
from autofix.analysis.diagnosis import Diagnosis
from autofix.analysis.facts import CallSite
from autofix.analysis.values import Function, Key
from autofix.model import Framework, Kind
from autofix.rewrite.plan import Plan
from autofix.rewrite.replacement import Refusal

SUFFIX: Mapping[Framework, str] = {"torch": "torch", "tensorflow": "tf"}


def with_own_versions(text: str, diagnosis: Diagnosis, planned: Plan) -> str | Refusal | None:
    """Return the text in which every helper to be changed is the loss's alone; None where that is so already."""
    shared = _shared(diagnosis, planned)
    if not shared:
        return None
    for each in shared:
        if not _can_be_copied(each, diagnosis):
            return Refusal(f"`{each.qualname}` is also called with NumPy arrays, for which it is right")
    names: dict[str, str] = {}
    for each in shared:
        names[each.qualname] = free_name(each.qualname, SUFFIX[diagnosis.framework], text)
    copied = {id(each.node) for each in shared}
    moved = {
        site.key for site in diagnosis.call_sites if id(site.callee.node) in copied and not _is_for_numpy(site, planned)
    }
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    return wrapper.module.visit(_Split(wrapper.resolve(PositionProvider), names, frozenset(moved))).code


def _can_be_copied(function: Function, diagnosis: Diagnosis) -> bool:
    is_the_loss = diagnosis.function is not None and diagnosis.function.node is function.node
    return isinstance(function.node, ast.FunctionDef) and "." not in function.qualname and not is_the_loss


def free_name(name: str, suffix: str, text: str) -> str:
    """Return the name of a copy, one that stands nowhere in the text."""
    wanted = f"_{name.strip('_')}_{suffix}"
    number, free = 1, wanted
    while re.search(rf"\b{free}\b", text):
        number += 1
        free = f"{wanted}_{number}"
    return free


def _shared(diagnosis: Diagnosis, planned: Plan) -> list[Function]:
    """Return the functions on the way to what changes that others use too, and those that they call on that way.

    The others are NumPy callers in this file, and whoever imports a helper from it.
    """
    path = planned.path
    sites = [each for each in diagnosis.call_sites if id(each.callee.node) in path]
    found = {id(each.callee.node) for each in sites if _is_for_numpy(each, planned)}
    found |= {id(each.node) for each in planned.functions if _is_exported(each, diagnosis)}
    size = -1
    while size != len(found):
        size = len(found)
        found |= {id(each.callee.node) for each in sites if each.caller and id(each.caller.node) in found}
    return [each for key, each in path.items() if key in found and not differentiates(each.node)]


def _is_exported(function: Function, diagnosis: Diagnosis) -> bool:
    """Is this a helper that another file of the project uses, nobody knows how?"""
    is_helper = _can_be_copied(function, diagnosis) and not differentiates(function.node)
    called = any(each.callee.node is function.node for each in diagnosis.call_sites)
    return is_helper and called and diagnosis.around is not None and diagnosis.around.uses(function.qualname)


def _is_for_numpy(site: CallSite, planned: Plan) -> bool:
    """Is a function called with arrays here that the mended loss does not turn into tensors?"""
    if site.key in planned.given.expressions:
        return False
    arrays = [value for value in site.arguments if value.kind is Kind.ARRAY]
    if not arrays or site.trains:
        return False
    stays = site.caller is not None and id(site.caller.node) not in planned.path  # nothing is changed in its caller
    return stays or not any(value.makers & planned.tensors for value in arrays)


class _Split(cst.CSTTransformer):
    """Puts a copy below each function of `names` under its new name, and has the calls at `moved` use the copies."""

    def __init__(self, positions: Mapping[cst.CSTNode, CodeRange], names: dict[str, str], moved: frozenset[Key]):
        super().__init__()
        self._positions = positions
        self._names = names
        self._moved = moved
        self._depth = 0

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._depth += 1

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        self._depth -= 1
        return updated_node

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._depth += 1

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef | cst.FlattenSentinel[cst.BaseStatement]:
        self._depth -= 1
        name = self._names.get(original_node.name.value)
        if self._depth or name is None:
            return updated_node
        apart = [cst.EmptyLine(indent=False), cst.EmptyLine(indent=False)]
        copy = updated_node.with_changes(name=cst.Name(name), leading_lines=apart)
        return cst.FlattenSentinel([original_node, copy])

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        where = self._positions[original_node]
        key = "Call", where.start.line, where.start.column, where.end.line, where.end.column
        if key not in self._moved:
            return updated_node
        arguments = [each.with_changes(value=self._renamed(each.value)) for each in updated_node.args]
        return updated_node.with_changes(func=self._renamed(updated_node.func), args=arguments)

    def _renamed(self, node: cst.BaseExpression) -> cst.BaseExpression:
        name = self._names.get(node.value) if isinstance(node, cst.Name) else None
        return node.with_changes(value=name) if name is not None else node
