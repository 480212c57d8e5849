"""The candidate takes targets in every type that they may have in the program, if the original does.

Integers of either width and floats: NumPy promotes, TensorFlow does not. What the first step of the program makes
integers need not be taken as floats, nor the other way about, but had better be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..draw import Argument, Point
from ..load import Loader
from ..measure import FEWER_DIRECTIONS
from ..numerics import (
    COARSE_STEP,
    FINE_STEP,
    SAME_IN_TYPES,
    SLOPE_COARSE,
    SLOPE_IN_TYPES,
    difference_in_words,
    finite,
    gradient_of,
    slope_difference,
    slopes_of_value,
    total,
    value_tolerance,
)
from ..protocol import in_one_line, shortened
from ..records import Differentiated, OriginalReport, Run
from ..search import Accepted
from ..subject import Subject, tried
from .base import TYPES as CONDITION
from .base import Check, Failure, Pair

WIDTHS = {"int32 in": "int32", "int64 in": "int", "floats in": "float"}
LONGEST = 100


class Typed(Differentiated):
    """The original with its targets in a type; `error` is empty where it takes them, else there are no numbers.

    `own` are the types that the scenario has, and `as_called` says that these come from a call of the module; `is_same`
    that the value is that of the same numbers as floats.
    """

    kind: str
    own: list[str]
    as_called: bool
    as_arrays: bool
    error: str
    is_same: bool


def names_of(subject: Subject) -> list[str]:
    """The arguments that may be integers, of those that are no predictions."""
    accepted, loader = subject.accepted, subject.loader
    if not (loader.backend.checks_graph and accepted.first):
        return []
    integers = may_be_integers(loader)
    return [
        one.name
        for one in accepted.points[0]
        if one.name in integers and one.name not in accepted.differentiated and one.arrays
        and one.form is None and all(array.type != "bool" for array in one.arrays)
    ]  # fmt: skip


def may_be_integers(loader: Loader) -> set[str]:
    request = loader.request
    casts = loader.backend.casts_labels and not request["keras_2"]
    return {*request["integers"], *([] if casts else request["integers_in_fit"])}


def original(subject: Subject) -> dict[str, Typed]:
    """What the original gives, by the type in words."""
    names, accepted = names_of(subject), subject.accepted
    own = {array.type for one in accepted.points[0] if one.name in names for array in one.arrays}
    return {
        f"{which} {' and '.join(names)}": in_some_form(accepted, names, kind, sorted(own))
        for which, kind in WIDTHS.items()
        if own - {kind} and names
    }


def in_some_form(accepted: Accepted, names: list[str], kind: str, own: list[str]) -> Typed:
    """As tensors, else as arrays of NumPy's: a loss may take integers only so."""
    as_tensors = in_type(accepted, names, kind, own, as_arrays=False)
    return in_type(accepted, names, kind, own, as_arrays=True) if as_tensors["error"] else as_tensors


def in_type(accepted: Accepted, names: list[str], kind: str, own: list[str], as_arrays: bool) -> Typed:
    runnable, point = accepted.runnable, typed(accepted.points[0], names, kind, as_arrays)
    found: Typed = {
        "kind": kind, "own": own, "as_called": accepted.scenario["as_called"], "as_arrays": as_arrays,
        "error": "", "value": [], "center": 0.0, "differences": {}, "is_same": True,
    }  # fmt: skip
    try:
        value = runnable.value(point)
        if not finite(value):
            return {**found, "error": "the value is not finite"}
        step = COARSE_STEP if accepted.rough else FINE_STEP
        differences = {name: runnable.differences(point, name, step) for name in accepted.predictions}
        is_same = is_that_of_floats(accepted, names, total(value), as_arrays)
    except (Exception, SystemExit) as error:
        return {**found, "error": in_one_line(error)}
    numbers = [leaf.record() for leaf in value]
    return {**found, "value": numbers, "center": total(value), "differences": differences, "is_same": is_same}


def is_that_of_floats(accepted: Accepted, names: list[str], center: float, as_arrays: bool) -> bool:
    """Whether the same numbers as floats give the same value, if any."""
    try:
        as_floats = total(accepted.runnable.value(typed(accepted.points[0], names, "float", as_arrays)))
    except (Exception, SystemExit):
        return True
    return abs(as_floats - center) <= SAME_IN_TYPES * abs(as_floats)


def candidate(subject: Subject, pair: Pair, before: dict[str, Typed]) -> dict[str, Run]:
    """What a candidate gives for each of the types that the original takes."""
    names, point = names_of(subject), subject.accepted.points[0]
    return {
        which: gradient_at(subject, typed(point, names, one["kind"], one["as_arrays"]))
        for which, one in before.items()
        if not one["error"]
    }


def gradient_at(subject: Subject, point: Point) -> Run:
    return tried(lambda: subject.load().gradient(point, subject.accepted.predictions, FEWER_DIRECTIONS))


def typed(point: Point, names: list[str], kind: str, as_arrays: bool) -> Point:
    """The point with whole numbers in the place of some arguments, in a type."""

    def changed(one: Argument) -> Argument:
        arrays = [replace(array, values=tuple(map(whole, array.values)), type=kind) for array in one.arrays]
        return replace(one, arrays=tuple(arrays), array=one.array or as_arrays) if one.name in names else one

    return tuple(map(changed, point))


def whole(value: float) -> float:
    return float(round(value))


def judge(pair: Pair, before: dict[str, Typed], after: dict[str, Run]) -> Iterator[Failure]:
    for which, one in before.items():
        is_integer = one["kind"] != "float"
        if one["error"] or not one["is_same"]:
            if is_integer and one["own"] == ["float"]:
                why = one["error"] or "its value differs"
                limit = f"not verified with {which}, which the original does not accept ({shortened(why, LONGEST)})"
                yield Failure("", CONDITION, limit)
        elif "error" in after[which]:
            error = after[which]["error"]
            is_other = not is_integer or (one["as_called"] and one["own"] == ["float"])
            limit = f"fails with {which} ({shortened(error, LONGEST)})" if is_other else ""
            yield Failure(f"the rewrite fails with {which}: {error}", CONDITION, limit)
        else:
            yield from difference(pair.original, which, one, after[which])


def difference(original: OriginalReport, which: str, before: Typed, after: Run) -> Iterator[Failure]:
    """How value or gradient differ in a type that both sides take."""
    tolerance, absolute = value_tolerance(original)
    what = f"the value differs with {which}"
    if reason := difference_in_words(what, before["value"], after["value"], tolerance, absolute):
        yield Failure(reason)
    elif (name := with_wrong_gradient(original, before, after)) is not None:
        yield Failure(f"the gradient of {name} is wrong with {which}")


def with_wrong_gradient(original: OriginalReport, before: Typed, after: Run) -> str | None:
    """The prediction whose gradient is not that of the value."""
    tolerance = SLOPE_COARSE if original["coarse"] else SLOPE_IN_TYPES
    for name in original["predictions"]:
        wanted, gradient = slopes_of_value(original, before, name), gradient_of(after["gradients"], name)
        if gradient["norm"] is None:
            if any(wanted):
                return name
        elif slope_difference(wanted, gradient["slopes"]) > tolerance:
            return name
    return None


TYPES = Check("types", original, candidate, judge)
