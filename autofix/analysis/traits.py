"""What is certain of a value beside its gradient: its shape, its bounds, and where two samples are compared.

Everything here holds for certain or is not said at all; the causes that are read off it (a loss that is no scalar, a
gradient that is zero or infinite) are reported and never proven by a run.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from autofix.model import Kind


@dataclass(frozen=True)
class Shape:
    """The sizes of all axes where they are known; else what is known of the last one, the first one, and the whole.

    `batched` says that the first axis holds two samples or more, `many` that there are two elements or more.
    """

    sizes: tuple[int, ...] | None = None
    last: int | None = None
    batched: bool = False
    many: bool = False


@dataclass(frozen=True)
class Spread:
    """A batch with a new axis at `axis`: `x[:, None]`. Two of one `source` differ by the distances of its samples."""

    source: object
    axis: int


class Traits(NamedTuple):
    """What is certain of one value.

    `may_carry` says that a gradient may flow into it that was not seen. `constant` is a literal's own value.
    `low` and `high` bound every element. `own_distance` says that it is zero for certain where a sample meets
    itself; `distance` that it was made of the difference of two predictions and
    of nothing else, `reduced` that the axis of their features is gone.
    """

    constant: object = None
    shape: Shape = Shape()
    low: float = -math.inf
    high: float = math.inf
    spread: Spread | None = None
    own_distance: bool = False
    distance: bool = False
    reduced: bool = False
    may_carry: bool = False


NOTHING = Traits()
CARRYING = Traits(may_carry=True)
SCALAR = Shape(sizes=())
BATCH = Shape(batched=True, many=True)
PER_SAMPLE = BATCH


def known(sizes: Iterable[int]) -> Shape:
    """Return the shape with these sizes."""
    fixed = tuple(sizes)
    count = math.prod(fixed)
    return Shape(fixed, fixed[-1] if fixed else None, bool(fixed) and fixed[0] > 1, count > 1)


def of_constant(constant: object) -> Traits:
    """Return the traits of a literal."""
    if isinstance(constant, (int, float)) and not isinstance(constant, bool):
        return Traits(constant, SCALAR, constant, constant)
    return Traits(constant)


def joined(traits: Iterable[Traits]) -> Traits:
    """Return what holds whichever of these a value has."""
    each = list(traits)
    first = each[0]
    if all(other is first or other == first for other in each[1:]):
        return first
    same_shape = all(other.shape == first.shape for other in each)
    return Traits(
        shape=first.shape if same_shape else Shape(many=all(other.shape.many for other in each)),
        low=min(other.low for other in each),
        high=max(other.high for other in each),
        may_carry=any(other.may_carry for other in each),
    )


def shape_of(traits: Traits, kind: Kind) -> Shape:
    """Return the shape of an operand; a plain number is a scalar."""
    return SCALAR if kind is Kind.NUMBER else traits.shape
