"""What speaks against a candidate: a failure that rejects it, or one that is no more than a limit of its fix.

A limit is a condition that the program of the loss does not bring about itself: half precision where it runs in single,
tf.function where it compiles nothing, inputs that are out of all proportion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from autofix.verify.differences import Report

GRAPH, EXTREMES, TYPES = "tf.function", "extremes", "types"


@dataclass(frozen=True)
class Failure:
    """Why a candidate is no fix: in words, and where it fails under a `condition` only, the `limit` that this is."""

    reason: str
    condition: str = ""
    limit: str = ""

    def rejects(self, met: Iterable[str]) -> bool:
        """Does a program reject it that brings these conditions about?"""
        return not self.limit or self.condition in met


Check = Callable[[Report, Report], "str | Iterable[Failure] | None"]


def failures(check: Check, scenario: Report, report: Report) -> Iterator[Failure]:
    """Yield what a check finds; a mere reason rejects."""
    found = check(scenario, report)
    if isinstance(found, str):
        yield Failure(found)
    elif found is not None:
        yield from found
