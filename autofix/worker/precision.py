"""Finite differences with smaller steps, and how far rounding alone changes the value of a loss.

Smaller steps are taken near a kink, a sort or a pole, where a gradient differs little from the usual differences: the
error of a difference decreases with the step, that of a wrong gradient does not. The host decides which step counts,
independently of the gradient. The effect of rounding is measured only if a candidate differs little from the original:
an inverse of a nearly singular matrix loses digits in NumPy and in a framework alike, but not the same ones.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any, Dict, List

from .draw import Argument, Array, Point, direction, moved, together
from .lost import off
from .measure import Runnable, sent
from .numbers import total
from .search import Accepted

STEPS = (1e-6, 1e-7, 1e-8)
SAME, NEAR = 3e-6, 5e-2
ENOUGH, KINK = 2, 1e-2
SHIFT = 1e-2

Report = Dict[str, Any]
Finer = Dict[str, List[List[List[float]]]]


def finer(runnable: Runnable, report: Report, point: Point, gradients: Report, step: float) -> Finer:
    """By name and direction `[step, minus, plus]` of smaller steps, where differences may be off or cannot be trusted.

    `report` is what the original gave at the point, `gradients` are those to be compared with its differences.
    """
    names = [
        name
        for name, pairs in report["differences"].items()
        if name not in report["finer"]
        and (is_doubtful(report, name) or is_near(report, name, gradients.get(name, {}), step, len(pairs)))
    ]
    return {name: measured(runnable, point, name, len(report["differences"][name])) for name in names}


def is_doubtful(report: Report, name: str) -> bool:
    """Whether few of the differences along an argument can be trusted."""
    center, pairs = report["center"], report["differences"][name]
    straight = [pair for pair in pairs if abs(sum(pair) - 2 * center) <= KINK * abs(pair[1] - pair[0])]
    return len(straight) < ENOUGH and any(minus != center or plus != center for minus, plus in pairs)


def is_near(report: Report, name: str, gradient: Report, step: float, count: int) -> bool:
    return SAME < off(report, name, gradient.get("slopes") or [0.0] * count, step) < NEAR


def measured(runnable: Runnable, point: Point, name: str, count: int) -> list[list[list[float]]]:
    argument = next(one for one in point if one.name == name)
    with runnable.fixed.held(lambda: runnable.value(point)):
        return [
            [
                [step, *(total(runnable.value(moved(point, name, along, sign * step))) for sign in (-1.0, 1.0))]
                for step in STEPS
            ]
            for along in (direction(argument, number) for number in range(count))
        ]


def is_rough(scenario: Report) -> bool:
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


UNIT = {"double": 2.0**-52, "wide": 2.0**-52, "single": 2.0**-23}
TRIES = 3
LITTLE = 1e-2

Sent = List[Dict[str, Any]]


def spread(runnable: Runnable, point: Point) -> float:
    """The largest change of the value, relative to it, when every float given is rounded to one of its neighbours."""
    unit = UNIT[runnable.precision]
    wanted = sent(runnable.value(point))
    found = [apart(wanted, sent(runnable.value(rounded(point, unit, seed)))) for seed in range(TRIES)]
    return max(found)


def rounded(point: Point, unit: float, seed: int) -> Point:
    chance = random.Random(seed)

    def moved(array: Array) -> Array:
        return replace(array, values=tuple(value * (1.0 + chance.choice((-unit, unit))) for value in array.values))

    def changed(one: Argument) -> Argument:
        return one.having([array if array.integral else moved(array) for array in one.arrays])

    return tuple(one if one.owned else changed(one) for one in point)


def apart(wanted: Sent, have: Sent) -> float:
    """The largest difference of two values, relative to the largest number; infinite for others than finite numbers."""
    pairs = [pair for one, other in together(wanted, have) for pair in together(one["values"], other["values"])]
    scale = max((abs(a) for a, _ in pairs), default=0.0)
    worst = max((abs(a - b) for a, b in pairs), default=0.0)
    if not worst:
        return 0.0 if worst == 0.0 else float("inf")
    return worst / scale if scale else float("inf")


def differ_a_little(wanted: Sent, have: Sent, tolerance: float) -> bool:
    """Whether two values are not the same to a tolerance, and nearly so."""
    return [one["shape"] for one in wanted] == [one["shape"] for one in have] and tolerance < apart(
        wanted, have
    ) < LITTLE
