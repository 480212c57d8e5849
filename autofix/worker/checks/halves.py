"""In half precision the candidate runs where the original does, and is about as accurate.

What only this machine has no operation for may well run on another one: that never rejects.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ..numerics import HALF_ACCURACY, HALF_SLACK, is_finite, largest_of
from ..protocol import shortened
from ..records import Run, Value
from ..subject import Subject, tried
from .base import Check, Failure, Pair

NO_KERNEL = (
    "not implemented for", "must be either float or double", "not supported for", "unsupported dtype",
    "requires tf.float32 or tf.float64", "is not in the list of allowed values: float, double",
)  # fmt: skip
LONGEST = 100


def values(subject: Subject, *_: object) -> dict[str, Run]:
    """The value in each half precision, where the scenario is looked at in full."""
    if not subject.accepted.first or has_its_own_type(subject):
        return {}
    return {precision: tried(partial(value_in, subject, precision)) for precision in HALF_ACCURACY}


def has_its_own_type(subject: Subject) -> bool:
    """Whether a loss has parameters of its own, where the framework never promotes: it runs in their precision only."""
    return bool(subject.loader.backend.checks_graph) and any(one.owned for one in subject.accepted.points[0])


def value_in(subject: Subject, precision: str) -> Run:
    value = subject.load(precision).value(subject.accepted.points[0])
    return {"value": [leaf.record() for leaf in value]}


def judge(pair: Pair, before: dict[str, Run], after: dict[str, Run]) -> Iterator[Failure]:
    exact = pair.original["points"][0]["value"]
    for precision, wanted in before.items():
        if "error" in wanted or not is_finite(wanted["value"]):
            continue
        run = after[precision]
        if "error" in run:
            yield failure_of(precision, run["error"])
        elif not is_finite(run["value"]):
            limit = f"not finite in {precision}, where the original is"
            yield Failure(f"the rewrite is not finite in {precision}, but the original is", precision, limit)
        elif error_of(run["value"], exact) > most_error(wanted["value"], exact, precision):
            reason = f"less accurate in {precision} than the original"
            yield Failure(f"the rewrite is {reason}", precision, reason)


def failure_of(precision: str, error: str) -> Failure:
    has_kernel = not any(phrase in error.lower() for phrase in NO_KERNEL)
    limit = f"fails in {precision}{'' if has_kernel else ' on the CPU'} ({shortened(error, LONGEST)})"
    return Failure(f"the rewrite fails in {precision}: {error}", precision if has_kernel else "", limit)


def most_error(wanted: Value, exact: Value, precision: str) -> float:
    """How inaccurate a candidate may be where the original has this value."""
    return HALF_SLACK * error_of(wanted, exact) + HALF_ACCURACY[precision]


def error_of(value: Value, exact: Value) -> float:
    """How far numbers are from exact ones, relative to the largest."""
    pairs = [(a, b) for one, two in zip(value, exact) for a, b in zip(one["values"], two["values"])]
    return max((abs(a - b) for a, b in pairs), default=0.0) / max(largest_of(exact), 1e-300)


HALVES = Check("halves", values, values, judge)
