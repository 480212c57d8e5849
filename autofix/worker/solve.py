"""Look for the shapes on which a loss runs, where none of the likely ones is right: the original says how near one is.

Each try changes one argument of a scenario: a length, an axis more or less, labels for floats. The further the original
comes before it raises, the nearer the scenario is; the lengths to try are those that its errors name, and those that
are tried already.
"""

from __future__ import annotations

import heapq
import re
import time
from collections import Counter
from itertools import count as counting
from typing import Any, Callable, Iterator

from .records import Arguments, Scenario, Specification
from .shrink import count

MOST_TRIED = 2000
MOST_SECONDS = 1.5
MOST_STARTS = 6
MOST_NUMBERS = 4096
"""Of more numbers the distances between all pairs do not fit in memory any more."""
LARGEST_LENGTH = 128
MOST_AXES = 5
_NUMBER = re.compile(r"\d+")
_SHAPE = re.compile(r"[(\[]\d+(?:, ?\d+)*,?[)\]]")
_USUAL_LENGTHS = (3, 4)
"""Lengths that are tried in any case: small ones, and unequal."""

Try = Callable[[Scenario], "tuple[int, str]"]
"""How far a scenario comes, and what it fails with; an empty text for one that is right."""


def solved(scenarios: list[Scenario], run: Try) -> Scenario | None:
    """A scenario that runs, made from the likeliest by as few changes as can be found; None where there is none.

    Those that come further than others are gone on with first, and of these the ones whose error is a new one.
    """
    order, seen, lengths = counting(), set(), {*_USUAL_LENGTHS}
    times: Counter[tuple[int, str]] = Counter()
    waiting = [(0, 0, 0, next(order), scenario) for scenario in scenarios[:MOST_STARTS]]
    until = time.monotonic() + MOST_SECONDS
    for _ in range(MOST_TRIED):
        if not waiting or time.monotonic() > until:
            return None
        _, _, changes, _, scenario = heapq.heappop(waiting)
        reached, error = run(scenario)
        if not error:
            return scenario
        numbers = map(int, _NUMBER.findall(error))
        lengths.update(each for each in numbers if 1 < each <= LARGEST_LENGTH)
        kind = (reached, _NUMBER.sub("", error))
        times[kind] += 1
        for changed in neighbours(scenario, shapes_in(error), sorted(lengths | lengths_in([scenario]))):
            key = looks_of(changed["arguments"])
            if key not in seen:
                seen.add(key)
                heapq.heappush(waiting, (-reached, times[kind], changes + 1, next(order), changed))
    return None


def lengths_in(scenarios: list[Scenario]) -> set[int]:
    """The lengths that arguments have in some scenario."""
    shapes = (one["shape"] for each in scenarios for one in each["arguments"].values() if "shape" in one)
    return {length for shape in shapes for length in shape if length > 1}


def looks_of(arguments: Arguments) -> Any:
    return tuple((name, one["kind"], tuple(one.get("shape", ()))) for name, one in arguments.items())


def shapes_in(error: str) -> list[list[int]]:
    """The shapes that an error speaks of: `(8, 17, 3)`, `[8, 17]`."""
    found = (list(map(int, _NUMBER.findall(each))) for each in _SHAPE.findall(error))
    return [each for each in found if 0 < len(each) <= MOST_AXES]


def neighbours(scenario: Scenario, said: list[list[int]], lengths: list[int]) -> Iterator[Scenario]:
    """The scenario with one argument, or all that look alike, changed in one way; first to the shapes that were said.

    Each axis may get one of the `lengths`.
    """
    arguments = scenario["arguments"]
    free = {name: one for name, one in arguments.items() if "shape" in one and not one.get("stated")}
    groups = [list(free)] if len({tuple(one["shape"]) for one in free.values()}) == 1 and len(free) > 1 else []
    groups += [[name] for name in free]
    for name in free:
        for shape in [*said, *(one["shape"] for one in free.values())]:
            if list(shape) != list(free[name]["shape"]):
                like: Arguments = {name: {**free[name], "shape": shape}}
                yield {**scenario, "arguments": {**arguments, **like}}
    for group in groups:
        for changed in changes(free[group[0]], lengths):
            new: Arguments = {name: {**free[name], **changed} for name in group}
            yield {**scenario, "arguments": {**arguments, **new}}


def changes(one: Specification, lengths: list[int]) -> Iterator[Specification]:
    shape = list(one["shape"])
    for new in shapes_near(shape, lengths):
        changed: Specification = {"shape": new}
        if count(changed) <= MOST_NUMBERS:
            yield changed
    if one["kind"] != "labels":
        yield {"kind": "labels", "classes": 2}
        yield {"kind": "bool"}
    else:
        yield {"kind": "normal"}


def shapes_near(shape: list[int], lengths: list[int]) -> Iterator[list[int]]:
    """An axis less, an axis of another length, an axis more."""
    if shape:
        yield shape[:-1]
        yield shape[1:]
    for at in reversed(range(len(shape))):
        for length in lengths:
            if length != shape[at]:
                yield [*shape[:at], length, *shape[at + 1 :]]
    if len(shape) < MOST_AXES:
        for length in lengths:
            yield [*shape, length]
            yield [length, *shape]
        yield [*shape, 1]
