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
from itertools import islice
from typing import Any, Callable, Iterator, Tuple

from .draw import size
from .records import Arguments, Scenario, Specification

MOST_TRIED = 2000
MOST_SECONDS = 1.5
"""Of the processor: however busy the machine is, the same is found."""
MOST_STARTS = 6
MOST_NUMBERS = 8192
"""Of more numbers the distances between all pairs do not fit in memory any more."""
LARGEST_LENGTH = 128
MOST_AXES = 5
MOST_MERGED = 16
LEAST_TRIED = 120
"""So many scenarios that all fail alike, in one place, show that the shapes are not what is wrong."""
_NUMBER = re.compile(r"\d+")
_SHAPE = re.compile(r"[(\[]\d+(?:, ?\d+)*,?[)\]]")
_USUAL_LENGTHS = (3, 4)
"""Lengths that are tried in any case: small ones, and unequal."""

Place = Tuple[str, int]
"""An argument by its name, and the number of its part; -1 for the whole."""
Try = Callable[[Scenario], "tuple[int, str]"]
"""How far a scenario comes, and what it fails with; an empty text for one that is right."""


def solved(scenarios: list[Scenario], run: Try) -> Scenario | None:
    """A scenario that runs, made from the likeliest by as few changes as can be found; None where there is none.

    Those that come further than others are gone on with first, and of these the ones whose error is a new one.
    """
    order, seen, lengths = counting(), set(), {*_USUAL_LENGTHS}
    times: Counter[tuple[int, str]] = Counter()
    # Neighbours are made one by one: of most scenarios few are ever asked for.
    waiting = [(0, 0, 0, next(order), iter(scenarios[:MOST_STARTS]))]
    until = time.process_time() + MOST_SECONDS
    tried = 0
    while waiting and tried < MOST_TRIED and time.process_time() < until:
        _, _, changes, _, others = waiting[0]
        unseen = ((each, new) for each in others if (new := looks_of(each["arguments"])) not in seen)
        scenario, looks = next(unseen, (None, None))
        if scenario is None:
            heapq.heappop(waiting)
            continue
        seen.add(looks)
        tried += 1
        reached, error = run(scenario)
        if not error:
            return with_plain_floats(scenario, run)
        numbers = map(int, _NUMBER.findall(error))
        lengths.update(each for each in numbers if 1 < each <= LARGEST_LENGTH)
        kind = (reached, _NUMBER.sub("", error))
        times[kind] += 1
        if times[kind] >= LEAST_TRIED and len(times) == 1:
            return None
        near = neighbours(scenario, shapes_in(error), sorted(lengths | lengths_in([scenario])))
        heapq.heappush(waiting, (-reached, times[kind], changes + 1, next(order), near))
    return None


def with_plain_floats(scenario: Scenario, run: Try) -> Scenario:
    """The scenario with floats for what became something else on the way and need not be."""
    for place, one in parts_of(scenario["arguments"]).items():
        if one["kind"] in ("bool", "labels"):
            floats = having(scenario, {place: {**one, "kind": "normal"}})
            scenario = scenario if run(floats)[1] else floats
    return scenario


def lengths_in(scenarios: list[Scenario]) -> set[int]:
    """The lengths that arguments have in some scenario."""
    shapes = (part["shape"] for each in scenarios for part in parts_of(each["arguments"]).values())
    return {length for shape in shapes for length in shape if length > 1}


def parts_of(arguments: Arguments) -> dict[Place, Specification]:
    """What has a shape that nobody has stated: arguments, and the parts of those that are lists or objects."""
    found: dict[Place, Specification] = {}
    for name, one in arguments.items():
        if one.get("stated") or one["kind"] == "model":
            continue
        if "shape" in one:
            found[name, -1] = one
        found.update({(name, at): each for at, each in enumerate(one.get("items", ())) if "shape" in each})
    return found


def having(scenario: Scenario, changed: dict[Place, Specification]) -> Scenario:
    """The scenario with some parts exchanged."""
    arguments = dict(scenario["arguments"])
    for (name, at), part in changed.items():
        items = arguments[name].get("items", [])
        whole: Specification = {**arguments[name], "items": [*items[:at], part, *items[at + 1 :]]}
        arguments[name] = part if at < 0 else whole
    return {**scenario, "arguments": arguments}


def looks_of(arguments: Arguments) -> Any:
    parts = {place: (one["kind"], tuple(one["shape"])) for place, one in parts_of(arguments).items()}
    return tuple(parts.items()), tuple(str(one.get("value")) for one in arguments.values())


def shapes_in(error: str) -> list[list[int]]:
    """The shapes that an error speaks of, `(8, 17, 3)`, and those that become one by a split of an axis: `(8, 51)`."""
    found = [list(map(int, _NUMBER.findall(each))) for each in _SHAPE.findall(error)]
    merged = [new for each in found for new in [each, *islice(merges(each), MOST_MERGED)]]
    return [each for each in merged if 0 < len(each) <= MOST_AXES]


def merges(shape: list[int]) -> Iterator[list[int]]:
    """The shapes in which neighbouring axes are one."""
    for axes in range(2, len(shape) + 1):
        for at in range(len(shape) - axes + 1):
            yield [*shape[:at], size(shape[at : at + axes]), *shape[at + axes :]]


def neighbours(scenario: Scenario, said: list[list[int]], lengths: list[int]) -> Iterator[Scenario]:
    """The scenario with one part, or all that look alike, changed in one way; first to the shapes that were said.

    Each axis may get one of the `lengths`.
    """
    free = parts_of(scenario["arguments"])
    groups = [list(free)] if len({tuple(one["shape"]) for one in free.values()}) == 1 and len(free) > 1 else []
    groups += [[place] for place in free]
    for place, one in free.items():
        for shape in [*said, *(list(other["shape"]) for other in free.values())]:
            if shape != list(one["shape"]) and size(shape) <= MOST_NUMBERS:
                yield having(scenario, {place: {**one, "shape": shape}})
    for group in groups:
        for changed in changes(free[group[0]], lengths):
            yield having(scenario, {place: {**free[place], **changed} for place in group})
    yield from with_plain_parts(scenario)


def with_plain_parts(scenario: Scenario) -> Iterator[Scenario]:
    """The scenario with one part of an object that is no tensor, but a number or a truth value."""
    for name, one in scenario["arguments"].items():
        for at, key in enumerate(one.get("keys", ()) if one.get("fields") else ()):
            items, keys = list(one["items"]), list(one["keys"])
            del items[at], keys[at]
            for plain in (0.5, True):
                value = {**(one.get("value") or {}), key: plain}
                part: Specification = {**one, "items": items, "keys": keys, "value": value}
                yield {**scenario, "arguments": {**scenario["arguments"], name: part}}


def changes(one: Specification, lengths: list[int]) -> Iterator[Specification]:
    for new in shapes_near(list(one["shape"]), lengths):
        if size(new) <= MOST_NUMBERS:
            yield {"shape": new}
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
        for length in [*lengths, 1]:
            if length != shape[at]:
                yield [*shape[:at], length, *shape[at + 1 :]]
    if len(shape) < MOST_AXES:
        for length in [*lengths, 1]:
            yield [*shape, length]
            yield [length, *shape]
