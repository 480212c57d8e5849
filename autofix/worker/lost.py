"""Take a loaded original or candidate whose numbers show a lost gradient; give the places where it is lost.

It is run again for this. A place is an expression of the program that takes a value with a gradient and gives one
without. What it gives is marked with it, and so is everything that is computed from that: the marks of a differentiated
value are the places at which its gradient was lost. Through numbers and arrays no marks pass; a tensor that is made of
such counts as made of every number and array that was taken before (`escaped`). The host decides what is at fault.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Sequence
from functools import partial
from typing import Any

from .draw import Point, direction, draw_point, moved, together
from .load import LoadedModule, Loader, lines_noted
from .measure import Runnable, arrays_of, recorded_of, wanted_of
from .numerics import (
    MOVE_COARSE,
    MOVE_FINE,
    PLACE_COARSE,
    PLACE_FINE,
    SEVERED_COARSE,
    SEVERED_FINE,
    TRACED_VALUE,
    difference_at_steps,
    gradient_of,
    leaves,
    total,
)
from .provenance import Listening, Met, Recorder, imported_in, is_foreign, lost_places, project_namespaces, user_frames
from .records import CandidateScenario, LostPlaces, OriginalReport, Plan, Run
from .search import Accepted

NONE: frozenset[int] = frozenset()
MOST_PLACES = 200


class Trail:
    """The places of one run, by their numbers in the order in which they were met, and the marks of values."""

    def __init__(self) -> None:
        self.met: list[Met] = []
        self.known: dict[Any, int] = {}
        self.marks: dict[int, Any] = {}
        self.escaped: frozenset[int] = NONE

    def here(self, code: str, explicit: bool) -> frozenset[int]:
        """The place where the program is, as a mark."""
        key = (*instruction(), code)
        if key not in self.known:
            frames = user_frames() if len(self.met) < MOST_PLACES else []
            if not frames:
                return NONE
            self.known[key] = len(self.met)
            self.met.append(Met(frames, code, explicit))
        return frozenset({self.known[key]})

    def mark(self, value: Any, marks: frozenset[int]) -> None:
        """Mark a value for as long as it lives."""
        key, kept = id(value), self.marks
        self.marks[key] = (weakref.ref(value, lambda _: kept.pop(key, None)), marks)

    def of(self, value: Any) -> frozenset[int]:
        """The marks of a value."""
        reference, marks = self.marks.get(id(value), (None, NONE))
        return marks if reference is not None and reference() is value else NONE


def instruction() -> tuple[Any, int]:
    """The program's own instruction that runs: its code, and where in it."""
    frame: Any = sys._getframe(1)
    while frame is not None and is_foreign(frame.f_code.co_filename):
        frame = frame.f_back
    return (None, 0) if frame is None else (frame.f_code, frame.f_lasti)


def report_lost(accepted: Accepted, plan: Plan, loader: Loader, is_flat: bool = False) -> LostPlaces:
    """The places, and the lines of the module that were run on the way; neither where the loss runs otherwise then."""
    wanted = total(accepted.runnable.value(accepted.points[0]))
    for mode in ways(accepted.mode, loader.backend.array_ways):
        try:
            traced = Traced(accepted, plan, mode, loader)
            places = lost_places(partial(traced.run, is_flat=is_flat), traced.recorder, traced.noise)
        except (Exception, SystemExit):
            continue
        if abs(traced.center - wanted) <= TRACED_VALUE * abs(wanted):
            return {"places": [one.record() for one in places], "lines": sorted(traced.lines), "name": plan["name"]}
    return {"places": [], "lines": [], "name": plan["name"]}


def ways(mode: str, otherwise: Sequence[str]) -> Sequence[str]:
    """How NumPy is to be given tensors: as the oracle was, else as they are taken where no gradient is recorded."""
    if mode == "inputs":
        return ()
    if mode != "plain":
        return (mode,)
    return otherwise


