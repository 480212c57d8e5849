"""Values for the arguments of a loss, drawn with the standard library alone.

A specification is `{"kind", "shape", "classes"?, "length"?, "value"?}`; `length` asks for a list of that many tensors.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Specification = dict[str, Any]


@dataclass(frozen=True)
class Array:
    """A tensor's worth of plain numbers, row by row."""

    shape: tuple[int, ...]
    values: tuple[float, ...]
    integral: bool = False

    def shifted(self, direction: tuple[float, ...], step: float) -> Array:
        return Array(self.shape, tuple(v + step * d for v, d in zip(self.values, direction, strict=True)))


@dataclass(frozen=True)
class Argument:
    """One argument: arrays to be made tensors, as one tensor or a list, or a plain value."""

    name: str
    arrays: tuple[Array, ...]
    listed: bool = False
    plain: Any = None

    @property
    def floating(self) -> bool:
        return bool(self.arrays) and not self.arrays[0].integral


Point = tuple[Argument, ...]


def size(shape: tuple[int, ...]) -> int:
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
    length = spec.get("length")
    arrays = tuple(draw_array(spec, chance) for _ in range(length or 1))
    return Argument(name, arrays, listed=length is not None)


def draw_array(spec: Specification, chance: random.Random) -> Array:
    shape = tuple(spec["shape"])
    kind = spec["kind"]
    if kind in ("simplex", "onehot"):
        return Array(shape, tuple(rows(kind, shape, chance)))
    values = tuple(draw_number(kind, spec.get("classes", 2), chance) for _ in range(size(shape)))
    return Array(shape, values, integral=kind == "labels")


def draw_number(kind: str, classes: int, chance: random.Random) -> float:
    match kind:
        case "normal":
            return chance.gauss(0.0, 1.0)
        case "positive":
            return chance.uniform(0.2, 2.0)
        case "negative":
            return -chance.uniform(0.1, 2.0)
        case "unit":
            return chance.uniform(0.05, 0.95)
        case "sign":
            return float(chance.choice((-1, 1)))
        case "zero":
            return 0.0
        case _:
            return float(chance.randrange(classes))


def rows(kind: str, shape: tuple[int, ...], chance: random.Random) -> list[float]:
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


@lru_cache(maxsize=1024)
def direction(argument: Argument, seed: str) -> tuple[tuple[float, ...], ...]:
    """A random direction for every array of an argument; no component is small."""
    chance = random.Random(seed)
    return tuple(
        tuple(chance.choice((-1.0, 1.0)) * chance.uniform(0.5, 1.0) for _ in array.values) for array in argument.arrays
    )


def moved(point: Point, name: str, along: tuple[tuple[float, ...], ...], step: float) -> Point:
    """The point with one argument shifted by `step` along a direction."""
    return tuple(
        argument
        if argument.name != name
        else Argument(
            name,
            tuple(array.shifted(way, step) for array, way in zip(argument.arrays, along, strict=True)),
            argument.listed,
        )
        for argument in point
    )


def describe(point: Point) -> str:
    return ", ".join(f"{argument.name} {describe_argument(argument)}" for argument in point)


def describe_argument(argument: Argument) -> str:
    if not argument.arrays:
        return f"= {argument.plain!r}" if not isinstance(argument.plain, list) else f"{len(argument.plain)} numbers"
    first = argument.arrays[0]
    text = f"{'int' if first.integral else 'float'}{list(first.shape)}" if first.shape else "float scalar"
    return f"{len(argument.arrays)} x {text}" if argument.listed else text
