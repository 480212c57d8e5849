"""Measure the original where it was found to run: it says what the value is, how that moves, and what it withstands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .draw import Point, describe, edges, further_edges, in_hundreds, touching
from .load import Loader
from .measure import COARSE_STEP, DIRECTIONS, FEWER_DIRECTIONS, FINE_STEP, TINY_STEP, Runnable, given, sent
from .numbers import finite, total
from .precision import finer
from .search import Accepted, told
from .targets import original_in_types

HALVES = ("float16", "bfloat16")


def measure_original(accepted: Accepted, loader: Loader) -> dict[str, Any]:
    runnable, names = accepted.runnable, accepted.differentiated
    rounded = " (in float32)" if accepted.rough else ""
    remark = f", {accepted.scenario['remark']}" if "remark" in accepted.scenario else ""
    return {
        "text": describe(tuple(given(accepted.points[0]))) + remark + rounded,
        "mode": accepted.mode,
        "variant": accepted.scenario.get("variant", False),
        "precision": runnable.precision,
        "coarse": accepted.rough,
        "random": is_random(accepted),
        "step": COARSE_STEP if accepted.rough else FINE_STEP,
        "predictions": list(accepted.predictions),
        "differentiated": list(names),
        "points": [original_at(accepted, number, loader) for number in range(len(accepted.points))],
        "edges": {words: value_or_none(runnable, point) for words, point in edges_of(accepted)},
        "hundreds": in_the_hundreds(accepted, loader.request["original"], accepted.mode, loader),
        "touching": touching_gradient(accepted, loader.request["original"], loader),
        **without_gradients(accepted),
        "halves": halves(accepted, loader.request["original"], accepted.mode, loader),
        "device": device(accepted, loader.request["original"], loader),
        "types": original_in_types(accepted, loader),
        "compiles": compiles(accepted, loader),
    }


def original_at(accepted: Accepted, number: int, loader: Loader) -> dict[str, Any]:
    runnable, names, point = accepted.runnable, accepted.differentiated, accepted.points[number]
    step, count = COARSE_STEP if accepted.rough else FINE_STEP, directions_at(accepted, number)
    value = runnable.value(point)
    plan = loader.request["original"]
    recorded = tried(lambda: gradient(accepted, plan, number, loader))
    report: dict[str, Any] = {
        "value": sent(value),
        "center": total(value),
        "differences": {name: runnable.differences(point, name, step, count) for name in names},
        "tiny": {name: runnable.differences(point, name, TINY_STEP, count) for name in names} if accepted.rough else {},
        "finer": {},
        "gradient": recorded,
        "uncut": tried(lambda: uncut_gradient(accepted, number, loader)) if flows(accepted, recorded) else None,
        "single": tried(lambda: {"value": sent(load(accepted, plan, "single", accepted.mode, loader).value(point))}),
    }
    for seen in (recorded, report["uncut"] or {}):
        if not accepted.rough:
            report["finer"].update(finer(runnable, report, point, seen.get("gradients", {}), step))
    return report


def directions_at(accepted: Accepted, number: int) -> int:
    """Many directions once; in single precision always, where half of them may not be trusted."""
    return DIRECTIONS if accepted.rough or (accepted.first and number == 0) else FEWER_DIRECTIONS


def load(accepted: Accepted, plan: dict[str, Any], precision: str, mode: str, loader: Loader) -> Runnable:
    return loader.load(plan, precision, mode, accepted.choice)


def gradient(accepted: Accepted, plan: dict[str, Any], number: int, loader: Loader) -> dict[str, Any]:
    runnable = load(accepted, plan, accepted.runnable.precision, "plain", loader)
    return runnable.gradient(accepted.points[number], accepted.differentiated, directions_at(accepted, number))


def flows(accepted: Accepted, recorded: dict[str, Any]) -> bool:
    """Whether any gradient reaches a prediction: else nothing can be cut on purpose beside it."""
    found = recorded.get("gradients", {})
    return any(found[name]["norm"] for name in accepted.predictions if name in found)


def uncut_gradient(accepted: Accepted, number: int, loader: Loader) -> dict[str, Any]:
    """The gradient with every explicit cut taken out, in the slice and in what it calls."""
    with loader.backend.uncut():
        runnable = load(accepted, loader.request["original"], accepted.runnable.precision, "uncut", loader)
        return runnable.gradient(accepted.points[number], accepted.differentiated, directions_at(accepted, number))


def touching_gradient(accepted: Accepted, plan: dict[str, Any], loader: Loader) -> dict[str, Any]:
    """The gradient where some predictions equal their target: there a root has none."""
    point = touching(accepted.points[0], accepted.predictions)
    precision = accepted.runnable.precision
    return tried(lambda: load(accepted, plan, precision, "plain", loader).gradient(point, accepted.predictions))


def edges_of(accepted: Accepted) -> Iterator[tuple[str, Point]]:
    yield from edges(accepted.points[0], accepted.predictions)
    if accepted.first:
        owned = tuple(one for one in accepted.points[0] if one.owned)
        arguments = accepted.scenario["arguments"]
        yield from (
            (words, point + owned) for words, point in further_edges(arguments, tuple(given(accepted.points[0])))
        )


def in_the_hundreds(accepted: Accepted, plan: dict[str, Any], mode: str, loader: Loader) -> list[dict[str, Any]] | None:
    """The value in single precision for inputs as large as they may get in a training that goes wrong."""
    if not accepted.first:
        return None
    try:
        return value_or_none(load(accepted, plan, "single", mode, loader), in_hundreds(accepted.points[0]))
    except (Exception, SystemExit):
        return None


def without_gradients(accepted: Accepted) -> dict[str, Any]:
    """The arguments that the original changes in place, and whether it runs where no gradient is recorded."""
    found = tried(lambda: accepted.runnable.value_watched(accepted.points[0]))
    return {"changed": list(found.get("changed", [])), "runs_unrecorded": "error" not in found}


def halves(accepted: Accepted, plan: dict[str, Any], mode: str, loader: Loader) -> dict[str, dict[str, Any]]:
    """The value in half precision, where the scenario is looked at in full."""
    if not accepted.first or has_its_own_type(accepted, loader):
        return {}
    return {one: tried(lambda one=one: half(accepted, plan, one, mode, loader)) for one in HALVES}  # type: ignore[misc]


def has_its_own_type(accepted: Accepted, loader: Loader) -> bool:
    """Whether a loss has parameters of its own, where the framework never promotes: it runs in their precision only."""
    return bool(loader.backend.checks_graph) and any(one.owned for one in accepted.points[0])


def half(accepted: Accepted, plan: dict[str, Any], precision: str, mode: str, loader: Loader) -> dict[str, Any]:
    return {"value": sent(load(accepted, plan, precision, mode, loader).value(accepted.points[0]))}


def device(accepted: Accepted, plan: dict[str, Any], loader: Loader) -> str | None:
    """What is raised when all that is given counts as on another device than the CPU; None where nothing is."""
    if not (loader.backend.checks_device and loader.request["device_matters"] and accepted.first):
        return None
    try:
        load(accepted, plan, "single", "plain", loader).other_device(accepted.points[0])
    except (Exception, SystemExit) as error:
        return told(error)
    return None


def compiles(accepted: Accepted, loader: Loader) -> bool:
    """Whether the original runs in a graph; asked only where a patch need not if it does not."""
    if not (loader.request.get("only_eager") and loader.backend.checks_graph and accepted.first):
        return True
    return "error" not in tried(lambda: graph(accepted, loader.request["original"], loader))


def graph(accepted: Accepted, plan: dict[str, Any], loader: Loader) -> dict[str, Any]:
    """In the precision of use: AutoGraph reads the source again, where casts are as written."""
    precision = "double" if accepted.runnable.precision == "double" else "single"
    runnable = load(accepted, plan, precision, "plain", loader)
    return {"precision": precision, "points": runnable.graph(list(accepted.points), accepted.predictions)}


def tried(action: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return action()
    except (Exception, SystemExit) as error:
        return {"error": told(error)}


def value_or_none(runnable: Runnable, point: Point) -> list[dict[str, Any]] | None:
    try:
        value = runnable.value(point)
    except (Exception, SystemExit):
        return None
    return sent(value) if finite(value) else None


def is_random(accepted: Accepted) -> bool:
    """Whether the value moves with the seed alone: a traced function then draws other numbers than an eager one."""
    first, second = (total(accepted.runnable.value(accepted.points[0], seed)) for seed in (1, 2))
    return first != second
