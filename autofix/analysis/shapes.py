"""The shape that an operation's result has, as far as its operands' shapes and its literal arguments show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autofix.analysis.record import Operation
from autofix.analysis.values import PER_SAMPLE, SCALAR, Instance, Shape, Value, known, shape_of
from autofix.knowledge.operations import having, values

UNKNOWN_SHAPE = Shape()

_SAME, _TOGETHER = having("same-shape"), having("broadcasts")
_REDUCING, _REDUCING_WHOLE, _AXIS_THIRD = having("reduces"), having("extreme"), having("axis-third")
LOSSES = having("loss")
LAYERS = values("function")
"""Layers without parameters, and the functions that they are."""
_KEEPING_LAYERS = having("same-shape-layer")
_SIZED, _MOVING, _ADDING_AN_AXIS = having("sized"), having("reshapes"), having("adds-axis")
SHAPED = LOSSES | _SIZED | _SAME | _TOGETHER | _REDUCING | _REDUCING_WHOLE | _MOVING
"""Operations whose results may have a known shape."""


def result_shape(made: Operation) -> Shape:
    """Return the shape of what an operation makes."""
    name, operands = made.name, made.operands
    first = shape_of(operands[0].traits, operands[0].kind) if operands else UNKNOWN_SHAPE
    if name in LOSSES:
        return reduced_loss(made.named)
    if name in _SIZED:
        return _sized(made)
    if name in _SAME and operands:
        return first
    if name in _TOGETHER:
        return broadcast([shape_of(each.traits, each.kind) for each in (*operands, *made.named.values())])
    if name in _REDUCING and operands:
        return _reduce(made, first)
    if name in _REDUCING_WHOLE and len(operands) == 1 and not made.named:
        return SCALAR
    if name in _MOVING:
        return _moved(made, first)
    return UNKNOWN_SHAPE


def reduced_loss(given: Mapping[str, Value]) -> Shape:
    """Return the shape of one of torch's losses: a scalar, unless its elements were asked for."""
    if "reduction" in given:
        constant = given["reduction"].traits.constant
        return {"none": PER_SAMPLE, "mean": SCALAR, "sum": SCALAR}.get(str(constant), UNKNOWN_SHAPE)
    if "reduce" in given or "size_average" in given or "**" in given:
        return PER_SAMPLE if "reduce" in given and given["reduce"].traits.constant is False else UNKNOWN_SHAPE
    return SCALAR


def layer_shape(layer: Instance, name: str, given: Sequence[Value]) -> Shape:
    """Return the shape of what a layer of the framework makes of `given`."""
    made_with = layer.arguments
    first = shape_of(given[0].traits, given[0].kind) if given else UNKNOWN_SHAPE
    if made_with is None:
        return UNKNOWN_SHAPE
    if LAYERS.get(name) in LOSSES:
        return reduced_loss(made_with.keywords)
    if name in _KEEPING_LAYERS:
        return first
    if name == "Linear":
        return _linear(first, made_with.argument(1, "out_features"))
    if name == "Dense":
        return _linear(first, made_with.argument(0, "units"))
    if name == "Sequential":
        value = given[0] if given else None
        for each in layers_of(layer):
            if value is None or not isinstance(each.meaning, Instance):
                return UNKNOWN_SHAPE
            value = _with_shape(value, layer_shape(each.meaning, each.meaning.name, (value,)))
        return value.traits.shape if value is not None else UNKNOWN_SHAPE
    return UNKNOWN_SHAPE


