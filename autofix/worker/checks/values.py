"""The candidate has the value of the original at every point, to the rounding of the original's own precision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Dict

from ..draw import together
from ..numerics import (
    ABSOLUTE_SINGLE,
    MOST_FINE,
    VALUE_FINE,
    differ_little,
    difference_in_words,
    leeway,
    value_difference,
    value_tolerance,
)
from ..precision import spread
from ..subject import Subject
from .base import Check, Failure, Pair, nothing

Spreads = Dict[str, float]
"""How far rounding moves the original, by the number of a point: only where the candidate differs a little."""


def candidate(subject: Subject, pair: Pair, before: None) -> Spreads:
    if subject.accepted.rough:
        return {}
    runnable, points = subject.accepted.runnable, subject.accepted.points
    return {
        str(number): spread(runnable, points[number])
        for number, (point, run) in enumerate(together(pair.original["points"], pair.points))
        if differ_little(point["value"], run["value"], VALUE_FINE)
    }


def judge(pair: Pair, before: None, after: Spreads) -> Iterator[Failure]:
    tolerance, absolute = value_tolerance(pair.original)
    for number, (point, run) in enumerate(together(pair.original["points"], pair.points)):
        allowed = tolerance + leeway(after.get(str(number)), MOST_FINE)
        if reason := difference_in_words("the value differs", point["value"], run["value"], allowed, absolute):
            yield Failure(f"{reason}{pair.text}")
            return


def only_rounded(pair: Pair) -> bool:
    """Whether the values are the same in single precision."""
    return all(
        value_difference(point["value"], run["value"], ABSOLUTE_SINGLE) <= ABSOLUTE_SINGLE
        for point, run in together(pair.original["points"], pair.points)
    )


VALUES = Check("values", nothing, candidate, judge, of_steps=True)
