"""Run the original and its candidates on the same inputs and report what came out, as numbers; judge nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from .draw import Argument, Array, Point, describe
from .load import LoadedModule, Plan
from .measure import COARSE_STEP, FINE_STEP, TINY_STEP, Runnable, sent
from .numbers import finite, total
from .oracle import bridge_namespace
from .search import Accepted, Search, search, told

SEEDS = (0, 1)
NOISE_OF_VALUE = 1e-9
NOISE_OF_SLOPE = 1e-3

Send = Callable[[dict[str, Any]], None]
How = tuple[Plan, str, str, int]


def compare(request: dict[str, Any], backend: Any, send: Send) -> None:
    """Report the original, then each candidate in turn; the host ends the process when it has seen enough."""
    loader = Loader(request, backend)
    found = search(request["scenarios"], lambda *how: loader.load(request["original"], *how), request["precisions"])
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
        "unavailable": list(dict.fromkeys(found.unavailable))[:3],
        "refusals": list(dict.fromkeys(found.refusals))[:3],
    }


class Loader:
    """Loads each module once for every way of running it."""

    def __init__(self, request: dict[str, Any], backend: Any) -> None:
        self.request = request
        self.backend = backend
        self.loaded: dict[tuple[int, str, str, int], Runnable | Exception] = {}

    def load(self, plan: Plan, precision: str, mode: str, choice: int) -> Runnable:
        key = (id(plan), precision, mode, choice)
        if key not in self.loaded:
            try:
                self.loaded[key] = self.load_anew(plan, precision, mode, choice)
            except Exception as error:
                self.loaded[key] = error
        found = self.loaded[key]
        if isinstance(found, Exception):
            raise found
        return found

    def load_anew(self, plan: Plan, precision: str, mode: str, choice: int) -> Runnable:
        self.backend.precision(precision)
        module = LoadedModule(plan, self.backend.module_base, self.backend.reseed)
        if mode in ("arrays", "tensors"):
            bridge_namespace(module.namespace, self.backend, mode)
        return Runnable(module.loss(choice), self.backend, precision, mode == "inputs")


def measure_original(accepted: Accepted, loader: Loader) -> dict[str, Any]:
    coarse = accepted.runnable.precision == "single" or is_rough(accepted)
    return {
        "text": describe(accepted.point(0)),
        "mode": accepted.mode,
        "precision": accepted.runnable.precision,
        "coarse": coarse,
        "random": is_random(accepted),
        "step": COARSE_STEP if coarse else FINE_STEP,
        "differentiated": list(accepted.differentiated),
        "points": [original_at(accepted, accepted.point(seed), coarse, loader) for seed in SEEDS],
        "edges": [value_or_none(accepted.runnable, point) for point in edges(accepted)],
    }


def original_at(accepted: Accepted, point: Point, coarse: bool, loader: Loader) -> dict[str, Any]:
    runnable, names = accepted.runnable, accepted.differentiated
    step = COARSE_STEP if coarse else FINE_STEP
    plain = loader.request["original"], runnable.precision, "plain", accepted.choice
    return {
        "value": sent(runnable.value(point)),
        "center": total(runnable.value(point)),
        "differences": {name: runnable.differences(point, name, step) for name in names},
        "tiny": {name: runnable.differences(point, name, TINY_STEP) for name in names} if coarse else {},
        "gradient": tried(lambda: loader.load(*plain).gradient(point, names)),
        "single": tried(lambda: single_value(accepted, loader.request["original"], accepted.mode, point, loader)),
    }


def single_value(accepted: Accepted, plan: Plan, mode: str, point: Point, loader: Loader) -> dict[str, Any]:
    return {"value": sent(loader.load(plan, "single", mode, accepted.choice).value(point))}


def gradient_at(how: How, point: Point, names: tuple[str, ...], loader: Loader) -> dict[str, Any]:
    return loader.load(*how).gradient(point, names)


def measure_candidate(accepted: Accepted, plan: Plan, loader: Loader) -> dict[str, Any]:
    names = accepted.differentiated
    how = plan, accepted.runnable.precision, "plain", accepted.choice
    points = [accepted.point(seed) for seed in SEEDS]
    report: dict[str, Any] = {
        "points": [tried(partial(gradient_at, how, point, names, loader)) for point in points],
        "single": [tried(partial(single_value, accepted, plan, "plain", point, loader)) for point in points],
        "graph": None,
        "edges": [],
    }
    if any("error" in point for point in report["points"]):
        return report
    if loader.backend.checks_graph:
        report["graph"] = tried(lambda: loader.load(*how).gradient(points[0], names, graph=True))
    report["edges"] = [value_or_none(loader.load(*how), point) for point in edges(accepted)]
    return report


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


def edges(accepted: Accepted) -> list[Point]:
    """Predictions that equal their target, and zeros everywhere."""
    point = accepted.point(0)
    zeros = tuple(replaced(argument, [zero(array) for array in argument.arrays]) for argument in point)
    return [zeros, equal(point, accepted.differentiated)]


def equal(point: Point, names: tuple[str, ...]) -> Point:
    """Every tensor of floats made the first prediction, where the shapes agree."""
    first = next(argument for argument in point if argument.name == names[0])
    shapes = [array.shape for array in first.arrays]
    return tuple(
        replaced(argument, list(first.arrays))
        if argument.floating and [array.shape for array in argument.arrays] == shapes
        else argument
        for argument in point
    )


def zero(array: Array) -> Array:
    return array if array.integral else Array(array.shape, (0.0,) * len(array.values))


def replaced(argument: Argument, arrays: list[Array]) -> Argument:
    return Argument(argument.name, tuple(arrays), argument.listed, argument.plain)


def is_random(accepted: Accepted) -> bool:
    """Whether the value moves with the seed alone: a traced function then draws other numbers than an eager one."""
    first, second = (total(accepted.runnable.value(accepted.point(0), seed)) for seed in (1, 2))
    return first != second


def is_rough(accepted: Accepted) -> bool:
    """Whether the original's value carries the rounding of less than double precision, whatever type it has."""
    point = accepted.point(0)
    value = accepted.runnable.value(point)
    if value[0].bits < 64:
        return True
    center = total(value)
    rough = [
        abs(plus - 2 * center + minus) > NOISE_OF_VALUE * abs(center)
        and abs(plus - 2 * center + minus) > NOISE_OF_SLOPE * abs(plus - minus)
        for name in accepted.differentiated
        for minus, plus in accepted.runnable.differences(point, name, FINE_STEP)
    ]
    return 2 * sum(rough) > len(rough)