def layers_of(sequential: Instance) -> tuple[Value, ...]:
    """Return the layers that a Sequential was made of, given one by one or in a list."""
    given = sequential.arguments.positional if sequential.arguments is not None else ()
    if len(given) == 1 and given[0].items is not None:
        return given[0].items
    return given


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """Return the shape of several tensors combined element by element."""
    tensors = [shape for shape in shapes if shape.sizes != ()]
    if not tensors:
        return SCALAR
    if len(tensors) == 1:
        return tensors[0]
    sizes = [shape.sizes for shape in tensors if shape.sizes is not None]
    if len(sizes) == len(tensors):
        rank = max(len(each) for each in sizes)
        padded = [(1,) * (rank - len(each)) + each for each in sizes]
        return known(max(column) for column in zip(*padded, strict=True))
    lasts = [shape.last for shape in tensors]
    certain = [last for last in lasts if last is not None and last > 1]
    last = certain[0] if certain else 1 if all(each == 1 for each in lasts) else None
    return Shape(None, last, all(each.batched for each in tensors), any(each.many for each in tensors))


def _linear(given: Shape, out: Value | None) -> Shape:
    size = out.traits.constant if out is not None else None
    if not isinstance(size, int):
        return Shape(batched=given.batched, many=given.batched)
    if given.sizes:
        return known((*given.sizes[:-1], size))
    return Shape(None, size, given.batched, given.batched or size > 1)


def _reduce(made: Operation, given: Shape) -> Shape:
    place = 2 if made.name in _AXIS_THIRD else 1
    axis = made.argument(place, "dim", "axis")
    keep = made.argument(place + 1, "keepdim", "keepdims")
    if axis is None:
        return SCALAR if "**" not in made.named and keep is None and len(made.operands) < 3 else UNKNOWN_SHAPE
    number = axis.traits.constant
    if not isinstance(number, int) or isinstance(number, bool):
        return UNKNOWN_SHAPE
    kept = keep.traits.constant if keep is not None else False
    if not isinstance(kept, bool):
        return UNKNOWN_SHAPE
    if given.sizes is None or not -len(given.sizes) <= number < len(given.sizes):
        return Shape(batched=True, many=True) if given.batched and number >= 1 else UNKNOWN_SHAPE
    sizes = list(given.sizes)
    sizes[number : number + 1 or None] = [1] if kept else []
    return known(sizes)


def _sized(made: Operation) -> Shape:
    size = made.named.get("size") or made.named.get("shape")
    given = (size,) if size is not None else made.operands
    if len(given) == 1 and given[0].items is not None:
        given = given[0].items
    sizes = [each.traits.constant for each in given]
    if not sizes or not all(isinstance(each, int) and not isinstance(each, bool) for each in sizes):
        return UNKNOWN_SHAPE
    return known(each for each in sizes if isinstance(each, int))


def _moved(made: Operation, given: Shape) -> Shape:
    """Return the shape after a view with literal sizes, or with one more axis."""
    numbers = [each.traits.constant for each in made.operands[1:]]
    if made.name == "linspace":
        return known((numbers[1],)) if len(numbers) > 1 and isinstance(numbers[1], int) else UNKNOWN_SHAPE
    if made.name in _ADDING_AN_AXIS:
        axis = made.constant(1, "dim", "axis")
        if given.sizes is None or not isinstance(axis, int) or not -len(given.sizes) - 1 <= axis <= len(given.sizes):
            return Shape(many=given.many, last=1 if axis == -1 else None)
        place = axis if axis >= 0 else axis + len(given.sizes) + 1
        return known((*given.sizes[:place], 1, *given.sizes[place:]))
    sizes = [each for each in numbers if isinstance(each, int)]
    if not numbers or len(sizes) < len(numbers) or given.sizes is None:
        return Shape(many=given.many)
    count = known(given.sizes)
    total = 1
    for each in count.sizes or ():
        total *= each
    fixed = 1
    for each in sizes:
        fixed *= each if each > 0 else 1
    if fixed == 0 or sizes.count(-1) > 1:
        return Shape(many=given.many)
    return known(total // fixed if each == -1 else each for each in sizes)


def _with_shape(value: Value, shape: Shape) -> Value:
    return value._replace(traits=value.traits._replace(shape=shape))
