"""Finite differences with smaller steps, taken where the usual ones may be off: near a kink, a sort, a pole.

Where a gradient differs little from them the fault may be theirs: an error of theirs falls with the step, that of a
wrong gradient does not. Which of the steps is to be believed is for the host to judge, and is not a question of the
gradient.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List

from .accepted import Accepted
from .draw import Argument, Array, Point, direction, moved
from .measure import Runnable
from .numbers import total
from .severed import off
from .together import together

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
