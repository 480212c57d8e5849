"""Which lines of a candidate are run where it is compared, found in runs of their own.

A loss may behave otherwise where it is watched: what these runs give is no part of what is judged.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from .accepted import Accepted
from .candidate import single
from .lines import lines_noted
from .loader import Loader
from .original import edges_of, gradient, load, tried, value_or_none


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
