"""Assignments to a part of an array, and those that change one in place, where the array becomes a tensor.

TensorFlow has no such assignments: the name is bound to a changed copy. PyTorch has them, but refuses the gradient
where the old value is still needed for it.
"""

from __future__ import annotations

import ast
from functools import cached_property

import libcst as cst

from autofix.analysis.record import Fact
from autofix.analysis.values import Value
from autofix.model import Kind
from autofix.rewrite.catalogue import Argument, Refused, Rendering
from autofix.rewrite.indices import as_expression
from autofix.rewrite.operators import Operators
from autofix.rewrite.replacement import Refusal, Stop
from autofix.syntax.spans import Key, span

IN_PLACE: Key = ("in place", 0, 0, 0, 0)
"""The choice whether PyTorch's assignments in place stay such: it is made for all of them at once."""

_BINARY: dict[type[cst.BaseAugOp], type[cst.BaseBinaryOp]] = {
    cst.AddAssign: cst.Add, cst.SubtractAssign: cst.Subtract, cst.MultiplyAssign: cst.Multiply,
    cst.DivideAssign: cst.Divide, cst.PowerAssign: cst.Power, cst.ModuloAssign: cst.Modulo,
    cst.FloorDivideAssign: cst.FloorDivide, cst.MatrixMultiplyAssign: cst.MatrixMultiply,
}  # fmt: skip
_VIEWS = frozenset("reshape ravel transpose swapaxes squeeze T asarray view diagonal expand_dims broadcast_to".split())
Statement = cst.BaseSmallStatement | cst.FlattenSentinel[cst.BaseSmallStatement]


