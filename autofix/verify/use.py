"""Checks of a candidate under conditions of use: run again, traced, at edges, in half precision, on another device.

A rewrite may nowhere be worse than the original; if the original fails or is not finite, nothing is required. A failure
that needs half precision, compilation or extreme numbers is only a limit, unless the program itself uses them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from autofix.syntax.lines import shortened
from autofix.verify.judge import EXTREMES, GRAPH, TYPES, Failure
from autofix.verify.numeric import (
    ABSOLUTE_SINGLE,
    MOST_FINE,
    SLOPE_COARSE,
    VALUE_COARSE,
    VALUE_FINE,
    Report,
    check_same,
    leeway,
    precision_of,
    slope_difference,
    slopes_of_value,
)

HALF_ACCURACY = {"float16": 2e-2, "bfloat16": 1e-1}
HALF_SLACK = 4.0
NO_KERNEL = (
    "not implemented for", "must be either float or double", "not supported for", "unsupported dtype",
    "requires tf.float32 or tf.float64", "is not in the list of allowed values: float, double",
)  # fmt: skip
SLOPE_GRAPH, SLOPE_NEAR = 1e-3, 1e-3
LARGE = "large inputs"
NOT_IN_GRAPH = "fails inside tf.function, where the original fails too"
OVERFLOWS = "overflows for inputs in the thousands, where the original does not"
OVERFLOWS_SINGLE = "overflows in float32 for inputs in the hundreds, where the original does not"
LONGEST = 100
MIXED = "MixedDevices: "


def check_alone(scenario: Report, report: Report) -> str | None:
    """Run again, and where no gradient is recorded, a patch has the same value and leaves its arguments alone."""
    tolerance, absolute = precision_of(scenario)
    wanted = report["points"][0]["value"]
    for what, seen in (
        ("when it is run again", report["repeated"]),
        ("where no gradient is recorded", report["again"]),
    ):
        if seen is report["again"] and not scenario["runs_unrecorded"]:
            return None
        if "error" in seen:
            return f"the rewrite fails {what}: {seen['error']}"
        if reason := check_same(f"the value differs {what}", wanted, seen["value"], tolerance, absolute):
            return reason
    extra = [name for name in report["again"]["changed"] if name not in scenario["changed"]]
    return f"the rewrite changes {extra[0]} in place" if extra else None


def check_graph(scenario: Report, report: Report) -> str | list[Failure] | None:
    """Traced once with an unknown batch size, a patch must give what it gives eagerly.

    Where neither it nor the original does, and it is known that nothing compiles the loss, that is a limit.
    """
    reason = inside_graph(scenario, report)
    if reason is None or scenario["compiles"]:
        return reason
    return [Failure(reason, GRAPH, NOT_IN_GRAPH)]


def inside_graph(scenario: Report, report: Report) -> str | None:
    graph = report["graph"]
    if graph is None:
        return None
    if "error" in graph:
        return f"fails inside tf.function: {graph['error']}"
    if scenario["random"]:
        return None
    plain = report["points"] if graph["precision"] == "double" else report["single"]
    for eager, traced in zip(plain, graph["points"], strict=True):
        what = "the value differs inside tf.function"
        if reason := check_same(what, eager["value"], traced["value"], VALUE_COARSE, ABSOLUTE_SINGLE):
            return f"{reason} ({scenario['text']})"
        for name in scenario["predictions"]:
            inside, taped = traced["gradients"][name], eager["gradients"][name]
            if (inside["norm"] is None) != (taped["norm"] is None):
                return f"no gradient reaches {name} inside tf.function"
            count = len(inside["slopes"])
            if count and slope_difference(taped["slopes"][:count], inside["slopes"]) > SLOPE_GRAPH:
                return f"the gradient of {name} differs inside tf.function"
    return None


def check_edges(scenario: Report, report: Report) -> Iterator[Failure]:
    """Where the original is finite at an edge, the patch must be too, and the same.

    What has no numbers at all is finite as well, but nobody trains on it: there a patch may raise what the framework
    raises (the Fourier transforms of PyTorch refuse an empty batch), though it may not give anything else. An overflow
    is a limit, but where it comes so early that the numbers of a training may meet it.
    """
    overflows = is_lost(scenario["hundreds"], report["hundreds"])
    tolerance = VALUE_COARSE if scenario["coarse"] else VALUE_FINE
    scale = max((abs(value) for leaf in scenario["points"][0]["value"] for value in leaf["values"]), default=0.0)
    for words, wanted in scenario["edges"].items():
        seen = report["edges"][words]
        if wanted is None or (seen is None and not any(leaf["values"] for leaf in wanted)):
            continue
        if seen is None:
            limit = OVERFLOWS if words == LARGE and not overflows else ""
            reason = f"with {words} the rewrite fails or is not finite, but the original is finite"
            yield Failure(reason, EXTREMES, limit)
            continue
        allowed = tolerance + leeway(report["spread"]["edges"].get(words), MOST_FINE)
        if differs := check_same(f"the value differs with {words}", wanted, seen, allowed, tolerance, scale):
            yield Failure(differs)
    if overflows:
        yield Failure(f"the rewrite {OVERFLOWS_SINGLE}", EXTREMES, OVERFLOWS_SINGLE)


def is_lost(before: list[Report] | None, after: list[Report] | None) -> bool:
    """Whether a finite value is none any more."""
    return before is not None and after is None


def check_touching(scenario: Report, report: Report) -> str | None:
    """Where some predictions equal their target, a gradient that was finite stays so."""
    before, after = scenario["touching"].get("gradients", {}), report["touching"].get("gradients", {})
    for name, gradient in before.items():
        was_finite = gradient["norm"] is not None and math.isfinite(gradient["norm"])
        if was_finite and not math.isfinite(after.get(name, {}).get("norm") or 0.0):
            return f"where predictions equal their target the gradient of {name} is not finite, but the original's is"
    return None


def check_halves(scenario: Report, report: Report) -> Iterator[Failure]:
    """In half precision the patch runs where the original did, and is about as accurate.

    What only this machine has no operation for may well run on another one: that never rejects.
    """
    exact = scenario["points"][0]["value"]
    for precision, before in scenario["halves"].items():
        after = report["halves"][precision]
        if "error" in before or not is_finite(before["value"]):
            continue
        if "error" in after:
            has_kernel = not any(words in after["error"].lower() for words in NO_KERNEL)
            limit = f"fails in {precision}{'' if has_kernel else ' on the CPU'} ({shortened(after['error'], LONGEST)})"
            yield Failure(f"the rewrite fails in {precision}: {after['error']}", precision if has_kernel else "", limit)
        elif not is_finite(after["value"]):
            limit = f"not finite in {precision}, where the original is"
            yield Failure(f"the rewrite is not finite in {precision}, but the original is", precision, limit)
        elif error_of(after["value"], exact) > HALF_SLACK * error_of(before["value"], exact) + HALF_ACCURACY[precision]:
            reason = f"less accurate in {precision} than the original"
            yield Failure(f"the rewrite is {reason}", precision, reason)


def check_types(scenario: Report, report: Report) -> Iterator[Failure]:
    """A patch takes targets in every type that they may have in the program, if the original does.

    What its first step makes integers need not be taken as floats, nor the other way about, but had better be.
    """
    for words, before in scenario["types"].items():
        is_integer = before["kind"] != "float"
        if "error" in before or not before["is_same"]:
            if is_integer and before["own"] == ["float"]:
                why = before.get("error", "its value differs")
                limit = f"not verified with {words}, which the original does not accept ({shortened(why, LONGEST)})"
                yield Failure("", TYPES, limit)
            continue
        after = report["types"][words]
        if "error" in after:
            is_other = not is_integer or (before["seen"] and before["own"] == ["float"])
            limit = f"fails with {words} ({shortened(after['error'], LONGEST)})"
            yield Failure(f"the rewrite fails with {words}: {after['error']}", TYPES, limit if is_other else "")
            continue
        tolerance, absolute = precision_of(scenario)
        what = f"the value differs with {words}"
        if reason := check_same(what, before["value"], after["value"], tolerance, absolute):
            yield Failure(reason)
        elif (name := off_in(scenario, before, after)) is not None:
            yield Failure(f"the gradient of {name} is wrong with {words}")


def off_in(scenario: Report, before: Report, after: Report) -> str | None:
    """The prediction whose gradient is not that of the value."""
    for name in scenario["predictions"]:
        wanted, gradient = slopes_of_value(scenario, before, name), after["gradients"].get(name, {"norm": None})
        if gradient["norm"] is None:
            if any(wanted):
                return str(name)
        elif slope_difference(wanted, gradient["slopes"]) > (SLOPE_COARSE if scenario["coarse"] else SLOPE_NEAR):
            return str(name)
    return None


def is_finite(value: list[Report]) -> bool:
    return all(math.isfinite(number) for leaf in value for number in leaf["values"])


def error_of(value: list[Report], exact: list[Report]) -> float:
    """How far numbers are from exact ones, relative to the largest."""
    pairs = [
        (a, b)
        for one, two in zip(value, exact, strict=False)
        for a, b in zip(one["values"], two["values"], strict=False)
    ]
    scale = max((abs(b) for _, b in pairs), default=0.0)
    return max((abs(a - b) for a, b in pairs), default=0.0) / max(scale, 1e-300)


def check_device(scenario: Report, report: Report) -> str | None:
    """With predictions on another device than the CPU nothing may be left behind there; the original shows how."""
    before, after = scenario["device"] or "", report["device"] or ""
    if not after.startswith(MIXED) or before.startswith(MIXED):
        return None
    return f"a tensor stays on the CPU when the predictions are on another device: {after.removeprefix(MIXED)}"
