"""Tells between which numbers the elements of a result lie, and which operations are flat over all of that stretch.

Takes an operation and its operands; gives its traits: literal value, shape, bounds, distances. Nothing is guessed.
"""

from __future__ import annotations

import ast
import math

from autofix.analysis.record import Operation
from autofix.analysis.shapes import SHAPED, layers_of, result_shape
from autofix.analysis.singular import MEASURED, is_distance, is_own_distance, is_reduced, spread_of
from autofix.analysis.values import CARRYING, NOTHING, Instance, Shape, Traits, Value, of_constant
from autofix.knowledge.operations import having, values

Bounds = tuple[float, float]
ANYTHING: Bounds = (-math.inf, math.inf)
_KNOWN: dict[str, Bounds] = {
    name: (float(low), float(high)) for name, both in values("bounds").items() for low, _, high in [both.partition(":")]
}
_KEEPING, _EXTREME, _OVER_CLASSES = having("keeps-bounds"), having("extreme"), having("over-classes")
_LAYERS_OVER_CLASSES, _CHOOSING = having("layer-over-classes"), having("chooses")
BOUNDED = having("bounds") | _KEEPING | having("bounded")
"""Operations whose results may have bounds."""


def result_bounds(made: Operation) -> Bounds:
    """Return the bounds of what an operation makes."""
    name = made.name
    if name in _KNOWN:
        return _KNOWN[name]
    if not made.operands:
        return ANYTHING
    low, high = _of(made.operands[0])
    if name in _KEEPING and (name not in _EXTREME or len(made.operands) == 1):
        return low, high
    if name == "neg":
        return -high, -low
    if name == "relu":
        return max(0, low), max(0, high)
    if name == "sum":
        return (0 if low >= 0 else -math.inf), (0 if high <= 0 else math.inf)
    if name == "pow":
        return (0, math.inf) if made.constant(1) in (2, 4, 2.0) else ANYTHING
    if name == "clamp":
        least, most = _limits(made)
        return min(max(low, least), most), max(min(high, most), least)
    if len(made.operands) == 2:
        return _of_two(name, (low, high), _of(made.operands[1]))
    return ANYTHING


def is_flat(made: Operation) -> bool:
    """Does an operation have the gradient zero at every value that its operand can have?"""
    name = made.name
    if not made.operands:
        return False
    low, high = _of(made.operands[0])
    if name == "relu":
        return high <= 0
    if name == "clamp":
        least, most = _limits(made)
        return high <= least or low >= most
    if name in _CHOOSING and len(made.operands) == 2:
        return _hidden(name, *made.operands) or _hidden(name, *reversed(made.operands))
    if name in _OVER_CLASSES:
        axis = made.argument(1, "dim", "axis")
        return _one_class(made.operands[0].traits.shape, -1 if axis is None else axis.traits.constant, axis is not None)
    if name == "cross_entropy":
        shape = made.operands[0].traits.shape
        return shape.sizes is not None and len(shape.sizes) == 2 and shape.last == 1
    return False


def flat_layer(layer: Instance, given: Value) -> bool:
    """Does a layer of the framework have the gradient zero whatever goes in: a softmax over a single class?"""
    made_with = layer.arguments
    if made_with is None:
        return False
    if layer.name == "Dense":
        units, activation = made_with.argument(0, "units"), made_with.argument(1, "activation")
        return (
            units is not None
            and activation is not None
            and (units.traits.constant, activation.traits.constant) == (1, "softmax")
        )
    if layer.name in _LAYERS_OVER_CLASSES:
        axis = made_with.argument(0, "dim", "axis")
        return axis is not None and _one_class(given.traits.shape, axis.traits.constant, True)
    if layer.name == "CrossEntropyLoss":
        shape = given.traits.shape
        return shape.sizes is not None and len(shape.sizes) == 2 and shape.last == 1
    return False


