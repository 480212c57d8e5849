"""Further scenarios for changed lines that no run reached: the values that the loss branches on are varied."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from typing import Any

from .checks.edges import edges_of
from .draw import draw_point
from .load import VARIANT, Loader, lines_noted
from .numbers import finite
from .records import Arguments, Plan, Scenario, Specification, TrialRequest, Variant
from .search import Accepted, with_precision

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
            trial, lines = tried(accepted[0], number, variant, request, loader)
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


def tried(
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
