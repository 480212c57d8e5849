"""Run the original and its candidates on the same inputs and report what came out, as numbers; judge nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .candidate import measure_candidate
from .loader import Loader, ways_of
from .original import measure_original
from .search import Search, search

Send = Callable[[dict[str, Any]], None]


def compare(request: dict[str, Any], backend: Any, send: Send) -> None:
    """Report the original, then each candidate in turn; the host ends the process when it has seen enough."""
    loader = Loader(request, backend)
    held, ways = request["held"], ways_of(request["original"])
    choices = 2 * ways if held["models"] or held["values"] else ways
    found = search(
        request["scenarios"], lambda *how: loader.load(request["original"], *how), request["precisions"], choices,
        held["models"],
    )  # fmt: skip
    send({"oracle": refusal(found) | {"scenarios": [measure_original(one, loader) for one in found.accepted]}})
    if not found.accepted or found.unstable:
        return
    for index, plan in enumerate(request["candidates"]):
        if plan is None:
            continue
        send({"begun": index})
        send({"candidate": index, "scenarios": [measure_candidate(one, plan, loader) for one in found.accepted]})


def refusal(found: Search) -> dict[str, Any]:
    return {
        "unstable": found.unstable,
        "still": list(dict.fromkeys(found.still)),
        "flowing": found.flowing,
        "unavailable": list(dict.fromkeys(found.unavailable))[:3],
        "refusals": list(dict.fromkeys(found.refusals))[:3],
    }
