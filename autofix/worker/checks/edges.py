"""Where the original is finite at an edge, the candidate is too, and has the same value.

What has no numbers at all is finite as well, but nobody trains on it: there a candidate may raise what the framework
raises (the Fourier transforms of PyTorch refuse an empty batch), though it may not give anything else. An overflow is a
limit, but where it comes so early that the numbers of a training may meet it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

from ..draw import Point, edges, further_edges, in_hundreds
from ..measure import passed
from ..numerics import MOST_FINE, VALUE_COARSE, VALUE_FINE, differ_little, difference_in_words, largest_of, leeway
from ..precision import spread
from ..records import Value
from ..search import Accepted
from ..subject import Subject, value_or_none
from .base import EXTREMES, Check, Failure, Pair

LARGE = "large inputs"
OVERFLOWS = "overflows for inputs in the thousands, where the original does not"
OVERFLOWS_SINGLE = "overflows in float32 for inputs in the hundreds, where the original does not"


class Edges(TypedDict):
    """Values at the edges by these in words, None where they raise or are not finite.

    `hundreds` is the value in single precision for inputs as large as they may get in a training that goes wrong.
    """

    values: dict[str, Value | None]
    hundreds: Value | None


class EdgesOfCandidate(Edges):
    """And how far rounding moves the original at the edges where the candidate differs a little."""

    spread: dict[str, float]


def edges_of(accepted: Accepted) -> Iterator[tuple[str, Point]]:
    """Yield the edges of a scenario in words, with the point of each."""
    yield from edges(accepted.points[0], accepted.predictions)
    if accepted.first:
        owned = tuple(one for one in accepted.points[0] if one.owned)
        arguments = accepted.scenario["arguments"]
        for edge, point in further_edges(arguments, tuple(passed(accepted.points[0]))):
            yield edge, point + owned


def original(subject: Subject) -> Edges:
    runnable = subject.load()
    values = {edge: value_or_none(runnable, point) for edge, point in edges_of(subject.accepted)}
    return {"values": values, "hundreds": in_the_hundreds(subject)}


def in_the_hundreds(subject: Subject) -> Value | None:
    if not subject.accepted.first:
        return None
    try:
        return value_or_none(subject.load("single"), in_hundreds(subject.accepted.points[0]))
    except (Exception, SystemExit):
        return None


def candidate(subject: Subject, pair: Pair, before: Edges) -> EdgesOfCandidate:
    found = original(subject)
    return {**found, "spread": {} if subject.accepted.rough else spreads(subject.accepted, before, found)}


def spreads(accepted: Accepted, before: Edges, after: Edges) -> dict[str, float]:
    return {
        edge: spread(accepted.runnable, point)
        for edge, point in edges_of(accepted)
        if (wanted := before["values"][edge]) and (have := after["values"][edge])
        and differ_little(wanted, have, VALUE_FINE)
    }  # fmt: skip


def run_again(subject: Subject, before: Edges, after: Edges) -> None:
    """Run a candidate at the edges where both sides have a value, for somebody who watches it."""
    runnable = subject.load()
    for edge, point in edges_of(subject.accepted):
        if before["values"][edge] is not None and after["values"][edge] is not None:
            value_or_none(runnable, point)


def judge(pair: Pair, before: Edges, after: EdgesOfCandidate) -> Iterator[Failure]:
    overflows = before["hundreds"] is not None and after["hundreds"] is None
    tolerance = VALUE_COARSE if pair.original["coarse"] else VALUE_FINE
    scale = largest_of(pair.original["points"][0]["value"])
    for edge, wanted in before["values"].items():
        value = after["values"][edge]
        if wanted is None or (value is None and not any(leaf["values"] for leaf in wanted)):
            continue
        if value is None:
            limit = OVERFLOWS if edge == LARGE and not overflows else ""
            reason = f"with {edge} the rewrite fails or is not finite, but the original is finite"
            yield Failure(reason, EXTREMES, limit)
            continue
        allowed = tolerance + leeway(after["spread"].get(edge), MOST_FINE)
        if differs := difference_in_words(f"the value differs with {edge}", wanted, value, allowed, tolerance, scale):
            yield Failure(differs)
    if overflows:
        yield Failure(f"the rewrite {OVERFLOWS_SINGLE}", EXTREMES, OVERFLOWS_SINGLE)


EDGES = Check("edges", original, candidate, judge)
