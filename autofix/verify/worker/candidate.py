"""Measure a candidate at the points of the original, and as it will be used: traced, in half precision, elsewhere."""

from __future__ import annotations

from functools import partial
from typing import Any

from .accepted import Accepted
from .loader import Loader
from .original import device, edges_of, gradient, graph, halves, load, touching_gradient, tried, value_or_none


def measure_candidate(accepted: Accepted, plan: dict[str, Any], loader: Loader) -> dict[str, Any]:
    """Everything, or no more than the points where one of them fails."""
    numbers = range(len(accepted.points))
    points = [tried(partial(gradient, accepted, plan, number, loader)) for number in numbers]
    report: dict[str, Any] = {
        "points": points,
        "single": [tried(partial(single, accepted, plan, number, loader)) for number in numbers],
    }
    if any("error" in point for point in points):
        return report
    runnable = load(accepted, plan, accepted.runnable.precision, "plain", loader)
    report["graph"] = None
    if loader.backend.checks_graph and accepted.first:
        report["graph"] = tried(lambda: graph(accepted, plan, loader))
    report["edges"] = {words: value_or_none(runnable, point) for words, point in edges_of(accepted)}
    report["touching"] = touching_gradient(accepted, plan, loader)
    report["halves"] = halves(accepted, plan, "plain", loader)
    report["device"] = device(accepted, plan, loader)
    report["again"] = tried(lambda: runnable.value_watched(accepted.points[0]))
    report["repeated"] = tried(partial(gradient, accepted, plan, 0, loader))
    return report


def single(accepted: Accepted, plan: dict[str, Any], number: int, loader: Loader) -> dict[str, Any]:
    runnable = load(accepted, plan, "single", "plain", loader)
    return runnable.gradient(accepted.points[number], accepted.differentiated)
