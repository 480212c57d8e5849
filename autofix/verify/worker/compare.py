"""Run the original and its candidates on the same inputs and report what came out, as numbers; judge nothing."""

from __future__ import annotations

from typing import Any, Callable, Dict

from .as_called import as_called
from .candidate import measure_candidate
from .loader import Loader, ways_of
from .lost import report_lost
from .original import measure_original
from .search import Search, search
from .severed import fails, is_flat, is_severed
from .together import together

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
    found = search(
        scenarios_to_try, lambda *how: loader.load(request["original"], *how), request["precisions"], choices,
        held["models"],
    )  # fmt: skip
    scenarios = [measure_original(one, loader) for one in found.accepted]
    oracle = {**refusal(found), "scenarios": scenarios}
    # Where no candidate can help, none is looked at: what is known of the original is told at once.
    if is_still := bool(scenarios) and all(is_flat(one) for one in scenarios):
        oracle["lost"] = report_lost(found.accepted[0], request["original"], loader, is_flat=True)
    send({"oracle": oracle})
    if not found.accepted or found.unstable or is_still:
        return
    failed: list[tuple[int, int]] = []
    for index, plan in enumerate(request["candidates"]):
        if plan is None:
            continue
        send({"begun": index})
        reports = [measure_candidate(one, plan, loader) for one in found.accepted]
        send({"candidate": index, "scenarios": reports})
        pairs = enumerate(together(scenarios, reports))
        failed += [(index, at) for at, (scenario, report) in pairs if fails(scenario, report)][:1]
    for at, scenario in enumerate(scenarios):
        if is_severed(scenario):
            send({"lost": report_lost(found.accepted[at], request["original"], loader)})
            break
    for index, at in failed[:MOST_FAILED]:
        send({"lost": report_lost(found.accepted[at], request["candidates"][index], loader), "in": index})


def refusal(found: Search) -> dict[str, Any]:
    return {
        "unstable": found.unstable,
        "still": list(dict.fromkeys(found.still)),
        "flowing": found.flowing,
        "unavailable": list(dict.fromkeys(found.unavailable))[:3],
        "refusals": list(dict.fromkeys(found.refusals))[:3],
    }
