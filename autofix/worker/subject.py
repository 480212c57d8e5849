"""Runs of an original or a candidate on the scenario that was found for it: what a check of the verifier measures with.

Nothing is judged here. What a run raises, `SystemExit` included, is its `error`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .draw import Point
from .load import Loader
from .measure import DIRECTIONS, FEWER_DIRECTIONS, Runnable
from .numerics import finite
from .protocol import in_one_line
from .records import Plan, Run, Value
from .search import Accepted


@dataclass(frozen=True)
class Subject:
    """A text on one scenario; `mode` is how it is given its arguments (`oracle`), `plain` for every candidate."""

    accepted: Accepted
    plan: Plan
    mode: str
    loader: Loader

    def load(self, precision: str = "", mode: str = "") -> Runnable:
        """The loss in a precision and a mode; in those of the scenario where none is named."""
        precision = precision or self.accepted.runnable.precision
        return self.loader.load(self.plan, precision, mode or self.mode, self.accepted.choice)

    def gradient(self, number: int) -> Run:
        """Value and gradient at a point of the scenario, with nothing between the loss and its tensors."""
        accepted, runnable = self.accepted, self.load(mode="plain")
        return runnable.gradient(accepted.points[number], accepted.differentiated, directions_at(accepted, number))

    def single(self, number: int) -> Run:
        """The same in single precision."""
        return self.load("single", "plain").gradient(self.accepted.points[number], self.accepted.differentiated)


def original_of(accepted: Accepted, loader: Loader) -> Subject:
    """The original, in the way in which the search found it to run."""
    return Subject(accepted, loader.request["original"], accepted.mode, loader)


def candidate_of(accepted: Accepted, plan: Plan, loader: Loader) -> Subject:
    """A candidate: it takes the framework's own tensors."""
    return Subject(accepted, plan, "plain", loader)


def directions_at(accepted: Accepted, number: int) -> int:
    """Many directions once; in single precision always, where half of them may not be trusted."""
    return DIRECTIONS if accepted.rough or (accepted.first and number == 0) else FEWER_DIRECTIONS


def tried(action: Callable[[], Run]) -> Run:
    """What a run gives, or the error that it raises."""
    try:
        return action()
    except (Exception, SystemExit) as error:
        return {"error": in_one_line(error)}


def value_or_none(runnable: Runnable, point: Point) -> Value | None:
    """The value at a point; None where it raises, or is not finite."""
    try:
        value = runnable.value(point)
    except (Exception, SystemExit):
        return None
    return [leaf.record() for leaf in value] if finite(value) else None
