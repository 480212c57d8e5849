"""In float32 the candidate has the same value in the same type, and the gradient that double precision has."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TypedDict

from ..draw import together
from ..numerics import (
    ABSOLUTE_SINGLE,
    MOST_COARSE,
    SAME_NUMBERS,
    SLOPE_COARSE,
    VALUE_COARSE,
    ZERO_SLOPE,
    differ_little,
    difference_in_words,
    gradient_of,
    largest_of,
    leeway,
    slope_difference,
    value_difference,
)
from ..precision import spread
from ..records import OriginalReport, PointReport, Run, Value
from ..subject import Subject, original_of, tried
from .base import Check, Failure, Pair


class Single(TypedDict):
    """The candidate in float32 at each point, and how far rounding moves the original where they differ a little."""

    points: list[Run]
    spread: dict[str, float]


def original(subject: Subject) -> list[Run]:
    return [tried(partial(value_in_single, subject, number)) for number in range(len(subject.accepted.points))]


def value_in_single(subject: Subject, number: int) -> Run:
    value = subject.load("single").value(subject.accepted.points[number])
    return {"value": [leaf.record() for leaf in value]}


def candidate(subject: Subject, pair: Pair, before: list[Run]) -> Single:
    points = [tried(partial(subject.single, number)) for number in range(len(subject.accepted.points))]
    return {"points": points, "spread": {} if subject.accepted.rough else spreads(subject, before, points)}


def spreads(subject: Subject, before: list[Run], points: list[Run]) -> dict[str, float]:
    whole = original_of(subject.accepted, subject.loader)
    return {
        str(number): spread(whole.load("single"), subject.accepted.points[number])
        for number, (wanted, run) in enumerate(together(before, points))
        if "value" in wanted and "value" in run and differ_little(wanted["value"], run["value"], VALUE_COARSE)
    }


def judge(pair: Pair, before: list[Run], after: Single) -> Iterator[Failure]:
    points = together(pair.original["points"], pair.points, before, after["points"])
    for number, (point, double, wanted, run) in enumerate(points):
        if "error" in wanted:
            continue
        allowed = VALUE_COARSE + leeway(after["spread"].get(str(number)), MOST_COARSE)
        reason = value_failure(wanted["value"], run, allowed, pair.text)
        reason = reason or gradient_failure(pair.original, point, double, wanted["value"], run)
        if reason is not None:
            yield Failure(reason)
            return


def value_failure(wanted: Value, run: Run, allowed: float, text: str) -> str | None:
    """What is wrong with a value in float32."""
    if "error" in run:
        return f"the rewrite fails in float32: {run['error']}"
    what = "the value differs in float32"
    if reason := difference_in_words(what, wanted, run["value"], allowed, ABSOLUTE_SINGLE):
        return f"{reason}{text}"
    if any(want["bits"] <= 32 < have["bits"] for want, have in together(wanted, run["value"])):
        return "the rewrite returns float64 where the original returns float32"
    return None


def gradient_failure(original: OriginalReport, point: PointReport, double: Run, wanted: Value, run: Run) -> str | None:
    """What is wrong with a gradient in float32; `double` is the candidate's own in double precision."""
    # What is drawn at random, weights too, is another number in another precision.
    is_same = value_difference(point["value"], wanted, ABSOLUTE_SINGLE) < SAME_NUMBERS
    for name in original["differentiated"]:
        fine, gradient = gradient_of(double["gradients"], name), gradient_of(run["gradients"], name)
        if fine["norm"] is None:
            continue
        if gradient["norm"] is None:
            return f"no gradient reaches {name} in float32"
        if is_zero(fine["norm"], ZERO_SLOPE, wanted) and is_zero(gradient["norm"], ABSOLUTE_SINGLE, wanted):
            continue
        count = len(gradient["slopes"])
        if is_same and slope_difference(fine["slopes"][:count], gradient["slopes"]) > SLOPE_COARSE:
            return f"the gradient of {name} is wrong in float32"
    return None


def is_zero(norm: float, rounding: float, value: Value) -> bool:
    """Whether a gradient is no more than what the terms of such a value leave of themselves where they cancel."""
    return norm <= rounding * largest_of(value)


SINGLE = Check("single", original, candidate, judge)
