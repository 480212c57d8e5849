"""Differences between what two losses gave: of their values, and of a gradient to finite differences.

Relative tolerances are those that measured pairs keep with room to spare: right pairs differ by less than 3e-14 in
double precision and 3e-7 in single.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

VALUE_FINE, VALUE_COARSE = 1e-10, 1e-5
SLOPE_FINE, SLOPE_COARSE = 1e-5, 3e-2
ZERO_SLOPE = 1e-12
ABSOLUTE_SINGLE = 1e-6
KINK_FINE, KINK_COARSE = 1e-2, 2e-2
AGREED = 3e-6
"""How well two steps have to agree, relative to the slope, for a finite difference to be trusted beyond doubt."""

EPSILON, ROUNDINGS = 2.0**-52, 4.0
LEEWAY, MOST_FINE, MOST_COARSE = 10.0, 1e-6, 1e-2
"""By how many times the effect of rounding two right values may differ, and by how much at most."""

Report = dict[str, Any]


def slopes_of_value(scenario: Report, point: Report, name: str) -> list[float | None]:
    """The finite difference along each direction; None where it is not to be trusted, near a kink."""
    step, center = scenario["step"], point["center"]
    if (finer := point.get("finer", {}).get(name)) is not None:
        usual = [[step, minus, plus] for minus, plus in point["differences"][name]]
        return [limit_of([first, *others], center) for first, others in zip(usual, finer, strict=True)]
    kink = KINK_COARSE if scenario["coarse"] else KINK_FINE
    found: list[float | None] = []
    for minus, plus in point["differences"][name]:
        forward, backward = plus - center, center - minus
        trusted = math.isfinite(forward + backward) and abs(forward - backward) <= kink * (abs(forward) + abs(backward))
        found.append((plus - minus) / (2 * step) if trusted or plus == minus == center else None)
    return found


def limit_of(steps: Sequence[Sequence[float]], center: float) -> float | None:
    """The slope that the finite differences of ever smaller steps come to; None where they come to none: at a kink.

    Each is `[step, minus, plus]`. The finer of those two is taken that agree best: before them the error of the step
    rules, behind them rounding.
    """
    slopes = [(plus - minus) / (2 * step) for step, minus, plus in steps]
    if all(plus == minus == center for _, minus, plus in steps):
        return 0.0
    gaps = [abs(one - other) for one, other in itertools.pairwise(slopes)]
    if not all(map(math.isfinite, slopes)):
        return None
    best = min(range(len(gaps)), key=gaps.__getitem__)
    chosen = slopes[best + 1]
    noise = ROUNDINGS * EPSILON * abs(center) / steps[best + 1][0]
    if gaps[best] > AGREED * abs(chosen) + noise or noise > SLOPE_FINE * abs(chosen):
        return None
    before, after = (bend(steps[number], center) for number in (best, best + 1))
    # Of a smooth value the bend falls as the step does, ten times from one to the next.
    return None if after > before / 3 and after > SLOPE_FINE + noise / max(abs(chosen), 1e-300) else chosen


def bend(step: Sequence[float], center: float) -> float:
    """How far from straight the value runs within a step, from 0 to 1."""
    forward, backward = step[2] - center, center - step[1]
    both = abs(forward) + abs(backward)
    return abs(forward - backward) / both if both else 0.0


def leeway(spread: float | None, most: float) -> float:
    """By how much two right values may differ where rounding alone moves one by this much."""
    return 0.0 if spread is None else min(LEEWAY * spread, most)


def slope_difference(wanted: Sequence[float | None], slopes: Sequence[float]) -> float:
    """How far slopes are off, over all the directions together and relative to how steep the value is."""
    pairs = [(want, have) for want, have in zip(wanted, slopes, strict=True) if want is not None]
    if not all(math.isfinite(have) for _, have in pairs):
        return math.inf
    off = math.sqrt(sum((want - have) ** 2 for want, have in pairs))
    steepness = math.sqrt(sum(want * want for want, _ in pairs))
    return off / steepness if steepness > 0 else (math.inf if off > ZERO_SLOPE else 0.0)


def precision_of(scenario: Report) -> tuple[float, float]:
    """The relative tolerance of values, and the share of their scale that is forgiven beside it."""
    return (VALUE_COARSE, ABSOLUTE_SINGLE) if scenario["coarse"] else (VALUE_FINE, 0.0)


def value_difference(wanted: list[Report], have: list[Report], absolute: float, scale: float = 0.0) -> float:
    """The largest relative difference of all the numbers; infinite where there are others, or of another shape."""
    if len(wanted) != len(have):
        return math.inf
    worst = 0.0
    for want, got in zip(wanted, have, strict=True):
        if not same_shape(want["shape"], got["shape"]):
            return math.inf
        largest = max([scale, *(abs(value) for value in want["values"])])
        for one, other in zip(want["values"], got["values"], strict=True):
            worst = max(worst, number_difference(one, other, largest, absolute))
    return worst


def number_difference(want: float, have: float, scale: float, absolute: float) -> float:
    if want == have or (math.isnan(want) and math.isnan(have)):
        return 0.0
    if not (math.isfinite(want) and math.isfinite(have)):
        return math.inf
    return max(0.0, abs(want - have) - absolute * scale) / max(scale, 1e-300)


def same_shape(want: list[int], have: list[int]) -> bool:
    """The same, or a scalar where the original had one number in brackets."""
    return want == have or (have == [] and all(length == 1 for length in want))


def check_same(
    what: str, wanted: list[Report], have: list[Report], tolerance: float, absolute: float, scale: float = 0.0
) -> str | None:
    """What differs between two values, in words; None where they are the same."""
    if value_difference(wanted, have, absolute, scale) <= tolerance:
        return None
    if len(wanted) != len(have):
        return f"{what}: {len(wanted)} results against {len(have)}"
    for want, got in zip(wanted, have, strict=True):
        if not same_shape(want["shape"], got["shape"]):
            return f"{what}: shape {want['shape']} against {got['shape']}"
    pairs = [(a, b) for x, y in zip(wanted, have, strict=True) for a, b in zip(x["values"], y["values"], strict=True)]
    a, b = next(
        (pair for pair in pairs if math.isfinite(pair[0]) != math.isfinite(pair[1])),
        max(pairs, key=lambda pair: abs(pair[0] - pair[1])),
    )
    return f"{what}: {a:.6g} against {b:.6g}"
