"""How far rounding alone moves the value of a loss: what two right ways to compute it may differ by.

Asked only where a candidate differs a little from the original: an inverse of a nearly singular matrix loses digits in
NumPy and in a framework alike, but not the same ones.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any, Dict, List

from .draw import Argument, Array, Point
from .measure import Runnable, sent
from .together import together

UNIT = {"double": 2.0**-52, "wide": 2.0**-52, "single": 2.0**-23}
TRIES = 3
LITTLE = 1e-2

Sent = List[Dict[str, Any]]


def spread(runnable: Runnable, point: Point) -> float:
    """The largest change of the value, relative to it, when every float given is rounded to one of its neighbours."""
    unit = UNIT[runnable.precision]
    wanted = sent(runnable.value(point))
    found = [off(wanted, sent(runnable.value(rounded(point, unit, seed)))) for seed in range(TRIES)]
    return max(found)


def rounded(point: Point, unit: float, seed: int) -> Point:
    chance = random.Random(seed)

    def moved(array: Array) -> Array:
        return replace(array, values=tuple(value * (1.0 + chance.choice((-unit, unit))) for value in array.values))

    def changed(one: Argument) -> Argument:
        return one.having([array if array.integral else moved(array) for array in one.arrays])

    return tuple(one if one.owned else changed(one) for one in point)


def off(wanted: Sent, have: Sent) -> float:
    """The largest difference of two values, relative to the largest number; infinite for others than finite numbers."""
    pairs = [pair for one, other in together(wanted, have) for pair in together(one["values"], other["values"])]
    scale = max((abs(a) for a, _ in pairs), default=0.0)
    worst = max((abs(a - b) for a, b in pairs), default=0.0)
    if not worst:
        return 0.0 if worst == 0.0 else float("inf")
    return worst / scale if scale else float("inf")


def differ_a_little(wanted: Sent, have: Sent, tolerance: float) -> bool:
    """Whether two values are not the same to a tolerance, and nearly so."""
    return [one["shape"] for one in wanted] == [one["shape"] for one in have] and tolerance < off(wanted, have) < LITTLE
