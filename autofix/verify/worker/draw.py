"""Values for the arguments of a loss, drawn with the standard library alone.

A specification is `{"kind", "shape", "classes"?, "low"?, "high"?, "length"?, "value"?}`; `length` asks for a list of
that many tensors, and a `model` returns its `items` in the way of its `form`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Dict, Tuple

from .together import together

RANGES = {"positive": (0.2, 2.0), "negative": (-2.0, -0.1), "unit": (0.05, 0.95)}

Specification = Dict[str, Any]
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
    form: Specification | None = None

    @property
    def floating(self) -> bool:
        return any(not array.integral for array in self.arrays)

    def having(self, arrays: list[Array]) -> Argument:
        return replace(self, arrays=tuple(arrays))


Point = Tuple[Argument, ...]


def size(shape: Shape) -> int:
    count = 1
    for length in shape:
        count *= length
    return count


def draw_point(scenario: dict[str, Specification], seed: int) -> Point:
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
        return Argument(name, arrays, listed=True, keys=keys, bounded=True, fields=fields)
    length = spec.get("length")
    arrays = tuple(draw_array(spec, chance) for _ in range(length or 1))
    bounded = bool(spec.get("told")) and spec["kind"] != "normal"
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
    low = spec.get("low", 0)
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
