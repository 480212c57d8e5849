"""Inside a compiled function, traced once with an unknown batch size, the candidate gives what it gives eagerly.

Where neither it nor the original does, and it is known that nothing compiles the loss, that is a limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

from ..draw import together
from ..numerics import ABSOLUTE_SINGLE, SLOPE_IN_GRAPH, VALUE_COARSE, difference_in_words, slope_difference
from ..protocol import in_one_line
from ..records import Run
from ..subject import Subject
from .base import GRAPH as CONDITION
from .base import Check, Failure, Pair
from .single import SINGLE

LIMIT = "fails inside tf.function, where the original fails too"


class Traced(TypedDict):
    """A candidate at each point inside the graph, in one precision; or the `error` that it raised."""

    precision: str
    points: list[Run]
    error: str


def original(subject: Subject) -> bool:
    """Whether the original runs in a graph; asked only where a candidate need not if it does not."""
    asked = subject.loader.request["only_eager"] and is_asked(subject)
    return not (asked and traced(subject)["error"])


def is_asked(subject: Subject) -> bool:
    return bool(subject.loader.backend.checks_graph and subject.accepted.first)


def candidate(subject: Subject, pair: Pair, before: bool) -> Traced | None:
    return traced(subject) if is_asked(subject) else None


def traced(subject: Subject) -> Traced:
    """In the precision of use: AutoGraph reads the source again, where casts are as written."""
    accepted = subject.accepted
    precision = "double" if accepted.runnable.precision == "double" else "single"
    try:
        points = subject.load(precision, "plain").graph(list(accepted.points), accepted.predictions)
    except (Exception, SystemExit) as raised:
        return {"precision": precision, "points": [], "error": in_one_line(raised)}
    return {"precision": precision, "points": points, "error": ""}


def judge(pair: Pair, before: bool, after: Traced | None) -> Iterator[Failure]:
    reason = None if after is None else difference(pair, after)
    if reason is not None:
        yield Failure(reason) if before else Failure(reason, CONDITION, LIMIT)


def difference(pair: Pair, traced: Traced) -> str | None:
    """How a candidate differs inside the graph."""
    if traced["error"]:
        return f"fails inside tf.function: {traced['error']}"
    if pair.original["random"]:
        return None
    runs = pair.points if traced["precision"] == "double" else pair.answer(SINGLE)["points"]
    for eager, inside in together(runs, traced["points"]):
        what = "the value differs inside tf.function"
        reason = difference_in_words(what, eager["value"], inside["value"], VALUE_COARSE, ABSOLUTE_SINGLE)
        if reason is not None:
            return f"{reason}{pair.text}"
        for name in pair.original["predictions"]:
            gradient, taped = inside["gradients"][name], eager["gradients"][name]
            if (gradient["norm"] is None) != (taped["norm"] is None):
                return f"no gradient reaches {name} inside tf.function"
            count = len(gradient["slopes"])
            if count and slope_difference(taped["slopes"][:count], gradient["slopes"]) > SLOPE_IN_GRAPH:
                return f"the gradient of {name} differs inside tf.function"
    return None


GRAPH = Check("graph", original, candidate, judge)
