"""Take a candidate and the points of the original; give its measurements there and under other conditions of use.

These are tracing, half precision and other devices. Which of its lines run is found in separate runs, because a loss
may behave differently when it is traced: those runs do not count for the verdict.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from .draw import together
from .load import Loader, lines_noted
from .original import (
    device,
    edges_of,
    gradient,
    graph,
    halves,
    in_the_hundreds,
    load,
    touching_gradient,
    tried,
    value_or_none,
)
from .precision import differ_a_little, finer, spread
from .search import Accepted
from .targets import candidate_in_types

FINE, SINGLE = 1e-10, 1e-5
"""Differences of values from which on it is asked how far rounding alone moves them."""


def measure_candidate(
    accepted: Accepted, scenario: dict[str, Any], plan: dict[str, Any], loader: Loader
) -> dict[str, Any]:
    """Everything, or no more than the points where one of them fails; `scenario` is what the original gave."""
    numbers = range(len(accepted.points))
    points = [tried(partial(gradient, accepted, plan, number, loader)) for number in numbers]
    report: dict[str, Any] = {
        "points": points,
        "single": [tried(partial(single, accepted, plan, number, loader)) for number in numbers],
    }
    if any("error" in point for point in points):
        return report
    report["finer"] = finer_of(accepted, scenario, points)
    runnable = load(accepted, plan, accepted.runnable.precision, "plain", loader)
    report["graph"] = None
    if loader.backend.checks_graph and accepted.first:
        report["graph"] = tried(lambda: graph(accepted, plan, loader))
    report["edges"] = {words: value_or_none(runnable, point) for words, point in edges_of(accepted)}
    report["hundreds"] = in_the_hundreds(accepted, plan, "plain", loader)
    report["spread"] = spreads(accepted, scenario, report, loader)
    report["touching"] = touching_gradient(accepted, plan, loader)
    report["halves"] = halves(accepted, plan, "plain", loader)
    report["types"] = candidate_in_types(accepted, scenario, plan, loader)
    report["device"] = device(accepted, plan, loader)
    report["again"] = tried(lambda: runnable.value_watched(accepted.points[0]))
    report["repeated"] = tried(partial(gradient, accepted, plan, 0, loader))
    return report


def finer_of(accepted: Accepted, scenario: dict[str, Any], points: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Finer differences of the original where the candidate's gradient is off by little, by the number of a point."""
    if accepted.rough:
        return {}
    found = [
        finer(accepted.runnable, report, point, seen["gradients"], scenario["step"])
        for report, point, seen in together(scenario["points"], accepted.points, points)
    ]
    return {str(number): one for number, one in enumerate(found) if one}


def spreads(
    accepted: Accepted, scenario: dict[str, Any], report: dict[str, Any], loader: Loader
) -> dict[str, dict[str, float]]:
    """How far rounding moves the original where the candidate differs a little, by the point's number or the edge."""
    if accepted.rough:
        return {"points": {}, "single": {}, "edges": {}}
    plan, original = loader.request["original"], accepted.runnable
    values = enumerate(together(scenario["points"], report["points"], report["single"]))
    near = [
        (number, differ_a_little(point["value"], seen["value"], FINE),
         "value" in point["single"] and "value" in narrow
         and differ_a_little(point["single"]["value"], narrow["value"], SINGLE))
        for number, (point, seen, narrow) in values
    ]  # fmt: skip
    return {
        "points": {str(number): spread(original, accepted.points[number]) for number, is_near, _ in near if is_near},
        "single": {
            str(number): spread(load(accepted, plan, "single", accepted.mode, loader), accepted.points[number])
            for number, _, is_near in near
            if is_near
        },
        "edges": {
            words: spread(original, point)
            for words, point in edges_of(accepted)
            if (wanted := scenario["edges"][words]) and (have := report["edges"][words])
            and differ_a_little(wanted, have, FINE)
        },
    }  # fmt: skip


def single(accepted: Accepted, plan: dict[str, Any], number: int, loader: Loader) -> dict[str, Any]:
    runnable = load(accepted, plan, "single", "plain", loader)
    return runnable.gradient(accepted.points[number], accepted.differentiated)


def lines_compared(
    accepted: Accepted, scenario: dict[str, Any], report: dict[str, Any], plan: dict[str, Any], loader: Loader
) -> set[int]:
    """The lines that are run at the points, and at the edges where the original and the candidate have a value."""
    lines: set[int] = set()
    if any("error" in point for point in report["points"]):
        return lines
    with lines_noted(plan["name"], lines):
        for number in range(len(accepted.points)):
            tried(partial(gradient, accepted, plan, number, loader))
            tried(partial(single, accepted, plan, number, loader))
        tried(partial(edges_run, accepted, scenario, report, plan, loader))
    return lines


def edges_run(
    accepted: Accepted, scenario: dict[str, Any], report: dict[str, Any], plan: dict[str, Any], loader: Loader
) -> dict[str, Any]:
    runnable = load(accepted, plan, accepted.runnable.precision, "plain", loader)
    compared = {words for words, value in report["edges"].items() if value is not None}
    compared &= {words for words, value in scenario["edges"].items() if value is not None}
    return {words: value_or_none(runnable, point) for words, point in edges_of(accepted) if words in compared}