def flat_inside(sequential: Instance) -> Value | None:
    """Return the layer of a Sequential that makes all of it flat, from its sizes alone."""
    last: int | None = None
    for each in layers_of(sequential):
        layer = each.meaning
        if not isinstance(layer, Instance):
            return None
        if flat_layer(layer, Value()):
            return each
        if layer.name in _LAYERS_OVER_CLASSES and layer.arguments is not None:
            axis = layer.arguments.argument(0, "dim", "axis")
            if last == 1 and axis is not None and axis.traits.constant == -1:
                return each
        size = layer.arguments.argument(1, "out_features") if layer.name == "Linear" and layer.arguments else None
        last = size.traits.constant if size is not None and isinstance(size.traits.constant, int) else None
    return None


def _one_class(shape: Shape, axis: object, given: bool) -> bool:
    if not given or not isinstance(axis, int):
        return False
    if axis == -1:
        return shape.last == 1
    return shape.sizes is not None and axis < len(shape.sizes) and shape.sizes[axis] == 1


def _of(value: Value) -> Bounds:
    return value.traits.low, value.traits.high


def _limits(made: Operation) -> Bounds:
    least = made.constant(1, "min", "a_min", "clip_value_min", "x_min")
    most = made.constant(2, "max", "a_max", "clip_value_max", "x_max")
    return (least if isinstance(least, (int, float)) else -math.inf), (
        most if isinstance(most, (int, float)) else math.inf
    )


def _hidden(name: str, value: Value, other: Value) -> bool:
    """Is `value`, which carries the gradient, never the one that is chosen? The other must carry none."""
    if not value.live or other.live:
        return False
    low, high = _of(value)
    return high <= other.traits.low if name == "maximum" else low >= other.traits.high


def _of_two(name: str, one: Bounds, two: Bounds) -> Bounds:
    if name == "add":
        return one[0] + two[0], one[1] + two[1]
    if name == "sub":
        return one[0] - two[1], one[1] - two[0]
    if name == "maximum":
        return max(one[0], two[0]), max(one[1], two[1])
    if name == "minimum":
        return min(one[0], two[0]), min(one[1], two[1])
    if name != "mul":
        return ANYTHING
    for factor, other in ((one, two), (two, one)):
        if factor[0] == factor[1] and math.isfinite(factor[0]) and factor[0] != 0:
            ends = factor[0] * other[0], factor[0] * other[1]
            return min(ends), max(ends)
    return ANYTHING


_TELLING = SHAPED | BOUNDED | MEASURED
"""Operations of whose result something may be certain: thousands of others are met as one types."""

_ZERO_AT_EQUALS = having("zero-at-equals")


def traits_of(made: Operation) -> Traits:
    """Return the traits of what an operation makes."""
    may_carry = False
    for each in (*made.operands, *made.named.values()):
        may_carry = may_carry or each.traits.may_carry
    if made.name not in _TELLING:
        return CARRYING if may_carry else NOTHING
    if made.name == "neg" and made.operands:
        number = made.operands[0].traits.constant
        if isinstance(number, (int, float)):
            return of_constant(-number)
    low, high = result_bounds(made)
    own = is_own_distance(made)
    return Traits(
        shape=result_shape(made),
        low=-math.inf if math.isnan(low) else low,
        high=math.inf if math.isnan(high) else high,
        spread=spread_of(made),
        own_distance=own,
        distance=not own and is_distance(made),
        reduced=is_reduced(made),
        may_carry=may_carry,
    )


def compares_with_itself(made: Operation) -> bool:
    """Is the difference of a name and itself taken: `y - y`, `mse_loss(y, y)`?"""
    node = made.node
    if made.name not in _ZERO_AT_EQUALS or len(made.operands) != 2 or made.operands[0] != made.operands[1]:
        return False
    parts = [node.left, node.right] if isinstance(node, ast.BinOp) else getattr(node, "args", [])
    return len(parts) == 2 and is_path(parts[0]) and ast.unparse(parts[0]) == ast.unparse(parts[1])


def is_path(node: ast.expr) -> bool:
    """Is this a name, or attributes of one: what gives the same value when asked twice?"""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)
