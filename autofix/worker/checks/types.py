"""The candidate takes targets in every type that they may have in the program, if the original does.

Integers of either width and floats: NumPy promotes, TensorFlow does not. What the first step of the program makes
integers need not be taken as floats, nor the other way about, but had better be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

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
from ..subject import Subject, tried, value_or_none
from .base import TYPES as CONDITION
from .base import Check, Failure, Pair

WIDTHS = {"int32 in": "int32", "int64 in": "int", "floats in": "float"}
LONGEST = 100
MOST_COUNTED = 4
"""How many are counted of what is one as a float."""


class Typed(Differentiated):
    """The original with its targets in a type; `error` is empty where it takes them, else there are no numbers.

    `own` are the types that the scenario has, and `as_called` says that these come from a call of the module; `is_same`
    that the value is that of the same numbers as floats. `as_counts` says that none of the integers is zero or less,
    `in_single` that the original takes them beside predictions in single precision, as programs have them.
    """

    kind: str
    own: list[str]
    as_called: bool
    as_arrays: bool
    as_counts: bool
    in_single: bool
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
        f"{which} {' and '.join(names)}": in_some_form(subject, names, kind, sorted(own))
        for which, kind in WIDTHS.items()
        if own - {kind} and names
    }


def in_some_form(subject: Subject, names: list[str], kind: str, own: list[str]) -> Typed:
    """As tensors, else as arrays of NumPy's: a loss may take integers only so; else as counts, by which one divides."""
    forms = ((as_arrays, as_counts) for as_counts in (False, True) for as_arrays in (False, True))
    first, *others = (partial(in_type, subject, names, kind, own, *each) for each in forms)
    found = first()
    return found if not found["error"] else next((one for each in others if not (one := each())["error"]), found)


def in_type(subject: Subject, names: list[str], kind: str, own: list[str], as_arrays: bool, as_counts: bool) -> Typed:
    accepted = subject.accepted
    runnable, point = accepted.runnable, typed(accepted.points[0], names, kind, as_arrays, as_counts)
    found: Typed = {
        "kind": kind, "own": own, "as_called": accepted.scenario["as_called"], "as_arrays": as_arrays,
        "as_counts": as_counts, "in_single": False, "error": "",
        "value": [], "center": 0.0, "differences": {}, "is_same": True,
    }  # fmt: skip
    try:
        value = runnable.value(point)
        if not finite(value):
            return {**found, "error": "the value is not finite"}
        step = COARSE_STEP if accepted.rough else FINE_STEP
        differences = {name: runnable.differences(point, name, step) for name in accepted.predictions}
        is_same = is_that_of_floats(accepted, names, total(value), as_arrays, as_counts)
    except (Exception, SystemExit) as error:
        return {**found, "error": in_one_line(error)}
    numbers = [leaf.record() for leaf in value]
    in_single = value_or_none(subject.load("single"), point) is not None
    return {
        **found,
        "in_single": in_single,
        "value": numbers,
        "center": total(value),
        "differences": differences,
        "is_same": is_same,
    }


def is_that_of_floats(accepted: Accepted, names: list[str], center: float, as_arrays: bool, as_counts: bool) -> bool:
    """Whether the same numbers as floats give the same value, if any."""
    try:
        as_floats = total(accepted.runnable.value(typed(accepted.points[0], names, "float", as_arrays, as_counts)))
    except (Exception, SystemExit):
        return True
    return abs(as_floats - center) <= SAME_IN_TYPES * abs(as_floats)


def candidate(subject: Subject, pair: Pair, before: dict[str, Typed]) -> dict[str, Run]:
    """What a candidate gives for each of the types that the original takes."""
    names, point = names_of(subject), subject.accepted.points[0]
    found = {}
    for which, one in before.items():
        if not one["error"]:
            given = typed(point, names, one["kind"], one["as_arrays"], one["as_counts"])
            found[which] = gradient_at(subject, given, one["in_single"])
    return found


def gradient_at(subject: Subject, point: Point, in_single: bool) -> Run:
    """Value and gradient, in double precision as a rule; what it raises in single precision is an error, too."""

    def run() -> Run:
        if in_single:
            subject.load("single").value(point)
        return subject.load().gradient(point, subject.accepted.predictions, FEWER_DIRECTIONS)

    return tried(run)


def typed(point: Point, names: list[str], kind: str, as_arrays: bool, as_counts: bool) -> Point:
    """The point with whole numbers in the place of some arguments, in a type."""
    to_whole = counted if as_counts else whole

    def changed(one: Argument) -> Argument:
        arrays = [replace(array, values=tuple(map(to_whole, array.values)), type=kind) for array in one.arrays]
        return replace(one, arrays=tuple(arrays), array=one.array or as_arrays) if one.name in names else one

    return tuple(map(changed, point))


def whole(value: float) -> float:
    return float(round(value))


def counted(value: float) -> float:
    return 1.0 + round(MOST_COUNTED * abs(value))


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
