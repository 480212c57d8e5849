"""Measure the original where it was found to run: its value, how that moves, and its answer to each check."""

from __future__ import annotations

from functools import partial

from .checks import CHECKS
from .draw import describe
from .load import Loader
from .measure import passed
from .numbers import total
from .precision import finer
from .records import OriginalReport, PointReport, Run
from .search import Accepted
from .subject import Subject, directions_at, original_of, tried
from .tolerances import COARSE_STEP, FINE_STEP, TINY_STEP


def measure_original(accepted: Accepted, loader: Loader) -> OriginalReport:
    """Everything about one scenario. Raises what the loss raises at a point."""
    subject, scenario = original_of(accepted, loader), accepted.scenario
    remark = f", {scenario['remark']}" if scenario["remark"] else ""
    rounded = " (in float32)" if accepted.rough else ""
    points = [point_report(subject, number) for number in range(len(accepted.points))]
    return {
        "text": describe(tuple(passed(accepted.points[0]))) + remark + rounded,
        "mode": accepted.mode,
        "variant": scenario["variant"],
        "precision": accepted.runnable.precision,
        "coarse": accepted.rough,
        "random": is_random(accepted),
        "step": step_of(accepted),
        "predictions": list(accepted.predictions),
        "differentiated": list(accepted.differentiated),
        "points": points,
        "measured": {check.name: check.original(subject) for check in CHECKS},
    }


def step_of(accepted: Accepted) -> float:
    """The step of its finite differences."""
    return COARSE_STEP if accepted.rough else FINE_STEP


def point_report(subject: Subject, number: int) -> PointReport:
    """The original at a point, with finer differences where its own gradients are nearly right."""
    accepted = subject.accepted
    runnable, names, point = accepted.runnable, accepted.differentiated, accepted.points[number]
    step, count = step_of(accepted), directions_at(accepted, number)
    value = runnable.value(point)
    recorded = tried(partial(subject.gradient, number))
    report: PointReport = {
        "value": [leaf.record() for leaf in value],
        "center": total(value),
        "differences": {name: runnable.differences(point, name, step, count) for name in names},
        "tiny": {name: runnable.differences(point, name, TINY_STEP, count) for name in names} if accepted.rough else {},
        "finer": {},
        "gradient": recorded,
        "uncut": tried(partial(uncut_gradient, subject, number)) if flows(accepted, recorded) else None,
    }
    for run in (recorded, report["uncut"]):
        if run is not None and not accepted.rough:
            report["finer"].update(finer(runnable, report, point, run.get("gradients", {}), step))
    return report


def flows(accepted: Accepted, run: Run) -> bool:
    """Whether any gradient reaches a prediction: else nothing can be cut on purpose beside it."""
    gradients = run.get("gradients", {})
    return any(gradients[name]["norm"] for name in accepted.predictions if name in gradients)


def uncut_gradient(subject: Subject, number: int) -> Run:
    """The gradient with every explicit cut taken out, in the slice and in what it calls."""
    accepted = subject.accepted
    with subject.loader.backend.uncut():
        runnable = subject.load(mode="uncut")
        return runnable.gradient(accepted.points[number], accepted.differentiated, directions_at(accepted, number))


def is_random(accepted: Accepted) -> bool:
    """Whether the value moves with the seed alone: a traced function then draws other numbers than an eager one."""
    first, second = (total(accepted.runnable.value(accepted.points[0], seed)) for seed in (1, 2))
    return first != second
