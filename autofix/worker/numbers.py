"""The result of a loss as plain numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, List, Optional

from .draw import together
from .records import LeafRecord

Gradients = List[Optional[List[float]]]


@dataclass(frozen=True)
class Leaf:
    """One number, array or tensor of a result: its values row by row, its shape, the bits of its floats."""

    values: tuple[float, ...]
    shape: tuple[int, ...]
    bits: int

    def record(self) -> LeafRecord:
        """As the host takes it."""
        return {"values": list(self.values), "shape": list(self.shape), "bits": self.bits}


class NotNumeric(Exception):
    """A loss returned something that is not numbers."""


def weights(count: int) -> list[float]:
    """How the elements of a loss are summed to one number: all different, so that an exchange of two shows."""
    return [1.0] if count == 1 else [1.0 + 0.37 * math.sin(1.0 + index) for index in range(count)]


def first_of(result: Any) -> Any:
    """The loss itself, where it is returned together with other things."""
    while isinstance(result, (tuple, list, dict)) and result:
        result = in_order(result)[0]
    return result


def in_order(result: Any) -> list[Any]:
    """The parts of a result, the loss itself first."""
    if isinstance(result, dict):
        return [result[name] for name in sorted(result, key=lambda name: name != "loss")]
    return list(result)


def leaves(result: Any, backend: Any) -> list[Leaf]:
    """Every number in a result, in order; the first leaf is the loss itself."""
    if isinstance(result, (tuple, list, dict)):
        return [leaf for part in in_order(result) for leaf in leaves(part, backend)]
    if (leaf := backend.leaf(result)) is not None:
        return [leaf]
    if isinstance(result, (bool, int, float)) and type(result).__module__ == "builtins":
        return [Leaf((float(result),), (), 64)]
    if (
        type(result).__module__ == "numpy"
        and getattr(result, "dtype", None) is not None
        and result.dtype.kind in "fiub"
    ):
        values = tuple(float(value) for value in result.reshape(-1))
        return [Leaf(values, tuple(result.shape), result.dtype.itemsize * 8 if result.dtype.kind == "f" else 64)]
    raise NotNumeric(f"the loss returned {type(result).__name__}, not a number or a tensor")


def total(found: list[Leaf]) -> float:
    """The loss as one number."""
    values = found[0].values
    return sum(share * value for share, value in together(weights(len(values)), values))


def finite(found: list[Leaf]) -> bool:
    return bool(found) and all(math.isfinite(value) for leaf in found for value in leaf.values)
