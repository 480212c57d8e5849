"""Distances that are zero where a sample meets itself, and the roots over them whose gradient is infinite there.

The slope of a root at zero is infinite, and infinity times zero is NaN: a mask behind the root does not help, a number
added or a floor set before it does. PyTorch's own `norm` and `cdist` have the gradient zero there; `tf.norm` has not.
"""

from __future__ import annotations

import ast

from autofix.analysis.operations import Operation
from autofix.analysis.traits import Spread
from autofix.analysis.values import Value
from autofix.model import Framework

_KEEPING = frozenset("square abs sum mean clamp relu maximum neg float double to mul".split())
_REDUCING = frozenset({"sum", "mean"})
MEASURED = _KEEPING | _REDUCING | frozenset("index unsqueeze expand_dims sub pow".split())
"""Operations that matter for the distances of samples."""


def spread_of(made: Operation) -> Spread | None:
    """Return how a batch gets an axis of its own before it is subtracted from itself: `x[:, None]`, `unsqueeze(1)`."""
    if not made.operands or made.operands[0].traits.constant is not None:
        return None
    axis = _new_axis(made.node) if made.name == "index" else None
    if made.name in ("unsqueeze", "expand_dims"):
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
    if made.name == "sub" and len(operands) == 2:
        return all(each.live and each.traits.constant is None for each in operands)
    return bool(operands) and operands[0].traits.distance and _keeps_zero(made)


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
    if made.name in ("sqrt", "rsqrt") or (made.name == "pow" and made.constant(1) == 0.5):
        return traits.own_distance or (in_metric_loss and traits.distance and traits.reduced)
    if made.name == "norm" and framework == "tensorflow" and made.argument(2, "axis") is not None:
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
