"""Further points for a scenario: another batch size, another range of numbers, and the edges of what may be given."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Dict

from .draw import Argument, Array, Point, draw_point, size
from .together import together

NARROW = frozenset({"unit", "simplex", "positive", "negative"})
LARGE, HUNDREDS, SMALL = 1000.0, 100.0, 1e-4
Specifications = Dict[str, Dict[str, Any]]


def with_batch(arguments: Specifications, length: int) -> Specifications | None:
    """The specifications with the length of the batch exchanged; None where there is no batch."""
    have = batch_of(arguments)
    if not have or have == length:
        return None
    changed = {name: resized(one, have, length) for name, one in arguments.items()}
    return changed if changed != arguments else None


def with_width(arguments: Specifications) -> Specifications | None:
    """The specifications with one more in the last dimension of the first tensor, wherever that length stands last."""
    shapes = [one["shape"] for one in each_array(arguments) if len(one["shape"]) > 1]
    if not shapes or shapes[0][-1] < 2 or shapes[0][-1] in shapes[0][:-1]:
        return None
    return {name: widened_by_one(one, shapes[0][-1]) for name, one in arguments.items()}


def widened_by_one(one: dict[str, Any], have: int) -> dict[str, Any]:
    if "items" in one:
        return {**one, "items": [widened_by_one(item, have) for item in one["items"]]}
    shape = one.get("shape")
    return {**one, "shape": [*shape[:-1], have + 1]} if shape and len(shape) > 1 and shape[-1] == have else one


def batch_of(arguments: Specifications) -> int:
    """The first dimension of the first tensor that has dimensions."""
    shapes = [one["shape"] for one in each_array(arguments) if one["shape"]]
    return int(shapes[0][0]) if shapes else 0


def each_array(arguments: Specifications) -> Iterator[dict[str, Any]]:
    for one in arguments.values():
        yield from [item for item in one.get("items", [one]) if "shape" in item]


def resized(one: dict[str, Any], have: int, length: int) -> dict[str, Any]:
    if "items" in one:
        return {**one, "items": [resized(item, have, length) for item in one["items"]]}
    if one.get("beside_list"):
        return one  # as long as the list, which stays as long as it is
    shape = one.get("shape")
    return {**one, "shape": [length, *shape[1:]]} if shape and shape[0] == have else one


def widened(arguments: Specifications) -> Specifications | None:
    """The specifications with floats of any size and sign; None where they are so already."""
    changed = {
        name: {**one, "kind": "normal"} if one["kind"] in NARROW and not one.get("told") else one
        for name, one in arguments.items()
    }
    return changed if changed != arguments else None


def edges(point: Point, names: tuple[str, ...]) -> Iterator[tuple[str, Point]]:
    """Points where a loss meets a case of its own, each with its name in words; the first two for every scenario."""
    yield "zeros", floats(point, lambda _: 0.0)
    yield "equal inputs", equal(point, names)
    if any(one.listed and not one.keys and one.arrays[0].shape for one in point):
        yield (
            "tensors of unequal lengths",
            tuple(
                one.having([shortened(array, number) for number, array in enumerate(one.arrays)]) if one.listed else one
                for one in point
            ),
        )


def further_edges(arguments: Specifications, point: Point) -> Iterator[tuple[str, Point]]:
    yield "large inputs", floats(point, lambda value: LARGE * value)
    yield "small inputs", floats(point, lambda value: SMALL * value)
    yield "saturated inputs", floats(point, lambda value: float(value > 0.5))
    if any(len(array.shape) > 1 for one in point for array in one.arrays):
        yield (
            "inputs that are not contiguous",
            tuple(one.having([replace(a, strided=True) for a in one.arrays]) for one in point),
        )
    for number, one in enumerate(point):
        values = {value for array in one.arrays for value in array.values}
        special = arguments[one.name].get("special", ())
        for value in special:
            if math.isnan(value) and not one.floating:
                continue
            words = "missing numbers" if math.isnan(value) else f"{value:g}"
            yield f"{words} in {one.name}", replaced(point, number, [every_other(each, value) for each in one.arrays])
        if one.arrays and not one.bounded and (one.arrays[0].integral or values <= {0.0, 1.0}):
            for value in (0.0, min(1.0, max(values, default=0.0))):
                yield f"{one.name} all {value:g}", replaced(point, number, [filled(each, value) for each in one.arrays])
    for words, length in (("an empty batch", 0), ("a single example", 1)):
        if (changed := with_batch(arguments, length)) is not None:
            yield words, draw_point(changed, 0)


def in_hundreds(point: Point) -> Point:
    return floats(point, lambda value: HUNDREDS * value)


def touching(point: Point, names: tuple[str, ...]) -> Point:
    """The point with every third number of each float tensor made that of the first prediction, shapes permitting."""
    first = next(argument for argument in point if argument.name == names[0])
    return tuple(
        one.having([mixed(mine, theirs) for mine, theirs in together(one.arrays, first.arrays)])
        if agree(one, first)
        else one
        for one in point
    )


def equal(point: Point, names: tuple[str, ...]) -> Point:
    """Every tensor of floats made the first prediction, where the shapes agree."""
    first = next(argument for argument in point if argument.name == names[0])
    return tuple(one.having(list(first.arrays)) if agree(one, first) else one for one in point)


def agree(one: Argument, first: Argument) -> bool:
    shapes = [array.shape for array in first.arrays]
    return one.floating and not one.owned and not one.bounded and [array.shape for array in one.arrays] == shapes


def filled(array: Array, value: float) -> Array:
    return Array(array.shape, (value,) * len(array.values), array.type)


def floats(point: Point, change: Callable[[float], float]) -> Point:
    """The point with every float that is given changed."""
    return tuple(
        one.having([Array(each.shape, tuple(map(change, each.values))) for each in one.arrays])
        if one.floating and not one.owned and not one.bounded
        else one
        for one in point
    )


def replaced(point: Point, number: int, arrays: list[Array]) -> Point:
    return (*point[:number], point[number].having(arrays), *point[number + 1 :])


def every_other(array: Array, value: float) -> Array:
    return Array(array.shape, tuple(value if i % 2 else v for i, v in enumerate(array.values)), array.type)


def mixed(mine: Array, theirs: Array) -> Array:
    pairs = enumerate(together(mine.values, theirs.values))
    return Array(mine.shape, tuple(b if number % 3 == 0 else a for number, (a, b) in pairs))


def shortened(array: Array, number: int) -> Array:
    """The first rows of an array, fewer for each one in a list."""
    if not array.shape:
        return array
    length = max(1, array.shape[0] - number)
    shape = (length, *array.shape[1:])
    return Array(shape, array.values[: size(shape)], array.type)
