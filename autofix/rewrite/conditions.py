"""Decides the conditions that rules ask, as far as a call shows them.

Takes an expression of a rule in which placeholders stand for the arguments; gives its value, or None where only running
tells.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import libcst as cst

from autofix.model import Kind
from autofix.rewrite.literal import Known, Slot, dtype_name, is_floating

Slots = Mapping[str, Slot]

_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], object]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], object]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_PLAIN = {
    "int": int,
    "float": float,
    "bool": bool,
    "complex": complex,
    "str": str,
    "list": list,
    "tuple": tuple,
    "dict": dict,
}


def decide(node: ast.expr, slots: Slots) -> Known | None:
    """The value of `node`, where the arguments' text and kinds show it."""
    match node:
        case ast.Constant(value=value):
            return Known(value)
        case ast.Name(id=name) if name in slots:
            return slots[name].literal
        case ast.Attribute(value=ast.Name(id="math"), attr="inf"):
            return Known(math.inf)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            values = [decide(element, slots) for element in elements]
            known = tuple(value.value for value in values if value is not None)
            return Known(known) if len(known) == len(values) else None
        case ast.UnaryOp(operand=operand):
            return _unary(node.op, decide(operand, slots))
        case ast.BinOp(left=left, op=op, right=right):
            return _arithmetic(decide(left, slots), op, decide(right, slots))
        case ast.BoolOp(op=op, values=values):
            return _boolean(isinstance(op, ast.And), [decide(value, slots) for value in values])
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compare(left, op, right, slots)
        case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]):
            return _call(function, arguments, slots)
        case _:
            return None


def _unary(op: ast.unaryop, operand: Known | None) -> Known | None:
    if operand is None:
        return None
    if isinstance(op, ast.Not):
        return Known(not operand.value)
    if isinstance(op, ast.USub) and isinstance(operand.value, (int, float)):
        return Known(-operand.value)
    return None


def _arithmetic(left: Known | None, op: ast.operator, right: Known | None) -> Known | None:
    numbers = [side.value for side in (left, right) if side is not None and type(side.value) in (int, float)]
    if len(numbers) < 2 or type(op) not in _ARITHMETIC or (isinstance(op, ast.Div) and not numbers[1]):
        return None
    return Known(_ARITHMETIC[type(op)](*numbers))


def _boolean(conjunction: bool, values: list[Known | None]) -> Known | None:
    decisive = [value for value in values if value is not None and bool(value.value) is not conjunction]
    if decisive:
        return decisive[0]
    return None if None in values else values[-1]


def _compare(left: ast.expr, op: ast.cmpop, right: ast.expr, slots: Slots) -> Known | None:
    first, second = decide(left, slots), decide(right, slots)
    if first is not None and second is not None:
        try:
            return Known(bool(_COMPARISONS[type(op)](first.value, second.value)))
        except TypeError:
            return None
    if isinstance(op, (ast.Is, ast.IsNot)) and second == Known(None):
        # What is passed is taken to be something: a clip whose bounds were taken to be None would be no clip at all.
        return Known(isinstance(op, ast.IsNot))
    return None


def _call(function: str, arguments: list[ast.expr], slots: Slots) -> Known | None:
    match function, arguments:
        case "isinstance", [value, types]:
            return _isinstance(value, ast.unparse(types), slots)
        case "len", [ast.Tuple(elts=elements) | ast.List(elts=elements)]:
            return Known(len(elements))
        case "len", [value]:
            known = decide(value, slots)
            return Known(len(known.value)) if known and isinstance(known.value, (tuple, list, str)) else None
        case "floating", [ast.Name(id=name)] if name in slots:
            floating = is_floating(slots[name])
            return None if floating is None else Known(floating)
        case "truths" | "integers", [ast.Name(id=name)]:
            wanted = "bool" if function == "truths" else "int"
            return Known(name in slots and slots[name].argument.elements == wanted)
        case "truths" | "integers", [_]:
            return Known(False)
        case "numpy_name", [ast.Name(id=name)] if name in slots:
            dtype = dtype_name(slots[name])
            return None if dtype is None else Known(dtype)
        case _:
            return None


def _isinstance(value: ast.expr, types: str, slots: Slots) -> Known | None:
    names = {name.strip("() ").rpartition(".")[2] for name in types.split(",")}
    known = decide(value, slots)
    if known is not None:
        return Known(isinstance(known.value, tuple(_PLAIN[name] for name in names if name in _PLAIN)))
    if isinstance(value, (ast.List, ast.Tuple)):
        return Known(bool(names & {"list", "tuple"}))
    if isinstance(value, ast.Subscript) and _is_list(value, slots):
        return Known(bool(names & {"list", "tuple"}))
    if isinstance(value, ast.BinOp):
        sides = (_isinstance(value.left, types, slots), _isinstance(value.right, types, slots))
        # A number and a tensor make a tensor: of numbers alone is one made where both sides are.
        return _boolean("Tensor" not in names, list(sides))
    if isinstance(value, (ast.Attribute, ast.Call)) and ast.unparse(value).startswith("math."):
        return Known("float" in names)
    if not isinstance(value, ast.Name) or value.id not in slots:
        return Known("Tensor" in names)
    return _kind_is(slots[value.id], names)


def _is_list(value: ast.Subscript, slots: Slots) -> bool:
    """Whether the call shows that `arrays[0]` is a list, too."""
    match value:
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=int(position))) if name in slots:
            whole = slots[name].argument.expression
            shown = whole.elements if isinstance(whole, (cst.List, cst.Tuple)) else ()
            return position < len(shown) and isinstance(shown[position].value, (cst.List, cst.Tuple))
        case _:
            return False


def _kind_is(slot: Slot, names: set[str]) -> Known | None:
    match slot.argument.kind, slot.argument.expression:
        case (_, cst.List() | cst.Tuple() | cst.ListComp()) | (Kind.SEQUENCE, _):
            return Known(bool(names & {"list", "tuple"}))
        case (Kind.ARRAY, _) if names == {"ndarray"}:
            return Known(True)
        case (Kind.TENSOR | Kind.ARRAY, _):
            return Known("Tensor" in names)
        case (Kind.NUMBER, _):
            return Known(True) if {"int", "float"} <= names else None if names & {"int", "float"} else Known(False)
        case _:
            return None
