"""Differences between what two losses gave: of their values, and of a gradient to finite differences.

Pure arithmetic on the records of `records`, for the worker, which asks whether to look closer, and for the host, which
judges. The tolerances stand in `tolerances`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import List

from . import tolerances as tol
from .draw import together
from .records import Differentiated, Finer, Gradient, Gradients, OriginalReport, Run, Value

NO_GRADIENT: Gradient = {"norm": None, "slopes": []}
Slopes = List["float | None"]
"""The finite difference along each direction; None where it is not to be trusted."""


def gradient_of(gradients: Gradients, name: str) -> Gradient:
    """The gradient by a name; none where it is not among them."""
    return gradients.get(name, NO_GRADIENT)


def slopes_of_value(original: OriginalReport, point: Differentiated, name: str, finer: Finer | None = None) -> Slopes:
    """The finite difference along each direction; None where it is not to be trusted, near a kink.

    Where there are `finer` differences by this name, the step that counts is chosen among them.
    """
    step, center = original["step"], point["center"]
    if finer is not None and name in finer:
        usual = [[step, minus, plus] for minus, plus in point["differences"][name]]
        return [limit_of([first, *others], center) for first, others in together(usual, finer[name])]
    kink = tol.KINK_COARSE if original["coarse"] else tol.KINK_FINE
    found: Slopes = []
    for minus, plus in point["differences"][name]:
        forward, backward = plus - center, center - minus
        trusted = math.isfinite(forward + backward) and bend(minus, plus, center) <= kink
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
    gaps = [abs(one - other) for one, other in together(slopes[:-1], slopes[1:])]
    if not all(map(math.isfinite, slopes)):
        return None
    best = min(range(len(gaps)), key=gaps.__getitem__)
    chosen = slopes[best + 1]
    noise = tol.ROUNDINGS * tol.EPSILON * abs(center) / steps[best + 1][0]
    if gaps[best] > tol.AGREED * abs(chosen) + noise or noise > tol.SLOPE_FINE * abs(chosen):
        return None
    before, after = (bend(step[1], step[2], center) for step in steps[best : best + 2])
    # Of a smooth value the bend falls as the step does, ten times from one to the next.
    return None if after > before / 3 and after > tol.SLOPE_FINE + noise / max(abs(chosen), 1e-300) else chosen


def bend(minus: float, plus: float, center: float) -> float:
    """How far from straight the value runs within a step, from 0 to 1: a kink, or rounding."""
    forward, backward = plus - center, center - minus
    both = abs(forward) + abs(backward)
    return abs(forward - backward) / both if both else 0.0


def leeway(spread: float | None, most: float) -> float:
    """By how much two right values may differ where rounding alone moves one by this much."""
    return 0.0 if spread is None else min(tol.LEEWAY * spread, most)


def slope_difference(wanted: Sequence[float | None], slopes: Sequence[float]) -> float:
    """How far slopes are off, over all the directions together and relative to how steep the value is."""
    pairs = [(want, have) for want, have in together(wanted, slopes) if want is not None]
    if not all(math.isfinite(have) for _, have in pairs):
        return math.inf
    off = math.sqrt(sum((want - have) ** 2 for want, have in pairs))
    steepness = math.sqrt(sum(want * want for want, _ in pairs))
    return off / steepness if steepness > 0 else (math.inf if off > tol.ZERO_SLOPE else 0.0)


def difference_at_steps(point: Differentiated, name: str, slopes: Sequence[float], step: float) -> float:
    """The same against differences of the usual step alone; those across a kink are left out."""
    error = steepness = 0.0
    for (minus, plus), slope in together(point["differences"][name], slopes):
        if bend(minus, plus, point["center"]) <= tol.KINK_SEVERED:
            wanted = (plus - minus) / (2 * step)
            error, steepness = error + (slope - wanted) ** 2, steepness + wanted**2
    return math.sqrt(error / steepness) if steepness else float(error > 0.0)


def slope_tolerance(original: OriginalReport) -> float:
    """By how much a gradient may be off the finite differences of this original."""
    return tol.SLOPE_COARSE if original["coarse"] else tol.SLOPE_FINE


def value_tolerance(original: OriginalReport) -> tuple[float, float]:
    """The relative tolerance of values, and the share of their scale that is forgiven beside it."""
    return (tol.VALUE_COARSE, tol.ABSOLUTE_SINGLE) if original["coarse"] else (tol.VALUE_FINE, 0.0)


def norm_of(run: Run) -> float | None:
    """The norm of a gradient over all its inputs; None where it has none."""
    norms = [one["norm"] for one in run.get("gradients", {}).values() if one["norm"] is not None]
    return float(sum(norm * norm for norm in norms) ** 0.5) if norms else None


def is_finite(value: Value) -> bool:
    """Is every number of a value finite?"""
    return all(math.isfinite(number) for leaf in value for number in leaf["values"])


def largest_of(value: Value) -> float:
    """The size of the largest number of a value; 0 where it has none."""
    return max((abs(number) for leaf in value for number in leaf["values"]), default=0.0)


def value_difference(wanted: Value, have: Value, absolute: float, scale: float = 0.0) -> float:
    """The largest relative difference of all the numbers; infinite where there are others, or of another shape."""
    if len(wanted) != len(have):
        return math.inf
    worst = 0.0
    for want, got in together(wanted, have):
        if not same_shape(want["shape"], got["shape"]):
            return math.inf
        largest = max([scale, *(abs(value) for value in want["values"])])
        for one, other in together(want["values"], got["values"]):
            worst = max(worst, number_difference(one, other, largest, absolute))
    return worst


def number_difference(want: float, have: float, scale: float, absolute: float) -> float:
    """How far two numbers are apart, relative to a scale; two that are NaN are the same."""
    if want == have or (math.isnan(want) and math.isnan(have)):
        return 0.0
    if not (math.isfinite(want) and math.isfinite(have)):
        return math.inf
    return max(0.0, abs(want - have) - absolute * scale) / max(scale, 1e-300)


def same_shape(want: Sequence[int], have: Sequence[int]) -> bool:
    """The same, or a scalar where the original had one number in brackets."""
    return list(want) == list(have) or (not have and all(length == 1 for length in want))


def apart(wanted: Value, have: Value) -> float:
    """The largest difference of two values, relative to the largest number; infinite for others than finite numbers."""
    pairs = [pair for one, other in together(wanted, have) for pair in together(one["values"], other["values"])]
    worst = max((abs(a - b) for a, b in pairs), default=0.0)
    if not worst:
        return 0.0 if worst == 0.0 else math.inf
    scale = max((abs(a) for a, _ in pairs), default=0.0)
    return worst / scale if scale else math.inf


def differ_little(wanted: Value, have: Value, tolerance: float) -> bool:
    """Whether two values are not the same to a tolerance, and nearly so."""
    same_shapes = [one["shape"] for one in wanted] == [one["shape"] for one in have]
    return same_shapes and tolerance < apart(wanted, have) < tol.DIFFER_LITTLE


def difference_in_words(
    what: str, wanted: Value, have: Value, tolerance: float, absolute: float, scale: float = 0.0
) -> str | None:
    """What differs between two values; None where they are the same to a tolerance."""
    if value_difference(wanted, have, absolute, scale) <= tolerance:
        return None
    if len(wanted) != len(have):
        return f"{what}: {len(wanted)} results against {len(have)}"
    for want, got in together(wanted, have):
        if not same_shape(want["shape"], got["shape"]):
            return f"{what}: shape {want['shape']} against {got['shape']}"
    pairs = [(a, b) for x, y in together(wanted, have) for a, b in together(x["values"], y["values"])]
    a, b = next(
        (pair for pair in pairs if math.isfinite(pair[0]) != math.isfinite(pair[1])),
        max(pairs, key=lambda pair: abs(pair[0] - pair[1])),
    )
    return f"{what}: {a:.6g} against {b:.6g}"
