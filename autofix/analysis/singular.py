"""Finds where a gradient is infinite or NaN at values that do occur: roots of distances, and guards by `where`.

The slope of a root at zero is infinite, and infinity times zero is NaN: a mask behind the root does not help, a number
added or a floor set before it does. PyTorch's own `norm` and `cdist` have the gradient zero there; `tf.norm` has not.
Both branches of `where(x > 0, log(x), 0)` are differentiated, also the one that is not chosen: only a condition that
guards exactly the operand of the branch proves that such places occur.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from autofix.analysis.record import Operation
from autofix.analysis.values import Spread, Value
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import having, values
from autofix.model import Framework

_KEEPING, _REDUCING, _ADDING_AN_AXIS = having("keeps-zero"), having("totals"), having("adds-axis")
_ROOTS = having("root")
MEASURED = _KEEPING | _REDUCING | having("measured")
"""Operations that matter for the distances of samples."""


def spread_of(made: Operation) -> Spread | None:
    """Return how a batch gets an axis of its own before it is subtracted from itself: `x[:, None]`, `unsqueeze(1)`."""
    if not made.operands or made.operands[0].traits.constant is not None:
        return None
    axis = _new_axis(made.node) if made.name == "index" else None
    if made.name in _ADDING_AN_AXIS:
        given = made.constant(1, "dim", "axis")
        axis = given if isinstance(given, int) and given in (0, 1) else None
    return Spread(_source(made), axis) if axis is not None else None


def is_own_distance(made: Operation) -> bool:
    """Is the result zero for certain where a sample meets itself?"""
    operands = made.operands
    if made.name == "sub" and len(operands) == 2:
        one, two = (each.traits.spread for each in operands)
        return one is not None and two is not None and one.source == two.source and one.axis != two.axis
    return bool(operands) and operands[0].traits.own_distance and _keeps_zero(made)


def is_distance(made: Operation) -> bool:
    """Is the result made of the difference of two predictions and of nothing else?"""
    operands = made.operands
    if made.name == "sub" and len(operands) == 2 and not _are_pairs(made.node):
        return all(each.live and each.traits.constant is None for each in operands)
    return bool(operands) and operands[0].traits.distance and _keeps_zero(made)


_INDEX = (ast.Name, ast.Attribute, ast.Subscript, ast.Call)


def _are_pairs(node: ast.AST | None) -> bool:
    """Are two samples of one batch chosen, `x[i] - x[j]`? Who chooses pairs pairs no sample with itself."""
    sides = [node.left, node.right] if isinstance(node, ast.BinOp) else []
    chosen = [each for each in sides if isinstance(each, ast.Subscript) and isinstance(each.slice, _INDEX)]
    return len(chosen) == 2 and ast.unparse(chosen[0].value) == ast.unparse(chosen[1].value)


def is_reduced(made: Operation) -> bool:
    """Is the axis of the features summed up, and that of the samples still there?"""
    if made.name in _REDUCING:
        return made.argument(1, "axis", "dim") is not None
    return bool(made.operands) and made.operands[0].traits.reduced and _keeps_zero(made)


def infinite_slope(made: Operation, framework: Framework, in_metric_loss: bool) -> bool:
    """Is this a root over a distance that is zero for certain, or usually: a sample's distance to its like?

    `in_metric_loss` says that a triplet, contrastive or siamese loss is computed, where equal samples meet.
    """
    if not made.operands:
        return False
    inside = made.operands[0]
    if not inside.live:
        return False
    traits = inside.traits
    if made.name in _ROOTS or (made.name == "pow" and made.constant(1) == 0.5):
        return traits.own_distance or (in_metric_loss and traits.distance and traits.reduced)
    if made.name == "norm" and record_of(framework).singular_norm and made.argument(2, "axis") is not None:
        return traits.own_distance
    return False


def _keeps_zero(made: Operation) -> bool:
    if made.name == "pow":
        return made.constant(1) in (2, 2.0)
    if made.name == "mul":
        return len(made.operands) == 2 and _same(*made.operands)
    if made.name == "clamp":
        least = made.constant(1, "min", "clip_value_min", "x_min")
        return isinstance(least, (int, float)) and least <= 0
    if made.name == "maximum":
        other = made.operands[1].traits.constant if len(made.operands) == 2 else None
        return isinstance(other, (int, float)) and other <= 0
    return made.name in _KEEPING


def _same(one: Value, two: Value) -> bool:
    return one == two and bool(one.makers)


def _new_axis(node: ast.AST | None) -> int | None:
    """Return where `x[:, None]`, `x[None, :]`, `x[None]` and their longer forms put the new axis: 0 or 1."""
    if not isinstance(node, ast.Subscript):
        return None
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    added = [place for place, each in enumerate(parts) if _is_none(each)]
    whole = all(_is_none(each) or _is_whole(each) for each in parts)
    return added[0] if len(added) == 1 and whole and added[0] in (0, 1) else None


def _is_none(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is None
    return isinstance(node, ast.Attribute) and node.attr == "newaxis"


def _is_whole(node: ast.expr) -> bool:
    if isinstance(node, ast.Slice):
        return node.lower is None and node.upper is None and node.step is None
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _source(made: Operation) -> object:
    """Return what identifies a batch: the expressions that made it, or its name where it is a parameter."""
    value, node = made.operands[0], made.node
    if value.makers:
        return value.makers
    if isinstance(node, ast.Subscript):
        return ast.unparse(node.value)
    if isinstance(node, ast.Call):
        func = node.func
        first = node.args[0] if node.args else None
        receiver = func.value if isinstance(func, ast.Attribute) and len(made.operands) > len(node.args) else first
        return ast.unparse(receiver) if receiver is not None else value
    return value


_SINGULAR = having("singular")
_OPERATORS = values("compares")
_SAFE_WHEN_TRUE = {">": True, ">=": True, "!=": True, "==": False, "<=": False, "<": False}
Resolve = Callable[[ast.expr], ast.expr]


def guards_its_own_operand(node: ast.Call, resolve: Resolve, value_of: Callable[[ast.expr], Value]) -> bool:
    """Does this call of `where` choose between a value and one that is singular where it is not chosen?

    `resolve` gives the expression that a name stands for; `value_of` what is known of an expression.
    """
    parts = _parts(node)
    if parts is None:
        return False
    condition, chosen, other = (resolve(each) for each in parts)
    guarded = _guarded(condition)
    if guarded is None:
        return False
    operand, when_true = guarded
    for branch in _inside(chosen if when_true else other, resolve):
        if _singular_operand(branch) is not None and _same_expression(_singular_operand(branch), operand, value_of):
            return value_of(operand).live
    return False


def _parts(node: ast.Call) -> tuple[ast.expr, ast.expr, ast.expr] | None:
    if len(node.args) == 3 and not node.keywords:
        return node.args[0], node.args[1], node.args[2]
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    if len(node.args) == 2 and receiver is not None and not node.keywords:
        return node.args[0], receiver, node.args[1]  # x.where(condition, other)
    return None


def _guarded(condition: ast.expr) -> tuple[ast.expr, bool] | None:
    """Return what a condition compares with zero or a small number, and whether it is the safe side when true."""
    if isinstance(condition, ast.Call) and len(condition.args) == 2:
        name = condition.func.attr if isinstance(condition.func, ast.Attribute) else ""
        safe = _SAFE_WHEN_TRUE.get(_OPERATORS.get(name, ""))
        return (condition.args[0], safe) if safe is not None and _is_small(condition.args[1]) else None
    if not isinstance(condition, ast.Compare) or len(condition.ops) != 1 or not _is_small(condition.comparators[0]):
        return None
    safe_when_true = (ast.Gt, ast.GtE, ast.NotEq)
    return condition.left, isinstance(condition.ops[0], safe_when_true)


def _is_small(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, (int, float))
        and not isinstance(node.value, bool)
        and 0 <= node.value <= 1e-3
    )


def _inside(branch: ast.expr, resolve: Resolve, depth: int = 4) -> list[ast.expr]:
    """Return the expressions that a branch is computed from, without those under another `where`."""
    found = [branch]
    if depth == 0:
        return found
    children: list[ast.expr] = []
    if isinstance(branch, ast.BinOp):
        children = [branch.left, branch.right]
    elif isinstance(branch, ast.UnaryOp):
        children = [branch.operand]
    elif isinstance(branch, ast.Call) and not ast.unparse(branch.func).endswith("where"):
        children = [*branch.args, *([branch.func.value] if isinstance(branch.func, ast.Attribute) else [])]
    for child in children:
        found += _inside(resolve(child), resolve, depth - 1)
    return found


def _singular_operand(node: ast.expr) -> ast.expr | None:
    """Return what a singular operation is taken of: `x` of `log(x)`, `x.sqrt()`, `1 / x`, `x ** 0.5`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return node.right
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        power = node.right
        return node.left if isinstance(power, ast.Constant) and power.value == 0.5 else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SINGULAR:
        return node.args[0] if node.args else node.func.value
    return None


def _same_expression(one: ast.expr | None, two: ast.expr, value_of: Callable[[ast.expr], Value]) -> bool:
    if one is None or ast.unparse(one) != ast.unparse(two):
        return False
    return value_of(one) == value_of(two)
