"""The gradient of the candidate is the finite difference of the original's value, along each direction."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Dict

from ..draw import together
from ..numerics import gradient_of, slope_difference, slope_tolerance, slopes_of_value
from ..precision import finer
from ..records import Finer, OriginalReport
from ..subject import Subject
from .base import Check, Failure, Pair, nothing

WRONG = "the gradient of"
FinerByPoint = Dict[str, Finer]
"""Finer differences of the original where the candidate's gradient is off by little, by the number of a point."""


def candidate(subject: Subject, pair: Pair, before: None) -> FinerByPoint:
    accepted, original = subject.accepted, pair.original
    if accepted.rough:
        return {}
    found = [
        finer(accepted.runnable, report, point, run["gradients"], original["step"])
        for report, point, run in together(original["points"], accepted.points, pair.points)
    ]
    return {str(number): one for number, one in enumerate(found) if one}


def refined(original: OriginalReport, found: FinerByPoint) -> OriginalReport:
    """The report of an original with the finer differences that a candidate has led to."""
    points = original["points"]
    return {
        **original,
        "points": [{**one, "finer": {**one["finer"], **found.get(str(at), {})}} for at, one in enumerate(points)],
    }


def judge(pair: Pair, before: None, after: FinerByPoint) -> Iterator[Failure]:
    original = pair.original
    for name in original["differentiated"]:
        for point, run in together(original["points"], pair.points):
            wanted = slopes_of_value(original, point, name, point["finer"])
            gradient = gradient_of(run["gradients"], name)
            if gradient["norm"] is None:
                if any(wanted):
                    yield Failure(f"no gradient reaches {name}")
                    return
                continue
            off = slope_difference(wanted, gradient["slopes"])
            if off > slope_tolerance(original):
                yield Failure(in_words(name, off, any(gradient["slopes"])))
                return


def in_words(name: str, off: float, has_slope: bool) -> str:
    """What is wrong with a gradient that is off by this share."""
    if not has_slope:
        return f"no gradient reaches {name}: it is zero everywhere"
    if off == math.inf:
        return f"{WRONG} {name} is not finite"
    return f"{WRONG} {name} is wrong (off by {100 * off:.3g} %)"


GRADIENTS = Check("gradients", nothing, candidate, judge, of_steps=True)
