"""Run one loss at one point: its value, its gradient along directions, the finite differences of its value."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .draw import Argument, Array, Point, direction, moved
from .numbers import Leaf, leaves, total

DIRECTIONS = 6
FINE_STEP = 1e-5
COARSE_STEP = 1e-3
TINY_STEP = 1e-4


@dataclass(frozen=True)
class Runnable:
    """A loss that has been loaded, and how it is to be given its arguments."""

    function: Callable[..., Any]
    backend: Any
    precision: str
    takes_arrays: bool = False

    def call(self, point: Point) -> Callable[[list[Any]], Any]:
        def with_tensors(tensors: list[Any]) -> Any:
            given = [self.backend.to_array(one) for one in tensors] if self.takes_arrays else tensors
            return self.function(**rebuild(point, given))

        return with_tensors

    def ready(self, seed: int = 1) -> None:
        self.backend.precision(self.precision)
        self.backend.reseed(seed)

    def value(self, point: Point, seed: int = 1) -> list[Leaf]:
        self.ready(seed)
        return leaves(self.backend.evaluate(self.call(point), arrays_of(point), self.precision), self.backend)

    def gradient(self, point: Point, names: Sequence[str], graph: bool = False) -> dict[str, Any]:
        """Value, and for every named argument the norm of its gradient and its slopes along the directions."""
        self.ready()
        wanted = [index for index, owner in enumerate(owners(point)) if owner in names]
        differentiate = self.backend.graph if graph else self.backend.differentiate
        result, found = differentiate(self.call(point), arrays_of(point), wanted, self.precision)
        gradients = dict(zip(wanted, found, strict=True))
        slopes = {
            argument.name: self.slopes(point, argument, gradients) for argument in point if argument.name in names
        }
        return {"value": sent(leaves(result, self.backend)), "gradients": slopes}

    def slopes(self, point: Point, argument: Argument, gradients: dict[int, list[float] | None]) -> dict[str, Any]:
        parts = [gradients.get(index) for index, owner in enumerate(owners(point)) if owner == argument.name]
        if all(part is None for part in parts):
            return {"norm": None, "slopes": []}
        flat = [
            number
            for part, array in zip(parts, argument.arrays, strict=True)
            for number in (part if part is not None else [0.0] * len(array.values))
        ]
        along = [[number for way in ways for number in way] for ways in directions(argument)]
        return {
            "norm": math.sqrt(sum(number * number for number in flat)),
            "slopes": [sum(a * b for a, b in zip(flat, way, strict=True)) for way in along],
        }

    def differences(self, point: Point, name: str, step: float) -> list[list[float]]:
        """The loss at `-step` and `+step` along each direction of one argument."""
        argument = next(one for one in point if one.name == name)
        return [
            [total(self.value(moved(point, name, way, sign * step))) for sign in (-1.0, 1.0)]
            for way in directions(argument)
        ]


def directions(argument: Argument) -> list[tuple[tuple[float, ...], ...]]:
    return [direction(argument, f"{argument.name}/{number}") for number in range(DIRECTIONS)]


def arrays_of(point: Point) -> list[Array]:
    return [array for argument in point for array in argument.arrays]


def owners(point: Point) -> list[str]:
    return [argument.name for argument in point for _ in argument.arrays]


def rebuild(point: Point, tensors: list[Any]) -> dict[str, Any]:
    """The arguments by name, lists of tensors put together again."""
    rest = list(tensors)
    arguments: dict[str, Any] = {}
    for argument in point:
        taken = [rest.pop(0) for _ in argument.arrays]
        if not taken:
            arguments[argument.name] = argument.plain
        else:
            arguments[argument.name] = taken if argument.listed else taken[0]
    return arguments


def sent(found: list[Leaf]) -> list[dict[str, Any]]:
    return [leaf.sent() for leaf in found]
