"""Measure a candidate at the points of the original, then for each check.

Which of its lines run is found in separate runs, because a loss may behave differently when it is traced: those runs do
not count for the verdict.
"""

from __future__ import annotations

from functools import partial
from typing import cast

from .checks import CHECKS
from .checks.base import Pair
from .checks.edges import EDGES, Edges, run_again
from .load import lines_noted
from .records import CandidateScenario, OriginalReport
from .subject import Subject, tried


def measure_candidate(subject: Subject, original: OriginalReport) -> CandidateScenario:
    """Everything, or no more than the points where one of them fails."""
    points = [tried(partial(subject.gradient, number)) for number in range(len(subject.accepted.points))]
    if any("error" in point for point in points):
        return {"points": points, "measured": dict.fromkeys((check.name for check in CHECKS), None)}
    measured: dict[str, object] = {}
    pair = Pair(original, points, measured)
    for check in sorted(CHECKS, key=lambda each: each.is_last):
        measured[check.name] = check.candidate(subject, pair, original["measured"][check.name])
    return {"points": points, "measured": measured}


def lines_compared(subject: Subject, original: OriginalReport, report: CandidateScenario) -> set[int]:
    """The lines that are run at the points, and at the edges where the original and the candidate have a value."""
    lines: set[int] = set()
    if any("error" in point for point in report["points"]):
        return lines
    edges = [cast(Edges, measured[EDGES.name]) for measured in (original["measured"], report["measured"])]
    with lines_noted(subject.plan["name"], lines):
        for number in range(len(subject.accepted.points)):
            tried(partial(subject.gradient, number))
            tried(partial(subject.single, number))
        run_again(subject, *edges)
    return lines
