"""Draw values for the arguments of a loss, with the standard library alone.

A specification is `{"kind", "shape", "classes"?, "low"?, "high"?, "length"?, "value"?}`; `length` asks for a list of
that many tensors, and a `model` returns its `items` in its `form`. Also gives further points of a scenario: another
batch size, another range, and edge cases. `zip(…, strict=True)` is emulated, because Python has it from 3.10 on only.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Tuple, TypeVar, overload

from .records import Arguments, ModelForm, Specification

RANGES = {"positive": (0.2, 2.0), "negative": (-2.0, -0.1), "unit": (0.05, 0.95)}

Shape = Tuple[int, ...]
Direction = Tuple[Tuple[float, ...], ...]


@dataclass(frozen=True)
class Array:
    """A tensor's worth of plain numbers, row by row; `type` is float, int (of 64 bits), int32 or bool.

    A `strided` one is laid out in memory in another order, as a transposed tensor is.
    """

    shape: Shape
    values: tuple[float, ...]
    type: str = "float"
    strided: bool = False

    @property
    def integral(self) -> bool:
        return self.type != "float"

    def shifted(self, direction: tuple[float, ...], step: float) -> Array:
        if self.integral:
            return self
        return Array(self.shape, tuple(v + step * d for v, d in together(self.values, direction)))


@dataclass(frozen=True)
class Argument:
    """One argument: arrays to be made tensors, as one tensor, a list or a dict by `keys`; or a plain value.

    `owned` is no argument but a parameter that the loss finds in its module or its instance; `bounded` ones have no
    edges but those that they were told. By `recorded` ones the loss itself takes derivatives. An `array` is given as
    one of NumPy's, not as a tensor; `fields` are had as attributes. With a `form` it is a model, and the arrays are
    what that returns.
    """

    name: str
    arrays: tuple[Array, ...]
    listed: bool = False
    plain: Any = None
    keys: tuple[str, ...] = ()
    owned: bool = False
    bounded: bool = False
    recorded: bool = False
    array: bool = False
    fields: bool = False
    form: ModelForm | None = None

    @property
    def floating(self) -> bool:
        return any(not array.integral for array in self.arrays)

    def having(self, arrays: list[Array]) -> Argument:
        return replace(self, arrays=tuple(arrays))


Point = Tuple[Argument, ...]


def size(shape: Sequence[int]) -> int:
    count = 1
    for length in shape:
        count *= length
    return count


def draw_point(scenario: Arguments, seed: int) -> Point:
    return tuple(draw_argument(name, spec, f"{seed}/{name}") for name, spec in scenario.items())


def draw_argument(name: str, spec: Specification, seed: str) -> Argument:
    if spec["kind"] == "value":
        return Argument(name, (), plain=spec["value"])
    chance = random.Random(seed)
    if spec["kind"] == "numbers":
        return Argument(name, (), plain=[chance.uniform(0.1, 1.0) for _ in range(spec["length"])])
    if spec["kind"] == "model":
        return Argument(name, tuple(draw_array(item, chance) for item in spec["items"]), form=spec["form"])
    if spec["kind"] in ("list", "dict"):
        arrays = tuple(draw_array(item, chance) for item in spec["items"])
        keys, fields = tuple(spec.get("keys", ())), bool(spec.get("fields"))
        plain = spec.get("value") or None
        return Argument(name, arrays, bool(arrays), plain, keys=keys, bounded=True, fields=fields)
    length = spec.get("length")
    arrays = tuple(draw_array(spec, chance) for _ in range(length or 1))
    bounded = bool(spec.get("stated")) and spec["kind"] != "normal"
    recorded = bool(spec.get("recorded"))
    array = bool(spec.get("array"))
    return Argument(name, arrays, listed=length is not None, bounded=bounded, recorded=recorded, array=array)


def draw_array(spec: Specification, chance: random.Random) -> Array:
    shape = tuple(spec["shape"])
    kind = spec["kind"]
    if kind in ("simplex", "onehot"):
        return Array(shape, tuple(rows(kind, shape, chance)))
    values = tuple(draw_number(kind, spec, chance) for _ in range(size(shape)))
    return Array(shape, values, {"labels": "int", "bool": "bool"}.get(kind, "float"))


def draw_number(kind: str, spec: Specification, chance: random.Random) -> float:
    if kind == "normal":
        return chance.gauss(0.0, 1.0)
    if kind == "sign":
        return float(chance.choice((-1, 1)))
    if kind == "uniform":
        return chance.uniform(spec["low"], spec["high"])
    if kind in RANGES:
        return chance.uniform(*RANGES[kind])
    low = int(spec.get("low", 0))
    return float(chance.randrange(low, max(low + 1, spec.get("classes", 2))))


def rows(kind: str, shape: Shape, chance: random.Random) -> list[float]:
    values: list[float] = []
    width = shape[-1] if shape else 1
    for _ in range(size(shape) // max(width, 1)):
        if kind == "simplex":
            raw = [chance.uniform(0.1, 1.0) for _ in range(width)]
        else:
            hot = chance.randrange(width)
            raw = [float(column == hot) for column in range(width)]
        values += [number / sum(raw) for number in raw]
    return values


def direction(argument: Argument, number: int) -> Direction:
    """A random direction for every array of an argument, none for integers; no component is small."""
    sizes = tuple(0 if array.integral else len(array.values) for array in argument.arrays)
    return _direction(f"{argument.name}/{number}", sizes)


@lru_cache(maxsize=None)
def _direction(seed: str, sizes: tuple[int, ...]) -> Direction:
    chance = random.Random(seed)
    return tuple(tuple(chance.choice((-1.0, 1.0)) * chance.uniform(0.5, 1.0) for _ in range(one)) for one in sizes)


def moved(point: Point, name: str, along: Direction, step: float) -> Point:
    """The point with one argument shifted by `step` along a direction."""
    return tuple(
        one if one.name != name else one.having([a.shifted(w, step) for a, w in together(one.arrays, along)])
        for one in point
    )


def describe(point: Point) -> str:
    return ", ".join(f"{argument.name} {describe_argument(argument)}" for argument in point)


def describe_argument(argument: Argument) -> str:
    if not argument.arrays:
        return f"= {argument.plain!r}" if not isinstance(argument.plain, list) else f"{len(argument.plain)} numbers"
    if argument.form is not None:
        return f"that returns {' and '.join(map(describe_array, argument.arrays))}"
    if argument.keys:
        each = together(argument.keys, argument.arrays)
        return f"{{{', '.join(f'{key}: {describe_array(array)}' for key, array in each)}}}"
    if len({(array.shape, array.type) for array in argument.arrays}) > 1:
        return f"({', '.join(map(describe_array, argument.arrays))})"
    text = describe_array(argument.arrays[0])
    return f"{len(argument.arrays)} x {text}" if argument.listed else text


def describe_array(array: Array) -> str:
    return f"{array.type}{list(array.shape)}" if array.shape else f"{array.type} scalar"


NARROW = frozenset({"unit", "simplex", "positive", "negative"})
LARGE, HUNDREDS, SMALL = 1000.0, 100.0, 1e-4


def with_batch(arguments: Arguments, length: int) -> Arguments | None:
    """The specifications with the length of the batch exchanged; None where there is no batch."""
    have = batch_of(arguments)
    if not have or have == length:
        return None
    changed = {name: resized(one, have, length) for name, one in arguments.items()}
    return changed if changed != arguments else None


def with_width(arguments: Arguments) -> Arguments | None:
    """The specifications with one more in the last dimension of the first tensor, wherever that length stands last."""
    shapes = [one["shape"] for one in each_array(arguments) if len(one["shape"]) > 1]
    if not shapes or shapes[0][-1] < 2 or shapes[0][-1] in shapes[0][:-1]:
        return None
    return {name: widened_by_one(one, shapes[0][-1]) for name, one in arguments.items()}


def widened_by_one(one: Specification, have: int) -> Specification:
    if "items" in one:
        return {**one, "items": [widened_by_one(item, have) for item in one["items"]]}
    shape = one.get("shape")
    return {**one, "shape": [*shape[:-1], have + 1]} if shape and len(shape) > 1 and shape[-1] == have else one


def batch_of(arguments: Arguments) -> int:
    """The first dimension of the first tensor that has dimensions."""
    shapes = [one["shape"] for one in each_array(arguments) if one["shape"]]
    return int(shapes[0][0]) if shapes else 0


def each_array(arguments: Arguments) -> Iterator[Specification]:
    for one in arguments.values():
        yield from [item for item in one.get("items", [one]) if "shape" in item]


def resized(one: Specification, have: int, length: int) -> Specification:
    if "items" in one:
        return {**one, "items": [resized(item, have, length) for item in one["items"]]}
    if one.get("beside_list"):
        return one  # as long as the list, which stays as long as it is
    shape = one.get("shape")
    return {**one, "shape": [length, *shape[1:]]} if shape and shape[0] == have else one


def widened(arguments: Arguments) -> Arguments | None:
    """The specifications with floats of any size and sign; None where they are so already."""
    changed: Arguments = {
        name: {**one, "kind": "normal"} if one["kind"] in NARROW and not one.get("stated") else one
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


def further_edges(arguments: Arguments, point: Point) -> Iterator[tuple[str, Point]]:
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
            edge = "NaN values" if math.isnan(value) else f"{value:g}"
            yield f"{edge} in {one.name}", replaced(point, number, [every_other(each, value) for each in one.arrays])
        if one.arrays and not one.bounded and (one.arrays[0].integral or values <= {0.0, 1.0}):
            for value in (0.0, min(1.0, max(values, default=0.0))):
                yield f"{one.name} all {value:g}", replaced(point, number, [filled(each, value) for each in one.arrays])
    for edge, length in (("an empty batch", 0), ("a single example", 1)):
        if (changed := with_batch(arguments, length)) is not None:
            yield edge, draw_point(changed, 0)


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


A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


@overload
def together(first: Iterable[A], second: Iterable[B], /) -> Iterator[tuple[A, B]]: ...
@overload
def together(first: Iterable[A], second: Iterable[B], third: Iterable[C], /) -> Iterator[tuple[A, B, C]]: ...
@overload
def together(
    first: Iterable[A], second: Iterable[B], third: Iterable[C], fourth: Iterable[D], /
) -> Iterator[tuple[A, B, C, D]]: ...


def together(*sequences: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """The first of each, then the second of each; raises ValueError where they are not equally long."""
    known = [list(sequence) for sequence in sequences]
    if len({len(one) for one in known}) > 1:
        raise ValueError(f"sequences of {' and '.join(str(len(one)) for one in known)}, not of one length")
    return zip(*known)