class Traced:
    """One loss, loaded so that NumPy tells of the tensors that it is given."""

    def __init__(self, accepted: Accepted, plan: Plan, mode: str, loader: Loader) -> None:
        self.accepted, self.name = accepted, plan["name"]
        self.backend = backend = loader.backend
        self.noise = PLACE_COARSE if accepted.rough else PLACE_FINE
        self.recorder = Recorder(backend)
        listening = Listening(self.recorder, mode == "tensors")
        self.lines: set[int] = set()
        self.center = float("nan")
        precision = accepted.runnable.precision
        backend.precision(precision)
        wide_with = backend if precision == "wide" else None
        standins, way = loader.standins_for(plan, accepted.choice)
        module = LoadedModule(plan, backend.module_base, backend.reseed, wide_with, listening.imported, standins)
        imported = imported_in([module.namespace, *project_namespaces()])
        self.listening = partial(listening.in_place_of, imported)
        with self.listening():
            loss = module.loss(way)
        self.runnable = Runnable(
            loss, backend, precision, parameters=accepted.runnable.parameters, standins=standins.standins
        )

    def run(self, is_moved: bool, is_flat: bool) -> float:
        """The value of the loss at its first point, or at one a little away; far away where it is flat."""
        point = self.elsewhere(is_flat) if is_moved else self.accepted.points[0]
        names = self.accepted.differentiated
        self.runnable.ready(point)
        parameters = list(self.runnable.parameters.values())
        call = self.runnable.call(point)

        values: list[float] = []

        def traced(tensors: list[Any]) -> None:
            """Gives no loss: nobody asks for the gradient."""
            with self.backend.tracing(self.recorder, [*tensors, *parameters]), lines_noted(self.name, self.lines):
                result = call(tensors)
            values.append(total(leaves(result, self.backend)))

        with self.listening():
            self.backend.differentiate(
                traced, arrays_of(point), wanted_of(point, names), self.runnable.precision, parameters,
                recorded_of(point),
            )  # fmt: skip
        value = values[0]
        if not is_moved and not self.recorder.exchanged:
            self.center = value
        return value

    def elsewhere(self, is_flat: bool) -> Point:
        point, names = self.accepted.points[0], self.accepted.differentiated
        if is_flat:
            other = {one.name: one for one in draw_point(self.accepted.scenario["arguments"], 1)}
            return tuple(other.get(one.name, one) if one.name in names else one for one in point)
        for name in names:
            argument = next(one for one in point if one.name == name)
            point = moved(point, name, direction(argument, 0), MOVE_COARSE if self.accepted.rough else MOVE_FINE)
        return point


def is_flat(scenario: OriginalReport) -> bool:
    """Whether no small step moves the value, and no gradient is given all the same."""
    points = scenario["points"]
    pairs = [pair for point in points for name in scenario["predictions"] for pair in point["differences"][name]]
    return all(minus == plus for minus, plus in pairs) and not flows(scenario)


def is_severed(scenario: OriginalReport) -> bool:
    """Whether the gradient of the original is not that of its value, and not because a part is cut on purpose."""
    points = scenario["points"]
    recorded, uncut = [point["gradient"] for point in points], [point["uncut"] for point in points]
    return not (agrees(scenario, recorded) or (flows(scenario) and agrees(scenario, uncut)))


def fails(scenario: OriginalReport, candidate: CandidateScenario) -> bool:
    """Whether a candidate runs into an error, or has another gradient than the value of the original."""
    return not agrees(scenario, candidate["points"])


def flows(scenario: OriginalReport) -> bool:
    """Whether any gradient is given at some point."""
    gradients = [one for point in scenario["points"] for one in point["gradient"].get("gradients", {}).values()]
    return any(one["norm"] for one in gradients)


def agrees(scenario: OriginalReport, runs: Sequence[Run | None]) -> bool:
    """Whether the gradients at the points are those of the value, for everything that is differentiated by."""
    tolerance = SEVERED_COARSE if scenario["coarse"] else SEVERED_FINE
    for point, run in together(scenario["points"], runs):
        if run is None or "gradients" not in run:
            return False
        for name in scenario["differentiated"]:
            slopes = gradient_of(run["gradients"], name)["slopes"] or [0.0] * len(point["differences"][name])
            if difference_at_steps(point, name, slopes, scenario["step"]) > tolerance:
                return False
    return True
