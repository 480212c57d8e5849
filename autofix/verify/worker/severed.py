"""Whether the numbers of an original or a candidate say that its gradient is lost: only then is it worth a look where.

What is wrong with it is for the host to judge.
"""

from __future__ import annotations

import math
from typing import Any, Dict

from .together import together

OFF_FINE, OFF_COARSE = 1e-4, 1e-1
KINK = 0.02

Report = Dict[str, Any]


def is_flat(scenario: Report) -> bool:
    """Whether no small step moves the value, and no gradient is given all the same."""
    points = scenario["points"]
    pairs = [pair for point in points for name in scenario["predictions"] for pair in point["differences"][name]]
    return all(minus == plus for minus, plus in pairs) and not flows(scenario)


def is_severed(scenario: Report) -> bool:
    """Whether the gradient of the original is not that of its value, and not because a part is cut on purpose."""
    return not (agrees(scenario, "gradient") or (flows(scenario) and agrees(scenario, "uncut")))


def fails(scenario: Report, report: Report) -> bool:
    """Whether a candidate runs into an error, or has another gradient than the value of the original."""
    pairs = together(scenario["points"], report["points"])
    return not agrees({**scenario, "points": [{**point, "gradient": seen} for point, seen in pairs]}, "gradient")


def flows(scenario: Report) -> bool:
    given = [one for point in scenario["points"] for one in point["gradient"].get("gradients", {}).values()]
    return any(one["norm"] for one in given)


def agrees(scenario: Report, which: str) -> bool:
    """Whether a gradient is that of the value, at every point and for everything that is differentiated by."""
    for point in scenario["points"]:
        gradients = (point[which] or {}).get("gradients")
        if gradients is None:
            return False
        for name in scenario["differentiated"]:
            slopes = gradients.get(name, {}).get("slopes") or [0.0] * len(point["differences"][name])
            if off(point, name, slopes, scenario["step"]) > (OFF_COARSE if scenario["coarse"] else OFF_FINE):
                return False
    return True


def off(point: Report, name: str, slopes: list[float], step: float) -> float:
    """How far slopes are from finite differences, relative to these; differences across a kink are left out."""
    error = steepness = 0.0
    for (minus, plus), slope in together(point["differences"][name], slopes):
        forward, backward = plus - point["center"], point["center"] - minus
        if abs(forward - backward) <= KINK * (abs(forward) + abs(backward)):
            wanted = (plus - minus) / (2 * step)
            error, steepness = error + (slope - wanted) ** 2, steepness + wanted**2
    return math.sqrt(error / steepness) if steepness else float(error > 0.0)
