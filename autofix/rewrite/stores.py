"""Rewrites assignments to a part of an array, and those that change one in place, where the array becomes a tensor.

TensorFlow has no such assignments: the name is bound to a changed copy. PyTorch has them, but refuses the gradient
where the old value is still needed for it.
"""

from __future__ import annotations

import ast

import libcst as cst

from autofix.analysis.faults import GraphFault
from autofix.analysis.record import Fact
from autofix.analysis.values import Value
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import having
from autofix.model import Exit, Kind, Reason
from autofix.rewrite.rules import Argument, Rendering
from autofix.rewrite.state import State, Stop, rewrites
from autofix.rewrite.subscripts import as_expression
from autofix.rewrite.tensors import as_tensors
from autofix.syntax.spans import Key, is_within, span

_IN_PLACE = Key("in place", 0, 0, 0, 0)
"""The choice whether PyTorch's assignments in place stay such: it is made for all of them at once."""

_BINARY: dict[type[cst.BaseAugOp], type[cst.BaseBinaryOp]] = {
    cst.AddAssign: cst.Add, cst.SubtractAssign: cst.Subtract, cst.MultiplyAssign: cst.Multiply,
    cst.DivideAssign: cst.Divide, cst.PowerAssign: cst.Power, cst.ModuloAssign: cst.Modulo,
    cst.FloorDivideAssign: cst.FloorDivide, cst.MatrixMultiplyAssign: cst.MatrixMultiply,
}  # fmt: skip
_VIEWS = having("view")
Store = cst.Assign | cst.AugAssign
Statement = cst.BaseSmallStatement | cst.FlattenSentinel[cst.BaseSmallStatement]


@rewrites(cst.AugAssign)
def store(state: State, original: Store, updated: Store) -> Statement:
    """Return what becomes of `d[i] = v`, `d[i] *= v` and `d += v`; an assignment to what is no tensor stays."""
    before, target = _target(original), _target(updated)
    if isinstance(target, cst.Subscript) and isinstance(target.value, cst.Name) and before is not None:
        key = state.key(before)
        fact = state.plan.operators.get(key) if key is not None else None
        if key is not None and fact is not None and fact.callee == "operator.setitem":
            _refuse_alias(state, key, fact.operands[0], target.value.value)
            return _of_elements(state, fact, target, original, updated)
    if isinstance(updated, cst.AugAssign) and isinstance(target, cst.Name):
        return _of_name(state, original, updated, target)
    return updated


def _of_elements(state: State, fact: Fact, target: cst.Subscript, original: Store, updated: Store) -> Statement:
    """Return what becomes of `d[i] = v` and `d[i] *= v`: a changed copy, or the assignment on a copy."""
    array = cst.ensure_type(target.value, cst.Name)
    is_masked = _is_mask(state, _target(original))
    if record_of(state.framework).assigns_in_place:
        if not state.takes_second(_IN_PLACE):
            return updated
        if not is_masked:
            return cst.FlattenSentinel([_bound(array, _clone(array)), updated])
    found = _changed_copies(state, fact, target, original, updated, is_masked)
    if not found:
        return updated
    state.has_edits = True
    alike = Key("d[mask] = v" if is_masked else "d[i] = v", len(found), 0, 0, 0)
    return _bound(array, state.choose(alike, found))


def _changed_copies(
    state: State, fact: Fact, target: cst.Subscript, original: Store, updated: Store, is_masked: bool
) -> list[Rendering]:
    """Return the ways to write a copy of an array with some of its elements changed."""
    array, index, kind = target.value, as_expression(target.slice), state.plan.kind(fact.operands[-1])
    is_plain = isinstance(updated, cst.Assign)
    owner = Argument(array, Kind.TENSOR)
    found: list[Rendering] = []
    if is_masked and (is_plain or _adds_number(state, original)):
        value = Argument(_new_value(array, updated), kind)
        found += _renderings(state, "setitem_mask", owner, Argument(index, Kind.TENSOR), value)
    value = Argument(_new_value(target, updated), kind)
    found += _renderings(state, "setitem", owner, Argument(index, Kind.OTHER), value)
    return found


