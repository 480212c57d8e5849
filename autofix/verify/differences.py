"""Differences between what two losses gave: of their values, and of a gradient to finite differences.

Relative tolerances are those that measured pairs keep with room to spare: right pairs differ by less than 3e-14 in
double precision and 3e-7 in single.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

VALUE_FINE, VALUE_COARSE = 1e-10, 1e-5
SLOPE_FINE, SLOPE_COARSE = 1e-5, 3e-2
ZERO_SLOPE = 1e-12
KINK_FINE, KINK_COARSE = 1e-2, 2e-2

Report = dict[str, Any]


def slopes_of_value(scenario: Report, point: Report, name: str) -> list[float | None]:
    """The finite difference along each direction; None where it is not to be trusted, near a kink."""
    step, center = scenario["step"], point["center"]
    kink = KINK_COARSE if scenario["coarse"] else KINK_FINE
    found: list[float | None] = []
    for minus, plus in point["differences"][name]:
        forward, backward = plus - center, center - minus
        trusted = math.isfinite(forward + backward) and abs(forward - backward) <= kink * (abs(forward) + abs(backward))
        found.append((plus - minus) / (2 * step) if trusted or plus == minus == center else None)
    return found


def slope_difference(wanted: Sequence[float | None], slopes: Sequence[float]) -> float:
    """How far slopes are off, over all the directions together and relative to how steep the value is."""
    pairs = [(want, have) for want, have in zip(wanted, slopes, strict=True) if want is not None]
    if not all(math.isfinite(have) for _, have in pairs):
        return math.inf
    off = math.sqrt(sum((want - have) ** 2 for want, have in pairs))
    steepness = math.sqrt(sum(want * want for want, _ in pairs))
    return off / steepness if steepness > 0 else (math.inf if off > ZERO_SLOPE else 0.0)


def value_difference(wanted: list[Report], have: list[Report], absolute: float) -> float:
    """The largest relative difference of all the numbers; infinite where there are others, or of another shape."""
    if len(wanted) != len(have):
        return math.inf
    worst = 0.0
    for want, got in zip(wanted, have, strict=True):
        if squeezed(want["shape"]) != squeezed(got["shape"]):
            return math.inf
        scale = max([abs(value) for value in want["values"]] or [0.0])
        for one, other in zip(want["values"], got["values"], strict=True):
            worst = max(worst, number_difference(one, other, scale, absolute))
    return worst


def number_difference(want: float, have: float, scale: float, absolute: float) -> float:
    if want == have or (math.isnan(want) and math.isnan(have)):
        return 0.0
    if not (math.isfinite(want) and math.isfinite(have)):
        return math.inf
    return max(0.0, abs(want - have) - absolute * scale) / max(scale, 1e-300)


def squeezed(shape: list[int]) -> list[int]:
    return [length for length in shape if length != 1]
