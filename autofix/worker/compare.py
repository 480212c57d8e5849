"""Run the original and its candidates on the same inputs and report what came out, as numbers; judge nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from typing import Any, Callable

from .as_called import as_called
from .candidate import lines_compared, measure_candidate
from .draw import together
from .load import Loader, lines_noted, ways_of
from .lost import fails, is_flat, is_severed, report_lost
from .original import measure_original
from .precision import is_rough, with_shifted
from .reached import reaching
from .records import OriginalReport, Plan, Refusals, Report, TrialRequest
from .search import Accepted, Search, search
from .subject import candidate_of
from .whole_labels import with_whole_labels

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
