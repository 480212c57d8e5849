"""From the worker's numbers to a judgement of one candidate: the same value, the right gradient, as it will be used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from autofix.model import Evidence, Lost
from autofix.verify.judge import GRAPH, Check, failures, is_right
from autofix.verify.numeric import (
    ABSOLUTE_SINGLE,
    MOST_COARSE,
    MOST_FINE,
    SLOPE_COARSE,
    SLOPE_FINE,
    ZERO_SLOPE,
    Report,
    check_same,
    leeway,
    precision_of,
    slope_difference,
    slopes_of_value,
    value_difference,
)
from autofix.verify.use import (
    check_alone,
    check_device,
    check_edges,
    check_graph,
    check_halves,
    check_touching,
    check_types,
)

SAME_NUMBERS = 1e-3
WRONG_GRADIENT = "the gradient of"


@dataclass(frozen=True)
class Judgement:
    """Of one candidate: its evidence, or how it failed, how far it came until then, and where its gradient is lost.

    `rounded` says that its values differ, but by no more than single precision rounds; `ran` are the lines of it that
    were run.
    """

    reason: str = ""
    progress: int = 0
    raised: bool = False
    rounded: bool = False
    evidence: Evidence | None = None
    lost: Lost = field(default_factory=Lost)
    ran: frozenset[int] = frozenset()


def judge_candidate(kind: str, scenarios: list[Report], reports: list[Report], halves: Iterable[str] = ()) -> Judgement:
    """Every check on every scenario; the first failure is told. A training step runs as it is, and only so.

    `halves` are the half precisions that the program itself runs in.
    """
    checks: tuple[Check, ...] = STEP_CHECKS if kind == "step" else LOSS_CHECKS
    scenarios = [with_finer(*both) for both in zip(scenarios, reports, strict=True)]
    limits: dict[str, str] = {}
    for progress, check in enumerate(checks):
        for scenario, report in zip(scenarios, reports, strict=True):
            for failure in failures(check, scenario, report):
                if failure.rejects(halves):
                    rounded = check is check_values and only_rounded(scenarios, reports)
                    return Judgement(failure.reason, progress, raised=check is check_runs, rounded=rounded)
                limits[failure.limit] = failure.condition
    if (unproven := next((name for name in names_of(scenarios) if not compared(scenarios, name)), None)) is not None:
        return Judgement(f"the value is too rough to check its gradient for {unproven}", len(checks))
    seen = replace(evidence(scenarios, reports), compiles=GRAPH not in limits.values()).limited(limits)
    return Judgement(progress=100, evidence=seen)


def with_finer(scenario: Report, report: Report) -> Report:
    """The scenario with the finer differences that were taken because a candidate's gradient is a little off."""
    finer = report.get("finer", {})
    points = [
        {**point, "finer": {**point.get("finer", {}), **finer.get(str(number), {})}}
        for number, point in enumerate(scenario["points"])
    ]
    return {**scenario, "points": points}


def evidence(scenarios: list[Report], reports: list[Report]) -> Evidence:
    pairs = list(zip(scenarios, reports, strict=True))
    points = [
        (one, point, seen) for one, report in pairs for point, seen in zip(one["points"], report["points"], strict=True)
    ]
    slopes = [slope_of(one, point, seen, name) for one, point, seen in points for name in one["differentiated"]]
    broken = [one for one in scenarios if not is_right(one, "gradient")] or scenarios
    before = [norm for one in broken for point in one["points"] if (norm := norm_of(point["gradient"])) is not None]
    return Evidence(
        inputs=tuple(one["text"] for one in scenarios),
        value_difference=max(value_difference(point["value"], seen["value"], 0.0) for _, point, seen in points),
        gradient_before=before[0] if before else None,
        gradient_after=next((norm for _, _, seen in points if (norm := norm_of(seen))), 0.0),
        gradient_difference=max([one for one in slopes if one is not None] or [0.0]),
    )


def names_of(scenarios: list[Report]) -> list[str]:
    return list(dict.fromkeys(name for scenario in scenarios for name in scenario["differentiated"]))


def compared(scenarios: list[Report], name: str) -> bool:
    """Whether two slopes at least could be trusted; no small step may move the value at all along a name."""
    slopes = [
        slope
        for scenario in scenarios
        if name in scenario["differentiated"]
        for point in scenario["points"]
        for slope in slopes_of_value(scenario, point, name)
    ]
    return sum(slope is not None for slope in slopes) >= 2


def norm_of(gradient: Report) -> float | None:
    """The norm of a gradient over all its inputs; None where it has none."""
    norms = [one["norm"] for one in gradient.get("gradients", {}).values() if one["norm"] is not None]
    return float(sum(norm * norm for norm in norms) ** 0.5) if norms else None


