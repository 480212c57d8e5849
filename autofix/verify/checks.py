"""From the worker's numbers to a judgement of one candidate: the same value, the right gradient."""

from __future__ import annotations

from dataclasses import dataclass

from autofix.model import Evidence
from autofix.verify.differences import (
    SLOPE_COARSE,
    SLOPE_FINE,
    VALUE_COARSE,
    VALUE_FINE,
    Report,
    slope_difference,
    slopes_of_value,
    value_difference,
)
from autofix.verify.judge import is_healthy

ABSOLUTE_SINGLE = 1e-6


@dataclass(frozen=True)
class Judgement:
    """Of one candidate: its evidence, or how it failed, and how far it came until then."""

    reason: str = ""
    progress: int = 0
    raised: bool = False
    evidence: Evidence | None = None


def judge_candidate(scenarios: list[Report], reports: list[Report]) -> Judgement:
    """Every check on every scenario; the first failure is told."""
    checks = (check_runs, check_values, check_gradients, check_single, check_graph, check_edges)
    for progress, check in enumerate(checks):
        for scenario, report in zip(scenarios, reports, strict=True):
            if (reason := check(scenario, report)) is not None:
                return Judgement(reason, progress, raised=check is check_runs)
    if (unproven := next((name for name in names_of(scenarios) if not compared(scenarios, name)), None)) is not None:
        return Judgement(f"the value is too rough to know its gradient for {unproven}", len(checks))
    return Judgement(progress=100, evidence=evidence(scenarios, reports))


def evidence(scenarios: list[Report], reports: list[Report]) -> Evidence:
    pairs = list(zip(scenarios, reports, strict=True))
    points = [
        (one, point, seen) for one, report in pairs for point, seen in zip(one["points"], report["points"], strict=True)
    ]
    slopes = [slope_of(one, point, seen, name) for one, point, seen in points for name in one["differentiated"]]
    broken = [one for one in scenarios if not is_healthy(one)] or scenarios
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
    gradient, wanted = seen["gradients"][name], slopes_of_value(scenario, point, name)
    if gradient["norm"] is None or all(slope is None for slope in wanted):
        return None
    return slope_difference(wanted, gradient["slopes"])


def check_runs(scenario: Report, report: Report) -> str | None:
    errors = [point["error"] for point in report["points"] if "error" in point]
    return f"the patch fails: {errors[0]} ({scenario['text']})" if errors else None


def check_values(scenario: Report, report: Report) -> str | None:
    tolerance = VALUE_COARSE if scenario["coarse"] else VALUE_FINE
    absolute = ABSOLUTE_SINGLE if scenario["coarse"] else 0.0
    for point, seen in zip(scenario["points"], report["points"], strict=True):
        if value_difference(point["value"], seen["value"], absolute) > tolerance:
            return differing("the value differs", point["value"], seen["value"], scenario)
    return None


def check_gradients(scenario: Report, report: Report) -> str | None:
    tolerance = SLOPE_COARSE if scenario["coarse"] else SLOPE_FINE
    for name in scenario["differentiated"]:
        for point, seen in zip(scenario["points"], report["points"], strict=True):
            wanted = slopes_of_value(scenario, point, name)
            if seen["gradients"][name]["norm"] is None:
                if any(wanted):
                    return f"no gradient reaches {name}"
                continue
            off = slope_difference(wanted, seen["gradients"][name]["slopes"])
            if off > tolerance:
                return wrong_gradient(name, off, any(seen["gradients"][name]["slopes"]))
    return None


def wrong_gradient(name: str, off: float, any_slope: bool) -> str:
    if not any_slope:
        return f"no gradient reaches {name}: it is zero everywhere"
    if off == float("inf"):
        return f"the gradient of {name} is not finite"
    return f"the gradient of {name} is wrong (off by {100 * off:.3g} %)"


def check_single(scenario: Report, report: Report) -> str | None:
    for point, seen in zip(scenario["points"], report["single"], strict=True):
        if "error" in point["single"]:
            continue
        if "error" in seen:
            return f"the patch fails in float32: {seen['error']}"
        if value_difference(point["single"]["value"], seen["value"], ABSOLUTE_SINGLE) > VALUE_COARSE:
            return differing("the value differs in float32", point["single"]["value"], seen["value"], scenario)
    return None


def check_graph(scenario: Report, report: Report) -> str | None:
    """Traced with an unknown batch size, a patch must give what it gives eagerly."""
    graph, eager = report["graph"], report["points"][0]
    if graph is None:
        return None
    if "error" in graph:
        return f"fails inside tf.function: {graph['error']}"
    if scenario["random"]:
        return None
    if value_difference(eager["value"], graph["value"], ABSOLUTE_SINGLE) > VALUE_COARSE:
        return differing("the value differs inside tf.function", eager["value"], graph["value"], scenario)
    for name in scenario["differentiated"]:
        traced, taped = graph["gradients"][name], eager["gradients"][name]
        if (traced["norm"] is None) != (taped["norm"] is None):
            return f"no gradient reaches {name} inside tf.function"
        if traced["norm"] is not None and slope_difference(taped["slopes"], traced["slopes"]) > 1e-3:
            return f"the gradient of {name} is another inside tf.function"
    return None


def check_edges(scenario: Report, report: Report) -> str | None:
    """Where the original is finite, with zeros and with predictions that are right, the patch must be too."""
    scale = max(abs(value) for leaf in scenario["points"][0]["value"] for value in leaf["values"])
    for name, wanted, seen in zip(("zeros", "equal inputs"), scenario["edges"], report["edges"], strict=True):
        if wanted is None:
            continue
        if seen is None:
            return f"with {name} the patch fails or is not finite, and the original is not"
        tolerance = VALUE_COARSE if scenario["coarse"] else VALUE_FINE
        pairs = zip(wanted, seen, strict=False)
        if any(
            abs(a - b) > tolerance * (scale + abs(a))
            for x, y in pairs
            for a, b in zip(x["values"], y["values"], strict=False)
        ):
            return differing(f"the value differs with {name}", wanted, seen, scenario)
    return None


def differing(what: str, wanted: list[Report], seen: list[Report], scenario: Report) -> str:
    """The first number that differs; where shapes do, these."""
    shapes = [(want["shape"], have["shape"]) for want, have in zip(wanted, seen, strict=False)]
    first = next(((a, b) for a, b in shapes if a != b), None)
    if len(wanted) != len(seen):
        return f"{what}: {len(wanted)} results against {len(seen)} ({scenario['text']})"
    pairs = [(a, b) for x, y in zip(wanted, seen, strict=True) for a, b in zip(x["values"], y["values"], strict=False)]
    a, b = max(pairs, key=lambda pair: abs(pair[0] - pair[1]), default=(0.0, 0.0))
    if first is not None and sum(first[0]) != sum(first[1]):
        return f"{what}: shape {first[0]} against {first[1]} ({scenario['text']})"
    return f"{what}: {a:.6g} against {b:.6g} ({scenario['text']})"