def _new_value(left: cst.BaseExpression, node: Store) -> cst.BaseExpression:
    return node.value if isinstance(node, cst.Assign) else _operation(left, node)


def _is_mask(state: State, target: cst.BaseExpression | None) -> bool:
    parts = target.slice if isinstance(target, cst.Subscript) else ()
    if len(parts) != 1 or not isinstance(parts[0].slice, cst.Index):
        return False
    fact = state.fact(parts[0].slice.value)
    return fact is not None and state.elements.of(fact.value) == "bool"


def _adds_number(state: State, original: Store) -> bool:
    fact = state.fact(original)
    return fact is not None and fact.operands[-1].kind is Kind.NUMBER


def _renderings(state: State, name: str, *arguments: Argument) -> tuple[Rendering, ...]:
    found = state.rendered(f"operator.{name}", arguments)
    return () if isinstance(found, Reason) else found


def _of_name(state: State, original: Store, updated: cst.AugAssign, target: cst.Name) -> Statement:
    """`d += v` changes what other names stand for too, and, in PyTorch, what the gradient may still need."""
    fact = state.fact(original)
    if (
        fact is None
        or state.key(original) not in state.plan.operators
        or not record_of(state.framework).assigns_in_place
    ):
        return updated
    _, right = as_tensors(state, (target, updated.value), fact.operands)
    updated = updated.with_changes(value=right)
    old = fact.operands[0]
    if old.kind not in (Kind.TENSOR, Kind.ARRAY):
        return updated
    if _may_be_shared(state, old) or state.takes_second(_IN_PLACE):
        state.has_edits = True
        return _bound(target, _operation(target, updated))
    return updated


def _refuse_alias(state: State, key: Key, owner: Value, name: str) -> None:
    if _may_be_shared(state, owner):
        reason = f"assigning to `{name}[…]` would also modify the tensor that `{name}` shares memory with"
        raise Stop(Reason(Exit.REWRITE, reason, span(key), "operator.setitem"))


def _may_be_shared(state: State, value: Value) -> bool:
    """May this be the memory of a tensor that the loss was given? What is done in place is done to that tensor then."""
    if not value.makers or _comes_from_outside(value, state.fault):
        return True
    facts = state.fault.program.facts.by_key
    for key in value.makers:
        fact = facts.get(key)
        is_view = key in state.unwrapped or (fact is not None and _is_view(key, fact))
        if is_view and (fact is None or not fact.operands or _may_be_shared(state, fact.operands[0])):
            return True
    return False


def _comes_from_outside(value: Value, fault: GraphFault) -> bool:
    """Was this made by no function that the loss runs, so that it is there from one call to the next?"""
    nodes = _run_by_the_loss(fault)
    return bool(nodes) and not all(any(is_within(key, node) for node in nodes) for key in value.makers)


def _run_by_the_loss(fault: GraphFault) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda]:
    """Return the function that is the loss and those that it calls, none where a step is its own loss."""
    found = {id(each.node): each.node for each in fault.functions}
    waiting = list(found.values())
    while waiting:
        node = waiting.pop()
        sites = (each for each in fault.program.call_sites if each.caller and each.caller.node is node)
        new = [each.callee.node for each in sites if id(each.callee.node) not in found]
        found |= {id(each): each for each in new}
        waiting += new
    return list(found.values())


def _is_view(key: Key, fact: Fact) -> bool:
    if fact.callee == "operator.setitem":
        return False
    return key[0] in ("Subscript", "Attribute") or fact.callee.rpartition(".")[2] in _VIEWS


def _target(node: Store) -> cst.BaseExpression | None:
    if isinstance(node, cst.AugAssign):
        return node.target
    return node.targets[0].target if len(node.targets) == 1 else None


def _operation(left: cst.BaseExpression, node: cst.AugAssign) -> cst.BaseExpression:
    return cst.BinaryOperation(left, _BINARY[type(node.operator)](), node.value)


def _clone(name: cst.Name) -> cst.BaseExpression:
    return cst.Call(cst.Attribute(name, cst.Name("clone")))


def _bound(name: cst.Name, value: cst.BaseExpression) -> cst.Assign:
    return cst.Assign([cst.AssignTarget(name)], value)
