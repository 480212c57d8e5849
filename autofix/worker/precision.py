"""Finite differences with smaller steps, and how far rounding alone changes the value of a loss.

Smaller steps are taken near a kink, a sort or a pole, where a gradient differs little from the usual differences: the
error of a difference decreases with the step, that of a wrong gradient does not. The host decides which step counts,
independently of the gradient. The effect of rounding is measured only if a candidate differs little from the original:
an inverse of a nearly singular matrix loses digits in NumPy and in a framework alike, but not the same ones.
"""

from __future__ import annotations

import random
from dataclasses import replace

from .draw import Argument, Array, Point, direction, moved, together
from .measure import Runnable
from .numerics import (
    FINER_STEPS,
    KINK_FINE,
    NEAR_FROM,
    NEAR_TO,
    UNIT_OF_PRECISION,
    apart,
    difference_at_steps,
    gradient_of,
    total,
)
from .records import Finer, Gradient, Gradients, OriginalReport, PointReport, Value
from .search import Accepted

ENOUGH = 2
"""So many differences have to be trusted at a point."""
SHIFT = 1e-2


def finer(runnable: Runnable, report: PointReport, point: Point, gradients: Gradients, step: float) -> Finer:
    """By name and direction `[step, minus, plus]` of smaller steps, where differences may be off or cannot be trusted.

    `report` is what the original gave at the point, `gradients` are those to be compared with its differences.
    """
    names = [
        name
        for name, pairs in report["differences"].items()
        if name not in report["finer"]
        and (is_doubtful(report, name) or is_near(report, name, gradient_of(gradients, name), step, len(pairs)))
    ]
    return {name: measured(runnable, point, name, len(report["differences"][name])) for name in names}


def is_doubtful(report: PointReport, name: str) -> bool:
    """Whether few of the differences along an argument can be trusted."""
    center, pairs = report["center"], report["differences"][name]
    straight = [(minus, plus) for minus, plus in pairs if is_straight(minus, plus, center)]
    return len(straight) < ENOUGH and any(minus != center or plus != center for minus, plus in pairs)


def is_straight(minus: float, plus: float, center: float) -> bool:
    """Whether the value runs straight within a step, compared with how far it gets from one end to the other."""
    return abs(plus + minus - 2 * center) <= KINK_FINE * abs(plus - minus)


def is_near(report: PointReport, name: str, gradient: Gradient, step: float, count: int) -> bool:
    """Whether a gradient is off by so little that finer differences may show it right."""
    return NEAR_FROM < difference_at_steps(report, name, gradient["slopes"] or [0.0] * count, step) < NEAR_TO


def measured(runnable: Runnable, point: Point, name: str, count: int) -> list[list[list[float]]]:
    argument = next(one for one in point if one.name == name)
    with runnable.fixed.held_constant(lambda: runnable.value(point)):
        return [
            [
                [step, *(total(runnable.value(moved(point, name, along, sign * step))) for sign in (-1.0, 1.0))]
                for step in FINER_STEPS
            ]
            for along in (direction(argument, number) for number in range(count))
        ]


def is_rough(scenario: OriginalReport) -> bool:
    """Whether no difference along something can be trusted anywhere, though the value moves."""
    return not scenario["coarse"] and any(
        all(is_doubtful(point, name) for point in scenario["points"]) for name in scenario["differentiated"]
    )


def with_shifted(accepted: Accepted) -> Accepted:
    """The same with one point more, a little beside the first: what stands on a kink there does not do so here."""
    names = accepted.differentiated
    beside = tuple(one if one.name not in names else shifted(one) for one in accepted.points[0])
    return replace(accepted, points=(*accepted.points, beside))


def shifted(argument: Argument) -> Argument:
    def change(array: Array, along: tuple[float, ...]) -> Array:
        if array.integral:
            return array
        pairs = together(array.values, along)
        return replace(array, values=tuple(value + SHIFT * way * (abs(value) or 1.0) for value, way in pairs))

    return argument.having([change(array, along) for array, along in together(argument.arrays, direction(argument, 0))])


TRIES = 3


def spread(runnable: Runnable, point: Point) -> float:
    """The largest change of the value, relative to it, when every float given is rounded to one of its neighbours."""
    unit = UNIT_OF_PRECISION[runnable.precision]
    wanted = values_at(runnable, point)
    return max(apart(wanted, values_at(runnable, rounded(point, unit, seed))) for seed in range(TRIES))


def values_at(runnable: Runnable, point: Point) -> Value:
    return [leaf.record() for leaf in runnable.value(point)]


def rounded(point: Point, unit: float, seed: int) -> Point:
    chance = random.Random(seed)

    def moved(array: Array) -> Array:
        return replace(array, values=tuple(value * (1.0 + chance.choice((-unit, unit))) for value in array.values))

    def changed(one: Argument) -> Argument:
        return one.having([array if array.integral else moved(array) for array in one.arrays])

    return tuple(one if one.owned else changed(one) for one in point)
