"""A scenario on which the original runs, the precision that it can be made to have there, and the points to look at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable

from .draw import Point, draw_point
from .measure import FINE_STEP, Runnable
from .numbers import Leaf, finite, total
from .points import batch_of, widened, with_batch, with_width
from .together import together

NOISE_OF_VALUE = 1e-9
NOISE_OF_SLOPE = 1e-3
SINGLE = 2e-5
FINEST_STEP = 1e-7

Load = Callable[[str, str, int], Runnable]


@dataclass(frozen=True)
class Accepted:
    """A scenario on which the original runs, how it runs there, and the points to look at; the first has all checks."""

    scenario: dict[str, Any]
    runnable: Runnable
    mode: str
    choice: int
    scalar: bool
    predictions: tuple[str, ...]
    points: tuple[Point, ...]
    first: bool = False
    rough: bool = False

    @property
    def differentiated(self) -> tuple[str, ...]:
        """The predictions, and the parameters that the loss owns."""
        return (*self.predictions, *(one.name for one in self.points[0] if one.owned))


def with_precision(accepted: Accepted, load: Load, may_widen: bool) -> Accepted:
    """The same with an oracle in double precision, where the original rounds to less and can be kept from it."""
    point = accepted.points[0]
    value = accepted.runnable.value(point)
    if accepted.runnable.precision == "double" and value[0].bits >= 64 and not is_rough(accepted, value):
        return accepted
    if not may_widen:
        return replace(accepted, rough=True)
    try:
        wide = load("wide", accepted.mode, accepted.choice)
        same = agree(wide.value(point), load("single", accepted.mode, accepted.choice).value(point))
        finer = replace(accepted, runnable=wide)
        if same and not is_rough(finer, wide.value(point)):
            return finer
    except (Exception, SystemExit):
        pass
    return replace(accepted, rough=True)


def agree(wide: list[Leaf], plain: list[Leaf]) -> bool:
    """Whether two values are the same to the accuracy of single precision."""
    if [one.shape for one in wide] != [one.shape for one in plain]:
        return False
    return all(
        abs(a - b) <= SINGLE * max(map(abs, one.values), default=0.0)
        for one, other in together(wide, plain)
        for a, b in together(one.values, other.values)
    )


def is_rough(accepted: Accepted, value: list[Leaf]) -> bool:
    """Whether the original's value carries the rounding of less than double precision, whatever type it has.

    A bend may be one of the value itself: that falls with the step, rounding does not.
    """
    if value[0].bits < 64:
        return True
    center = total(value)
    return all(is_bent(accepted, center, step) for step in (FINE_STEP, FINEST_STEP))


def is_bent(accepted: Accepted, center: float, step: float) -> bool:
    """Whether the value does not run straight within a step, along most directions."""
    rough = [
        abs(plus - 2 * center + minus) > NOISE_OF_VALUE * abs(center)
        and abs(plus - 2 * center + minus) > NOISE_OF_SLOPE * abs(plus - minus)
        for name in accepted.predictions
        for minus, plus in accepted.runnable.differences(accepted.points[0], name, step)
    ]
    return 2 * sum(rough) > len(rough)


def with_points(accepted: Accepted) -> Accepted:
    """The first scenario with points more: numbers in another batch size and width, and of any range."""
    arguments, owned = accepted.scenario["arguments"], tuple(one for one in accepted.points[0] if one.owned)
    usual = draw_point(arguments, 1) + owned
    resized = with_batch(arguments, max(batch_of(arguments) - 1, 2)) or arguments
    # A traced function is asked with the same widths: only its batch size is unknown.
    wider = with_width(resized) if not accepted.runnable.backend.checks_graph else None
    others = [draw_point(one, 1) + owned for one in (wider, resized) if one is not None and one is not arguments]
    points = [accepted.points[0], next((one for one in others if runs(accepted.runnable, one)), usual)]
    anyhow = widened(arguments)
    if anyhow is not None and runs(accepted.runnable, third := draw_point(anyhow, 2) + owned):
        points.append(third)
    return replace(accepted, points=tuple(points), first=True)


def runs(runnable: Runnable, point: Point) -> bool:
    try:
        return finite(runnable.value(point))
    except (Exception, SystemExit):
        return False
