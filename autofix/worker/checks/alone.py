"""Run again, and where no gradient is recorded, the candidate has the same value and leaves its arguments alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TypedDict

from ..numerics import difference_in_words, value_tolerance
from ..records import Run
from ..subject import Subject, tried
from .base import Check, Failure, Pair


class Again(TypedDict):
    """A candidate run again behind all other runs, as it is and where no gradient is recorded."""

    repeated: Run
    unrecorded: Run


def original(subject: Subject) -> Run:
    return tried(lambda: subject.accepted.runnable.value_unrecorded(subject.accepted.points[0]))


def candidate(subject: Subject, pair: Pair, before: Run) -> Again:
    runnable = subject.load()
    unrecorded = tried(lambda: runnable.value_unrecorded(subject.accepted.points[0]))
    return {"unrecorded": unrecorded, "repeated": tried(partial(subject.gradient, 0))}


def judge(pair: Pair, before: Run, after: Again) -> Iterator[Failure]:
    tolerance, absolute = value_tolerance(pair.original)
    wanted = pair.points[0]["value"]
    runs = {"when it is run again": after["repeated"]}
    if "error" not in before:
        runs["where no gradient is recorded"] = after["unrecorded"]
    for when, run in runs.items():
        reason: str | None = f"the rewrite fails {when}: {run['error']}" if "error" in run else None
        if reason is None:
            what = f"the value differs {when}"
            reason = difference_in_words(what, wanted, run["value"], tolerance, absolute)
        if reason is not None:
            yield Failure(reason)
            return
    if "error" not in before:
        extra = [name for name in after["unrecorded"]["changed"] if name not in before["changed"]]
        if extra:
            yield Failure(f"the rewrite changes {extra[0]} in place")


ALONE = Check("alone", original, candidate, judge, is_last=True)
