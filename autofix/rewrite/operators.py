"""Rewrites Python's operators on what becomes a tensor, where they would mean something else or raise.

Most operators stay as they are written. TensorFlow promotes no types, PyTorch mixes no arrays with tensors, and truth
values have no arithmetic: there a cast or the framework's function takes their place.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

import libcst as cst

from autofix.analysis.values import Value
from autofix.knowledge.frameworks import record_of
from autofix.model import Kind, Reason
from autofix.rewrite.casts import is_made_double
from autofix.rewrite.literal import code_of
from autofix.rewrite.parentheses import bare, in_place_of
from autofix.rewrite.rules import Argument
from autofix.rewrite.state import State, rewrites
from autofix.rewrite.tensors import as_tensors, like_argument
from autofix.syntax.spans import Key

_NAMES: dict[type[cst.BaseBinaryOp], str] = {
    cst.Add: "add", cst.Subtract: "sub", cst.Multiply: "mul", cst.Divide: "truediv", cst.FloorDivide: "floordiv",
    cst.Modulo: "mod", cst.Power: "pow", cst.MatrixMultiply: "matmul", cst.BitAnd: "and_", cst.BitOr: "or_",
    cst.BitXor: "xor",
}  # fmt: skip


@rewrites(cst.BinaryOperation)
def binary_operation(state: State, original: cst.BinaryOperation, updated: cst.BinaryOperation) -> cst.BaseExpression:
    """Give an operator on tensors the meaning that it had on arrays."""
    key, known = state.key(original), state.fact(original)
    if key is not None and known is not None and any(each.makers & state.integer_tensors for each in known.operands):
        state.integer_tensors.add(key)
    fact = state.plan.operators.get(key) if key else None
    if key is None or fact is None:
        return updated
    state.integer_tensors.discard(key)
    operands = _in_one_type(state, [updated.left, updated.right], fact.operands)
    updated = updated.with_changes(left=operands[0], right=operands[1])
    arguments = tuple(state.argument(each, value) for each, value in zip(operands, fact.operands, strict=True))
    return _by_rule(state, original, updated, key, arguments)


def _in_one_type(state: State, operands: list[cst.BaseExpression], values: Sequence[Value]) -> list[cst.BaseExpression]:
    """Return operands that the framework lets meet."""
    if not record_of(state.framework).takes_arrays:
        return as_tensors(state, operands, values)
    double = [is_made_double(state, value) for value in values]
    if double[0] == double[1]:
        return operands
    pairs = zip(operands, values, double, strict=True)
    return [each if is_double else _to_double(state, each, value) for each, value, is_double in pairs]


def _to_double(state: State, expression: cst.BaseExpression, value: Value) -> cst.BaseExpression:
    """Cast a tensor that meets one which is asked to be float64: TensorFlow promotes neither."""
    if state.plan.kind(value) is not Kind.TENSOR:
        return expression
    module = record_of(state.framework).module
    state.modules |= {module}
    text = record_of(state.framework).to_double.format(state.names[module])
    call = cst.ensure_type(cst.parse_expression(text), cst.Call)
    needs_none = isinstance(expression, cst.BinaryOperation) and "\n" not in code_of(expression)
    inside = bare(expression) if needs_none else expression
    return call.with_changes(args=[call.args[0].with_changes(value=inside), *call.args[1:]])


def _by_rule(
    state: State,
    original: cst.BinaryOperation,
    updated: cst.BinaryOperation,
    key: Key,
    arguments: tuple[Argument, ...],
) -> cst.BaseExpression:
    name = f"operator.{_NAMES.get(type(updated.operator), '')}"
    function = state.catalogue.function(name)
    if function is None:
        return updated
    if any(each.arg == "like" for each in function.args.args):
        arguments += like_argument(state, original.left, original.right)
    found = state.rendered(name, arguments)
    if isinstance(found, Reason):
        return updated
    expression = state.choose(key, found)
    if _read_the_same(expression, updated):
        return updated
    state.cast_to_number.add(key)
    return in_place_of(expression, updated)


def _read_the_same(new: cst.BaseExpression, old: cst.BaseExpression) -> bool:
    """Are both the same but for spaces, line breaks and comments?"""
    first, second = (ast.dump(ast.parse(f"(\n{code_of(each)}\n)", mode="eval")) for each in (new, old))
    return first == second


@rewrites(cst.Comparison)
def comparison(state: State, original: cst.Comparison, updated: cst.Comparison) -> cst.BaseExpression:
    """Compare tensors with tensors: PyTorch does not compare one with an array."""
    key = state.key(original)
    fact = state.plan.operators.get(key) if key is not None and not record_of(state.framework).takes_arrays else None
    if fact is None or len(updated.comparisons) != 1:
        return updated
    target = updated.comparisons[0]
    left, right = as_tensors(state, (updated.left, target.comparator), fact.operands)
    return updated.with_changes(left=left, comparisons=[target.with_changes(comparator=right)])
