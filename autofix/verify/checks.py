"""From the worker's numbers to a judgement of one candidate: what each check says of both sides, and its evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import cast

from autofix.model import Evidence, Lost
from autofix.verify.judge import is_right
from autofix.worker.checks import CHECKS
from autofix.worker.checks.base import GRAPH, AnyCheck, Pair
from autofix.worker.checks.errors import ERRORS
from autofix.worker.checks.gradients import GRADIENTS, FinerByPoint, refined
from autofix.worker.checks.values import VALUES, only_rounded
from autofix.worker.numerics import gradient_of, norm_of, slope_difference, slopes_of_value, value_difference
from autofix.worker.records import CandidateScenario, OriginalReport, PointReport, Run


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


def judge_candidate(
    kind: str, originals: list[OriginalReport], candidates: list[CandidateScenario], halves: Iterable[str] = ()
) -> Judgement:
    """Every check on every scenario; the first failure is reported. A training step runs as it is, and only so.

    `halves` are the half precisions that the program itself runs in.
    """
    checks: list[AnyCheck] = [check for check in CHECKS if check.of_steps or kind != "step"]
    pairs = [paired(*both) for both in zip(originals, candidates, strict=True)]
    limits: dict[str, str] = {}
    for progress, check in enumerate(checks):
        for failure in (failure for pair in pairs for failure in check.judged(pair)):
            if failure.rejects(halves):
                rounded = check is VALUES and all(map(only_rounded, pairs))
                return Judgement(failure.reason, progress, raised=check is ERRORS, rounded=rounded)
            limits[failure.limit] = failure.condition
    if (unproven := next((name for name in names_of(pairs) if not is_compared(pairs, name)), None)) is not None:
        return Judgement(f"the value is too rough to check its gradient for {unproven}", len(checks))
    found = replace(evidence(pairs), compiles=GRAPH not in limits.values()).limited(limits)
    return Judgement(progress=100, evidence=found)


def paired(original: OriginalReport, candidate: CandidateScenario) -> Pair:
    """Both sides on one scenario, with the finer differences that were taken for this candidate."""
    found = cast("FinerByPoint | None", candidate["measured"][GRADIENTS.name])
    return Pair(refined(original, found or {}), candidate["points"], candidate["measured"])


def evidence(pairs: list[Pair]) -> Evidence:
    """What speaks for a candidate that has passed: the largest differences, and the gradient before and after."""
    points = [
        (pair.original, point, run)
        for pair in pairs
        for point, run in zip(pair.original["points"], pair.points, strict=True)
    ]
    slopes = [slope_of(original, point, run, name) for original, point, run in points
              for name in original["differentiated"]]  # fmt: skip
    originals = [pair.original for pair in pairs]
    broken = [one for one in originals if not is_right(one, "gradient")] or originals
    before = [norm for one in broken for point in one["points"] if (norm := norm_of(point["gradient"])) is not None]
    return Evidence(
        inputs=tuple(one["text"] for one in originals),
        value_difference=max(value_difference(point["value"], run["value"], 0.0) for _, point, run in points),
        gradient_before=before[0] if before else None,
        gradient_after=next((norm for _, _, run in points if (norm := norm_of(run))), 0.0),
        gradient_difference=max([one for one in slopes if one is not None] or [0.0]),
    )


def names_of(pairs: list[Pair]) -> list[str]:
    return list(dict.fromkeys(name for pair in pairs for name in pair.original["differentiated"]))


def is_compared(pairs: list[Pair], name: str) -> bool:
    """Whether two slopes at least could be trusted; no small step may move the value at all along a name."""
    slopes = [
        slope
        for original in (pair.original for pair in pairs)
        if name in original["differentiated"]
        for point in original["points"]
        for slope in slopes_of_value(original, point, name, point["finer"])
    ]
    return sum(slope is not None for slope in slopes) >= 2


def slope_of(original: OriginalReport, point: PointReport, run: Run, name: str) -> float | None:
    """How far a gradient is off along the directions; None where there is nothing to compare."""
    gradient, wanted = gradient_of(run["gradients"], name), slopes_of_value(original, point, name, point["finer"])
    if gradient["norm"] is None or all(slope is None for slope in wanted):
        return None
    return slope_difference(wanted, gradient["slopes"])
