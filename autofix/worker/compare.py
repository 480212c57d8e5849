"""Run the original and its candidates on the same inputs and report what came out, as numbers; judge nothing."""

from __future__ import annotations

import contextlib
from typing import Any, Callable, Dict

from .as_called import as_called
from .candidate import lines_compared, measure_candidate
from .draw import together
from .load import Loader, lines_noted, ways_of
from .lost import fails, is_flat, is_severed, report_lost
from .original import measure_original
from .precision import is_rough, with_shifted
from .reached import reaching
from .search import Accepted, Search, search
from .targets import with_whole_labels

MOST_FAILED = 2

Send = Callable[[Dict[str, Any]], None]


def compare(request: dict[str, Any], backend: Any, send: Send) -> None:
    """Report the original, each candidate in turn, then where gradients are lost.

    The host ends the process when it has seen enough: the last is reached where every candidate failed.
    """
    loader = Loader(request, backend)
    held, ways = request["held"], ways_of(request["original"])
    choices = 2 * ways if held["models"] or held["values"] else ways
    scenarios_to_try = as_called(request, loader, backend)
    if request["whole_labels"]:
        scenarios_to_try = [with_whole_labels(one) for one in scenarios_to_try]
    found = search(
        scenarios_to_try, lambda *how: loader.load(request["original"], *how), request["precisions"], choices,
        held["models"],
    )  # fmt: skip
    found.accepted += reaching(found.accepted, request, loader)
    measured = [measure(one, loader) for one in found.accepted]
    found.accepted, scenarios = [one for one, _ in measured], [one for _, one in measured]
    oracle = {**refusal(found), "scenarios": scenarios}
    if not any(map(is_severed, (one for one in scenarios if not one["variant"]))):
        oracle["lines"] = run_lines(found.accepted, request["original"])
    # Where no candidate can help, none is looked at: what is known of the original is told at once.
    as_called_here = [one for one in scenarios if not one["variant"]]
    if is_still := bool(scenarios) and all(is_flat(one) for one in as_called_here):
        oracle["lost"] = report_lost(found.accepted[0], request["original"], loader, is_flat=True)
    send({"oracle": oracle})
    if not found.accepted or found.unstable or is_still:
        return
    failed: list[tuple[int, int]] = []
    for index, plan in enumerate(request["candidates"]):
        if plan is None:
            continue
        send({"begun": index})
        pairs = together(found.accepted, scenarios)
        reports = [measure_candidate(one, scenario, plan, loader) for one, scenario in pairs]
        send({"candidate": index, "scenarios": reports})
        ran: set[int] = set()
        for one, scenario, report in together(found.accepted, scenarios, reports):
            ran |= lines_compared(one, scenario, report, plan, loader)
        send({"ran": sorted(ran), "of": index})
        judged = enumerate(together(scenarios, reports))
        failed += [(index, at) for at, (scenario, report) in judged if fails(scenario, report)][:1]
    for at, scenario in enumerate(scenarios):
        if is_severed(scenario):
            send({"lost": report_lost(found.accepted[at], request["original"], loader)})
            break
    for index, at in failed[:MOST_FAILED]:
        send({"lost": report_lost(found.accepted[at], request["candidates"][index], loader), "in": index})


def measure(accepted: Accepted, loader: Loader) -> tuple[Accepted, dict[str, Any]]:
    """What the original gives, with one point more where no difference can be trusted at the others."""
    scenario = measure_original(accepted, loader)
    if not is_rough(scenario):
        return accepted, scenario
    further = with_shifted(accepted)
    try:
        return further, measure_original(further, loader)
    except (Exception, SystemExit):
        return accepted, scenario


def run_lines(accepted: list[Accepted], plan: dict[str, Any]) -> list[int]:
    """The lines of the original that are run."""
    lines: set[int] = set()
    for one in accepted:
        with contextlib.suppress(Exception, SystemExit), lines_noted(plan["name"], lines):
            one.runnable.value(one.points[0])
    return sorted(lines)


def refusal(found: Search) -> dict[str, Any]:
    return {
        "unstable": found.unstable,
        "still": list(dict.fromkeys(found.still)),
        "flowing": found.flowing,
        "unavailable": list(dict.fromkeys(found.unavailable))[:3],
        "refusals": list(dict.fromkeys(found.refusals))[:3],
    }
