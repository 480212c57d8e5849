"""Take the worker's numbers; give the verdict on the original, and the judgement of one candidate.

The original is broken, healthy, intentionally cut, flat, or cannot be judged. Of a candidate each check says what it
makes of both sides, and its evidence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, cast

from autofix.model import Evidence, Lost, Verdict
from autofix.worker.checks import CHECKS
from autofix.worker.checks.base import GRAPH, AnyCheck, Pair
from autofix.worker.checks.errors import ERRORS
from autofix.worker.checks.gradients import GRADIENTS, FinerByPoint, refined
from autofix.worker.checks.values import VALUES, only_rounded
from autofix.worker.numerics import (
    FLAT,
    gradient_of,
    norm_of,
    slope_difference,
    slope_tolerance,
    slopes_of_value,
    value_difference,
)
from autofix.worker.records import CandidateScenario, Oracle, OriginalReport, PointReport, Refusals, Run

NO_INPUTS = "no test inputs worked"
STRAIGHT_THROUGH = "the value is piecewise constant, and a straight-through estimator gives it a gradient"


def judge_original(oracle: Oracle) -> Verdict | None:
    """A verdict where the original alone decides; None where candidates are to be looked at.

    With other values of its flags than the program gives it, a loss need not have a gradient: they say nothing here.
    """
    scenarios = [one for one in oracle["scenarios"] if not one["variant"]]
    if oracle["unstable"]:
        return Verdict("unverifiable", "the loss returns a different value each time")
    if not scenarios:
        return oracle_refused(oracle)
    moving = [scenario for scenario in scenarios if not is_flat(scenario)]
    if not moving:
        return judge_flat(scenarios)
    if not any(reliable(scenario, name) for scenario in scenarios for name in scenario["differentiated"]):
        return Verdict("unverifiable", "the value is too rough for finite differences")
    if all(is_right(scenario, "gradient") for scenario in moving):
        return Verdict("healthy", "the gradient is that of the value")
    if all(flows(scenario) and is_right(scenario, "uncut") for scenario in moving):
        return Verdict("healthy", "a gradient flows, and the rest is detached on purpose")
    return None


def judge_flat(scenarios: list[OriginalReport]) -> Verdict:
    """No step moves the value; a gradient all the same is a straight-through estimator's."""
    if all(flows(scenario) for scenario in scenarios):
        return Verdict("healthy", STRAIGHT_THROUGH)
    names = listed(scenarios[0]["predictions"])
    return Verdict("flat", f"the value is constant for small changes of {names}, so no rewrite can have a gradient")


def oracle_refused(refusals: Refusals | None) -> Verdict:
    """Why the original could not be run on any inputs; None where nothing was reported."""
    if refusals is None:
        return Verdict("unverifiable", f"{NO_INPUTS} (nothing could be run)")
    if refusals["flowing"]:
        return Verdict("healthy", STRAIGHT_THROUGH)
    if refusals["still"]:
        return Verdict("flat", f"the value does not depend on {listed(refusals['still'])}")
    if refusals["unavailable"]:
        return Verdict("unverifiable", refusals["unavailable"][0])
    first = refusals["refusals"][0] if refusals["refusals"] else "nothing could be run"
    return Verdict("unverifiable", f"{NO_INPUTS} ({first})")


def listed(names: list[str]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


def reliable(scenario: OriginalReport, name: str) -> bool:
    """Whether there are differences to be trusted at most of the points; one may stand on a kink."""
    slopes = [slopes_of_value(scenario, point, name, point["finer"]) for point in scenario["points"]]
    trusted = [sum(slope is not None for slope in each) >= 2 for each in slopes]
    return 2 * sum(trusted) > len(trusted)


def is_flat(scenario: OriginalReport) -> bool:
    """No small step of a prediction moves the value: in single precision asked with a step too small to be rounded."""
    for point in scenario["points"]:
        pairs = [pair for name in scenario["predictions"] for pair in (point["tiny"] or point["differences"])[name]]
        scale = FLAT * abs(point["center"]) * scenario["step"] if not scenario["coarse"] else 0.0
        if any(abs(plus - minus) > scale for minus, plus in pairs):
            return False
    return True


def flows(scenario: OriginalReport) -> bool:
    """Whether the original's own gradient reaches a prediction at every point."""
    gradients = [point["gradient"].get("gradients", {}) for point in scenario["points"]]
    return all(any(gradient_of(each, name)["norm"] for name in scenario["predictions"]) for each in gradients)


def is_right(scenario: OriginalReport, which: Literal["gradient", "uncut"]) -> bool:
    """Whether a gradient of the original is that of its value."""
    for point in scenario["points"]:
        run = point[which]
        if run is None or "error" in run:
            return False
        for name in scenario["differentiated"]:
            gradient = gradient_of(run["gradients"], name)
            wanted = slopes_of_value(scenario, point, name, point["finer"])
            if gradient["norm"] is None:
                if any(wanted):
                    return False
            elif slope_difference(wanted, gradient["slopes"]) > slope_tolerance(scenario):
                return False
    return True


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