class Stores(Operators):
    """Rewrites `d[i] = v`, `d[i] *= v` and `d += v`."""

    def store(self, original: cst.Assign | cst.AugAssign, updated: cst.Assign | cst.AugAssign) -> Statement:
        """Return an assignment in place as it is to be; one to a name, or to what is no tensor, stays."""
        before, target = _target(original), _target(updated)
        if isinstance(target, cst.Subscript) and isinstance(target.value, cst.Name) and before is not None:
            key = self.key(before)
            fact = self.planned.operators.get(key) if key is not None else None
            if key is not None and fact is not None and fact.callee == "operator.setitem":
                self._refuse_alias(key, fact.operands[0], target.value.value)
                return self._stored(fact, target, original, updated)
        if isinstance(updated, cst.AugAssign) and isinstance(target, cst.Name):
            return self._changed(original, updated, target)
        return updated

    def _stored(
        self,
        fact: Fact,
        target: cst.Subscript,
        original: cst.Assign | cst.AugAssign,
        updated: cst.Assign | cst.AugAssign,
    ) -> Statement:
        name, index = cst.ensure_type(target.value, cst.Name), as_expression(target.slice)
        value = fact.operands[-1]
        masked = self._is_mask(_target(original))
        if self.framework == "torch":
            self.ways[IN_PLACE] = 2
            if not self.chosen.get(IN_PLACE):
                return updated
            if not masked:
                return cst.FlattenSentinel([_bound(name, _clone(name)), updated])
        new = updated.value if isinstance(updated, cst.Assign) else _operation(target, updated)
        owner = Argument(name, Kind.TENSOR)
        ways: list[Rendering] = []
        if masked:
            whole = new if isinstance(updated, cst.Assign) else _operation(name, updated)
            if isinstance(updated, cst.Assign) or self._adds_number(original):
                ways += self._ways("setitem_mask", owner, Argument(index, Kind.TENSOR), self._value(whole, value))
        ways += self._ways("setitem", owner, Argument(index, Kind.OTHER), self._value(new, value))
        if not ways:
            return updated
        self.edited = True
        alike: Key = ("d[mask] = v" if masked else "d[i] = v", len(ways), 0, 0, 0)
        return _bound(name, self.choose(alike, ways).expression)

    def _is_mask(self, target: cst.BaseExpression | None) -> bool:
        parts = target.slice if isinstance(target, cst.Subscript) else ()
        if len(parts) != 1 or not isinstance(parts[0].slice, cst.Index):
            return False
        fact = self.fact(parts[0].slice.value)
        return fact is not None and self.elements.of(fact.value) == "bool"

    def _adds_number(self, original: cst.Assign | cst.AugAssign) -> bool:
        fact = self.fact(original)
        return fact is not None and fact.operands[-1].kind is Kind.NUMBER

    def _value(self, expression: cst.BaseExpression, value: Value) -> Argument:
        return Argument(expression, self.planned.kind(value))

    def _ways(self, name: str, *arguments: Argument) -> tuple[Rendering, ...]:
        ways = self.rendered(f"operator.{name}", arguments)
        return () if isinstance(ways, Refused) else ways

    def _changed(self, original: cst.Assign | cst.AugAssign, updated: cst.AugAssign, target: cst.Name) -> Statement:
        """`d += v` changes what other names stand for too, and, in PyTorch, what the gradient may still need."""
        fact = self.fact(original)
        key = self.key(original)
        if fact is None or key not in self.planned.operators or self.framework != "torch":
            return updated
        _, right = self.wrapped((target, updated.value), fact.operands)
        updated = updated.with_changes(value=right)
        old = fact.operands[0]
        if old.kind not in (Kind.TENSOR, Kind.ARRAY):
            return updated
        alias = self._alias(old)
        if not alias:
            self.ways[IN_PLACE] = 2
        if alias or self.chosen.get(IN_PLACE):
            self.edited = True
            return _bound(target, _operation(target, updated))
        return updated

    def _refuse_alias(self, key: Key, owner: Value, name: str) -> None:
        if self._alias(owner):
            reason = f"the assignment to `{name}[…]` also changes the tensor that `{name}` was made from"
            raise Stop(Refusal(reason, span(key), "operator.setitem"))

    def _alias(self, value: Value) -> bool:
        """May this be the memory of a tensor that the loss was given? Then what is done in place is done to that."""
        if not value.makers or any(self._comes_from_outside(key) for key in value.makers):
            return True
        facts = self.diagnosis.facts.by_key
        for key in value.makers:
            fact = facts.get(key)
            is_view = key in self.unwrapped or (fact is not None and self._is_view(key, fact))
            if is_view and (fact is None or not fact.operands or self._alias(fact.operands[0])):
                return True
        return False

    def _comes_from_outside(self, key: Key) -> bool:
        """Was this made by no function that the loss runs, so that it is there from one call to the next?"""
        nodes = self._run_by_the_loss
        return bool(nodes) and not any(node.lineno <= key[1] <= (node.end_lineno or key[1]) for node in nodes)

    @cached_property
    def _run_by_the_loss(self) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, ...]:
        """Return the function that is the loss and those that it calls, none where a step is its own loss."""
        found = {id(each): each for each in [self.diagnosis.function.node]} if self.diagnosis.function else {}
        waiting = list(found.values())
        while waiting:
            node = waiting.pop()
            sites = (each for each in self.diagnosis.call_sites if each.caller and each.caller.node is node)
            new = [each.callee.node for each in sites if id(each.callee.node) not in found]
            found |= {id(each): each for each in new}
            waiting += new
        return tuple(found.values())

    def _is_view(self, key: Key, fact: Fact) -> bool:
        if fact.callee == "operator.setitem":
            return False
        return key[0] in ("Subscript", "Attribute") or fact.callee.rpartition(".")[2] in _VIEWS


def _target(node: cst.Assign | cst.AugAssign) -> cst.BaseExpression | None:
    if isinstance(node, cst.AugAssign):
        return node.target
    return node.targets[0].target if len(node.targets) == 1 else None


def _operation(left: cst.BaseExpression, node: cst.AugAssign) -> cst.BaseExpression:
    return cst.BinaryOperation(left, _BINARY[type(node.operator)](), node.value)


def _clone(name: cst.Name) -> cst.BaseExpression:
    return cst.Call(cst.Attribute(name, cst.Name("clone")))


def _bound(name: cst.Name, value: cst.BaseExpression) -> cst.Assign:
    return cst.Assign([cst.AssignTarget(name)], value)
