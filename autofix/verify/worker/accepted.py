"""A scenario on which the original runs, the precision that it can be made to have there, and the points to look at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable

from .draw import Point, draw_point
from .measure import FINE_STEP, Runnable
from .numbers import Leaf, finite, total
from .points import batch_of, widened, with_batch
from .together import together

NOISE_OF_VALUE = 1e-9
NOISE_OF_SLOPE = 1e-3
SINGLE = 2e-5

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


def with_precision(accepted: Accepted, load: Load) -> Accepted:
    """The same with an oracle in double precision, where the original rounds to less and can be kept from it."""
    point = accepted.points[0]
    value = accepted.runnable.value(point)
    if accepted.runnable.precision == "double" and value[0].bits >= 64 and not is_rough(accepted, value):
        return accepted
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
    """Whether the original's value carries the rounding of less than double precision, whatever type it has."""
    if value[0].bits < 64:
        return True
    center = total(value)
    rough = [
        abs(plus - 2 * center + minus) > NOISE_OF_VALUE * abs(center)
        and abs(plus - 2 * center + minus) > NOISE_OF_SLOPE * abs(plus - minus)
        for name in accepted.predictions
        for minus, plus in accepted.runnable.differences(accepted.points[0], name, FINE_STEP)
    ]
    return 2 * sum(rough) > len(rough)


def with_points(accepted: Accepted) -> Accepted:
    """The first scenario with points more: other numbers in a batch of another size, and numbers of any range."""
    arguments, owned = accepted.scenario["arguments"], tuple(one for one in accepted.points[0] if one.owned)
    usual = draw_point(arguments, 1) + owned
    resized = with_batch(arguments, max(batch_of(arguments) - 1, 2))
    second = draw_point(resized, 1) + owned if resized else None
    points = [accepted.points[0], second if second is not None and runs(accepted.runnable, second) else usual]
    wider = widened(arguments)
    if wider is not None and runs(accepted.runnable, third := draw_point(wider, 2) + owned):
        points.append(third)
    return replace(accepted, points=tuple(points), first=True)


def runs(runnable: Runnable, point: Point) -> bool:
    try:
        return finite(runnable.value(point))
    except (Exception, SystemExit):
        return False