def slope_of(scenario: Report, point: Report, seen: Report, name: str) -> float | None:
    """How far a gradient is off along the directions; None where there is nothing to compare."""
    gradient, wanted = seen["gradients"].get(name, {"norm": None}), slopes_of_value(scenario, point, name)
    if gradient["norm"] is None or all(slope is None for slope in wanted):
        return None
    return slope_difference(wanted, gradient["slopes"])


def check_runs(scenario: Report, report: Report) -> str | None:
    errors = [point["error"] for point in report["points"] if "error" in point]
    return f"the rewrite fails: {errors[0]} ({scenario['text']})" if errors else None


def check_values(scenario: Report, report: Report) -> str | None:
    tolerance, absolute = precision_of(scenario)
    for number, (point, seen) in enumerate(zip(scenario["points"], report["points"], strict=True)):
        allowed = tolerance + leeway(spread(report, "points", number), MOST_FINE)
        if reason := check_same("the value differs", point["value"], seen["value"], allowed, absolute):
            return f"{reason} ({scenario['text']})"
    return None


def spread(report: Report, where: str, number: int) -> float | None:
    """How far rounding moves the original at a point, where that was asked for."""
    return report.get("spread", {}).get(where, {}).get(str(number))  # type: ignore[no-any-return]


def only_rounded(scenarios: list[Report], reports: list[Report]) -> bool:
    return all(
        value_difference(point["value"], seen["value"], ABSOLUTE_SINGLE) <= ABSOLUTE_SINGLE
        for scenario, report in zip(scenarios, reports, strict=True)
        for point, seen in zip(scenario["points"], report["points"], strict=True)
    )


def check_gradients(scenario: Report, report: Report) -> str | None:
    tolerance = SLOPE_COARSE if scenario["coarse"] else SLOPE_FINE
    for name in scenario["differentiated"]:
        for point, seen in zip(scenario["points"], report["points"], strict=True):
            wanted = slopes_of_value(scenario, point, name)
            gradient = seen["gradients"].get(name, {"norm": None})
            if gradient["norm"] is None:
                if any(wanted):
                    return f"no gradient reaches {name}"
                continue
            off = slope_difference(wanted, gradient["slopes"])
            if off > tolerance:
                return wrong_gradient(name, off, any(gradient["slopes"]))
    return None


def wrong_gradient(name: str, off: float, any_slope: bool) -> str:
    if not any_slope:
        return f"no gradient reaches {name}: it is zero everywhere"
    if off == float("inf"):
        return f"{WRONG_GRADIENT} {name} is not finite"
    return f"{WRONG_GRADIENT} {name} is wrong (off by {100 * off:.3g} %)"


def check_single(scenario: Report, report: Report) -> str | None:
    """In float32 the same value in the same type, and the gradient that double precision has."""
    points = zip(scenario["points"], report["points"], report["single"], strict=True)
    for number, (point, double, seen) in enumerate(points):
        if "error" in point["single"]:
            continue
        if "error" in seen:
            return f"the rewrite fails in float32: {seen['error']}"
        wanted = point["single"]["value"]
        allowed = 1e-5 + leeway(spread(report, "single", number), MOST_COARSE)
        if reason := check_same("the value differs in float32", wanted, seen["value"], allowed, ABSOLUTE_SINGLE):
            return f"{reason} ({scenario['text']})"
        if any(want["bits"] <= 32 < have["bits"] for want, have in zip(wanted, seen["value"], strict=True)):
            return "the rewrite returns float64 where the original returns float32"
        # What is drawn at random, weights too, is another number in another precision.
        is_same = value_difference(point["value"], wanted, ABSOLUTE_SINGLE) < SAME_NUMBERS
        for name in scenario["differentiated"]:
            fine, gradient = double["gradients"].get(name, {"norm": None}), seen["gradients"].get(name, {"norm": None})
            if fine["norm"] is None:
                continue
            if gradient["norm"] is None:
                return f"no gradient reaches {name} in float32"
            count = len(gradient["slopes"])
            if is_zero(fine["norm"], ZERO_SLOPE, wanted) and is_zero(gradient["norm"], ABSOLUTE_SINGLE, wanted):
                continue
            if is_same and slope_difference(fine["slopes"][:count], gradient["slopes"]) > SLOPE_COARSE:
                return f"the gradient of {name} is wrong in float32"
    return None


def is_zero(norm: float, rounding: float, value: list[Report]) -> bool:
    """Whether a gradient is no more than what the terms of such a value leave of themselves where they cancel."""
    return norm <= rounding * max((abs(number) for leaf in value for number in leaf["values"]), default=0.0)


STEP_CHECKS = (check_runs, check_values, check_gradients)
LOSS_CHECKS = (
    *STEP_CHECKS,
    check_single,
    check_alone,
    check_touching,
    check_device,
    check_graph,
    check_types,
    check_edges,
    check_halves,
)
