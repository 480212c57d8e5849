"""What a check of the verifier is: what the worker measures of each side, and how the host judges it.

The worker measures the original, then each candidate with the answer of the original at hand; both answers travel as
JSON, and the host judges them together. Measuring decides nothing, judging runs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from ..records import OriginalReport, Run
from ..subject import Subject

GRAPH, EXTREMES, TYPES = "tf.function", "extremes", "types"
"""Conditions of use, beside the names of the half precisions."""


Before = TypeVar("Before")
After = TypeVar("After")


@dataclass(frozen=True)
class Failure:
    """Why a candidate is no fix: in words, and where it fails under a `condition` only, the `limit` that this is."""

    reason: str
    condition: str = ""
    limit: str = ""

    def rejects(self, met: Iterable[str]) -> bool:
        """Does a program reject it that brings these conditions about?"""
        return not self.limit or self.condition in met


@dataclass(frozen=True)
class Pair:
    """Both sides on one scenario: the original, the candidate at its points, and its answers to checks until now."""

    original: OriginalReport
    points: list[Run]
    measured: Mapping[str, object]

    @property
    def text(self) -> str:
        """The inputs in words, as they stand behind a reason."""
        return f" ({self.original['text']})"

    def answer(self, check: Check[Before, After]) -> After:
        """What was measured of the candidate for a check; raises KeyError where that was not asked."""
        return cast(After, self.measured[check.name])


@dataclass(frozen=True)
class Check(Generic[Before, After]):
    """One check. `Before` is what is measured of the original, `After` of a candidate: anything that JSON can hold.

    `of_steps` says that it is asked of a training step too, of which nothing is measured but its points; `is_last` that
    it is measured behind all the others, so that what those leave behind shows. The order in which checks are judged is
    that of `CHECKS`.
    """

    name: str
    original: Callable[[Subject], Before]
    candidate: Callable[[Subject, Pair, Before], After]
    judge: Callable[[Pair, Before, After], Iterator[Failure]]
    of_steps: bool = False
    is_last: bool = False

    def judged(self, pair: Pair) -> Iterator[Failure]:
        """Yield how a candidate fails; the answers of both sides may be anything, where user code has forged them."""
        return self.judge(pair, cast(Before, pair.original["measured"][self.name]), pair.answer(self))


AnyCheck = Check[Any, Any]


def nothing(*_: object) -> None:
    """For a check that needs no more than the points."""
