"""Give the same targets in other types (integers of either width, floats), and labels that sum to one.

If a program may have its targets in several types, a rewrite has to accept all of them: NumPy promotes, TensorFlow does
not. TensorFlow's gradient of a cross-entropy is `softmax(logits) - labels`, which is right only for labels that sum to
one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict

from .as_called import FLOATS
from .draw import Argument, Point
from .load import Loader
from .measure import COARSE_STEP, FEWER_DIRECTIONS, FINE_STEP, sent
from .numbers import finite, total
from .search import Accepted, told

TYPES = {"int32 in": "int32", "int64 in": "int", "floats in": "float"}
FORMS = (False, True)
"""As tensors, and as arrays of NumPy's: a loss may take integers only so."""

SAME = 1e-5

Report = Dict[str, Any]


def names_of(accepted: Accepted, loader: Loader) -> list[str]:
    """The arguments that may be integers, of those that are no predictions."""
    if not (loader.backend.checks_graph and accepted.first):
        return []
    request = loader.request
    casts = loader.backend.casts_labels and not request["keras_2"]
    integers = {*request["integers"], *([] if casts else request["integers_in_fit"])}
    return [
        one.name
        for one in accepted.points[0]
        if one.name in integers and one.name not in accepted.differentiated and one.arrays
        and one.form is None and all(array.type != "bool" for array in one.arrays)
    ]  # fmt: skip


def original_in_types(accepted: Accepted, loader: Loader) -> Report:
    """What the original gives, by the type in words."""
    names = names_of(accepted, loader)
    own = {array.type for one in accepted.points[0] if one.name in names for array in one.arrays}
    named, seen = " and ".join(names), bool(accepted.scenario.get("as_called"))
    return {
        f"{words} {named}": {"kind": kind, "own": sorted(own), "seen": seen, **in_some_form(accepted, names, kind)}
        for words, kind in TYPES.items()
        if own - {kind} and names
    }


def in_some_form(accepted: Accepted, names: list[str], kind: str) -> Report:
    found: Report = {}
    for as_arrays in FORMS:
        found = {"as_arrays": as_arrays, **in_type(accepted, names, kind, as_arrays)}
        if "error" not in found:
            break
    return found


def in_type(accepted: Accepted, names: list[str], kind: str, as_arrays: bool) -> Report:
    runnable, point = accepted.runnable, typed(accepted.points[0], names, kind, as_arrays)
    step = COARSE_STEP if accepted.rough else FINE_STEP
    try:
        value = runnable.value(point)
        if not finite(value):
            return {"error": "the value is not finite"}
        return {
            "value": sent(value),
            "center": total(value),
            "differences": {name: runnable.differences(point, name, step) for name in accepted.predictions},
            "is_same": is_same(accepted, names, total(value), as_arrays),
        }
    except (Exception, SystemExit) as error:
        return {"error": told(error)}


def is_same(accepted: Accepted, names: list[str], center: float, as_arrays: bool) -> bool:
    """Whether the same numbers as floats give the same value, if any."""
    try:
        as_floats = total(accepted.runnable.value(typed(accepted.points[0], names, "float", as_arrays)))
    except (Exception, SystemExit):
        return True
    return abs(as_floats - center) <= SAME * abs(as_floats)


def candidate_in_types(accepted: Accepted, scenario: Report, plan: Any, loader: Loader) -> Report:
    """What a candidate gives for each of the types that the original takes."""
    names = names_of(accepted, loader)
    found: dict[str, Report] = {}
    for words, before in scenario["types"].items():
        if "error" not in before:
            point = typed(accepted.points[0], names, before["kind"], before["as_arrays"])
            found[words] = gradient_in(accepted, plan, point, loader)
    return found


def gradient_in(accepted: Accepted, plan: Any, point: Point, loader: Loader) -> Report:
    try:
        runnable = loader.load(plan, accepted.runnable.precision, "plain", accepted.choice)
        return runnable.gradient(point, accepted.predictions, FEWER_DIRECTIONS)
    except (Exception, SystemExit) as error:
        return {"error": told(error)}


def typed(point: Point, names: list[str], kind: str, as_arrays: bool) -> Point:
    """The point with whole numbers in the place of some arguments, in a type."""

    def changed(one: Argument) -> Argument:
        arrays = [replace(array, values=tuple(map(whole, array.values)), type=kind) for array in one.arrays]
        return replace(one, arrays=tuple(arrays), array=one.array or as_arrays) if one.name in names else one

    return tuple(map(changed, point))


def whole(value: float) -> float:
    return float(round(value))


Specification = Dict[str, Any]


def with_whole_labels(scenario: dict[str, Any]) -> dict[str, Any]:
    """The scenario with each tensor of floats that is no prediction made probabilities along its last dimension."""
    moving = scenario["predictions"] or scenario["unknown"]
    arguments = {name: one if name in moving else summing_to_one(one) for name, one in scenario["arguments"].items()}
    return {**scenario, "arguments": arguments}


def summing_to_one(one: Specification) -> Specification:
    if "items" in one:
        return {**one, "items": [summing_to_one(item) for item in one["items"]]}
    shape = one.get("shape")
    if one["kind"] not in FLOATS or one["kind"] == "onehot" or not shape or shape[-1] < 2:
        return one
    return {**one, "kind": "simplex", "told": True}
