"""Run the original and its candidates on the same inputs and report what came out, as numbers; judge nothing.

The original is measured where it was found to run: its value, how that moves, and its answer to each check; then each
candidate at the same points. Which of its lines run is found in separate runs, because a loss may behave differently
when it is traced: those runs do not count for the verdict. Where changed lines were
reached by no run, further scenarios vary the values that the loss branches on.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Callable, cast

from .as_called import as_called, with_whole_labels
from .checks import CHECKS
from .checks.base import Pair
from .checks.edges import EDGES, Edges, edges_of, run_again
from .draw import describe, draw_point, together
from .load import VARIANT, Loader, lines_noted, ways_of
from .lost import fails, is_flat, is_severed, report_lost
from .measure import passed
from .numerics import COARSE_STEP, FINE_STEP, TINY_STEP, finite, total
from .precision import finer, is_rough, with_shifted
from .records import (
    Arguments,
    CandidateScenario,
    OriginalReport,
    Plan,
    PointReport,
    Refusals,
    Report,
    Run,
    Scenario,
    Specification,
    TrialRequest,
    Variant,
)
from .search import Accepted, Search, search, with_precision
from .subject import Subject, candidate_of, directions_at, original_of, tried


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
    may_be_meant = flows(accepted, recorded) and not subject.loader.request["demanded"]
    report: PointReport = {
        "value": [leaf.record() for leaf in value],
        "center": total(value),
        "differences": {name: runnable.differences(point, name, step, count) for name in names},
        "tiny": {name: runnable.differences(point, name, TINY_STEP, count) for name in names} if accepted.rough else {},
        "finer": {},
        "gradient": recorded,
        "uncut": tried(partial(uncut_gradient, subject, number)) if may_be_meant else None,
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


MOST = 4
SECONDS = 2.0
"""How long lines are looked for that were not run: a slow loss must still be compared within its deadline."""


def reaching(accepted: list[Accepted], request: TrialRequest, loader: Loader) -> list[Accepted]:
    """Scenarios like the first one that come to more of the lines to change; on none of them need the original fail."""
    wanted = set(request["changed"])
    if not wanted or not accepted:
        return []
    start = time.monotonic()
    for at_edges in (False, True):
        for one in accepted if wanted else ():
            wanted -= lines_run(one, request["original"], at_edges)
    found: list[Accepted] = []
    for number, variant in enumerate(request["variants"]):
        if not wanted or len(found) == MOST or time.monotonic() - start > SECONDS:
            break
        with contextlib.suppress(Exception, SystemExit):
            trial, lines = with_variant(accepted[0], number, variant, request, loader)
            if trial is not None and lines & wanted:
                found.append(trial)
                wanted -= lines
    return found


def lines_run(one: Accepted, plan: Plan, at_edges: bool) -> set[int]:
    """The lines of the original that a scenario runs, or those that it runs at its edges."""
    lines: set[int] = set()
    for point in [point for _, point in edges_of(one)] if at_edges else [one.points[0]]:
        with contextlib.suppress(Exception, SystemExit), lines_noted(plan["name"], lines):
            one.runnable.value(point)
    return lines


def with_variant(
    base: Accepted, number: int, variant: Variant, request: TrialRequest, loader: Loader
) -> tuple[Accepted | None, set[int]]:
    """The scenario with one value exchanged, and the lines that it runs; None where it is not one to compare on."""
    scenario, choice = varied(base, number, variant)

    def load(precision: str, mode: str, chosen: int) -> Any:
        return loader.load(request["original"], precision, mode, chosen)

    runnable = load(base.runnable.precision, base.mode, choice)
    owned = tuple(one for one in base.points[0] if one.owned)
    point = draw_point(scenario["arguments"], 0) + owned
    lines: set[int] = set()
    with lines_noted(request["original"]["name"], lines):
        value = runnable.value(point)
    if not finite(value):
        return None, lines
    scalar = not runnable.backend.needs_scalar or len(value[0].values) == 1
    one = replace(base, scenario=scenario, runnable=runnable, choice=choice, scalar=scalar, points=(point,))
    one = replace(one, first=False, rough=False)
    return with_precision(one, load, "wide" in request["precisions"]), lines


def varied(base: Accepted, number: int, variant: Variant) -> tuple[Scenario, int]:
    """The scenario and the choice of how to load the loss that give one name another value."""
    if variant["where"] != "argument":
        owner = "self." if variant["where"] == "attribute" else ""
        remark = f"{owner}{variant['name']} = {variant['value']!r}"
        return {**base.scenario, "variant": True, "remark": remark}, base.choice + VARIANT * (number + 1)
    arguments = base.scenario["arguments"]
    value: Specification = {"kind": "value", "value": variant["value"]} if "value" in variant else {}
    changed = {**arguments, variant["name"]: value or like(variant, arguments)}
    return {**base.scenario, "variant": True, "arguments": changed}, base.choice


def like(variant: Variant, arguments: Arguments) -> Specification:
    """A tensor in the shape of the first one, or with one number for each of its rows."""
    shape = next(one["shape"] for one in arguments.values() if one.get("shape"))
    return {"kind": variant["kind"], "shape": shape[:1] if variant["rows"] else shape, "classes": 2}


MOST_FAILED = 2

Send = Callable[[Report], None]


def compare(request: TrialRequest, backend: Any, send: Send) -> None:
    """Report the original, each candidate in turn, then where gradients are lost.

    The host ends the process when it has seen enough: the last is reached where every candidate failed.
    """
    loader = Loader(request, backend)
    found = searched(request, loader)
    measured = [measure(one, loader) for one in found.accepted]
    found.accepted, scenarios = [one for one, _ in measured], [one for _, one in measured]
    of_program = [one for one in scenarios if not one["variant"]]
    # Where no candidate can help, none is looked at: what is known of the original is reported at once.
    flat = bool(scenarios) and all(map(is_flat, of_program))
    lines = [] if any(map(is_severed, of_program)) else run_lines(found.accepted, request["original"])
    lost = report_lost(found.accepted[0], request["original"], loader, is_flat=True) if flat else None
    send({"oracle": {**refusals(found), "scenarios": scenarios, "lines": lines, "lost": lost}})
    if not found.accepted or found.unstable or flat:
        return
    failed = list(candidates_compared(found.accepted, scenarios, loader, send))
    for at, scenario in enumerate(scenarios):
        if is_severed(scenario):
            send({"lost": report_lost(found.accepted[at], request["original"], loader), "of": None})
            break
    for index, plan, at in failed[:MOST_FAILED]:
        send({"lost": report_lost(found.accepted[at], plan, loader), "of": index})


def searched(request: TrialRequest, loader: Loader) -> Search:
    """The scenarios on which the original runs, and more that reach lines which it does not run on these."""
    replaced, ways = request["replaced"], ways_of(request["original"])
    choices = 2 * ways if replaced["models"] or replaced["values"] else ways
    scenarios = as_called(request, loader, loader.backend)
    if request["whole_labels"]:
        scenarios = [with_whole_labels(one) for one in scenarios]
    load = partial(loader.load, request["original"])
    found = search(scenarios, load, request["precisions"], choices, replaced["models"])
    found.accepted += reaching(found.accepted, request, loader)
    return found


def candidates_compared(
    accepted: list[Accepted], scenarios: list[OriginalReport], loader: Loader, send: Send
) -> Iterator[tuple[int, Plan, int]]:
    """Report each candidate; yield those that fail, with the first scenario on which they do."""
    for index, plan in enumerate(loader.request["candidates"]):
        if plan is None:
            continue
        send({"begun": index})
        pairs = [(candidate_of(one, plan, loader), scenario) for one, scenario in together(accepted, scenarios)]
        reports = [measure_candidate(subject, scenario) for subject, scenario in pairs]
        send({"candidate": index, "scenarios": reports})
        compared = [lines_compared(*pair, report) for pair, report in together(pairs, reports)]
        send({"ran": sorted(set().union(*compared)), "of": index})
        judged = enumerate(together(scenarios, reports))
        yield from [(index, plan, at) for at, (scenario, report) in judged if fails(scenario, report)][:1]


def measure(accepted: Accepted, loader: Loader) -> tuple[Accepted, OriginalReport]:
    """What the original gives, with one point more where no difference can be trusted at the others."""
    scenario = measure_original(accepted, loader)
    if not is_rough(scenario):
        return accepted, scenario
    further = with_shifted(accepted)
    try:
        return further, measure_original(further, loader)
    except (Exception, SystemExit):
        return accepted, scenario


def run_lines(accepted: list[Accepted], plan: Plan) -> list[int]:
    """The lines of the original that are run."""
    lines: set[int] = set()
    for one in accepted:
        with contextlib.suppress(Exception, SystemExit), lines_noted(plan["name"], lines):
            one.runnable.value(one.points[0])
    return sorted(lines)


def refusals(found: Search) -> Refusals:
    """Why nothing could be run, the first few of each kind."""
    return {
        "unstable": found.unstable,
        "still": list(dict.fromkeys(found.still)),
        "flowing": found.flowing,
        "unavailable": list(dict.fromkeys(found.unavailable))[:3],
        "refusals": list(dict.fromkeys(found.refusals))[:3],
    }
