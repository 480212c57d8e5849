"""Numbers of a loss, differences between two of them, and what difference is tolerated.

Pure arithmetic on the records of `records`, for the worker, which asks whether to look closer, and for the host, which
judges. The tolerances were measured on 13 pairs of NumPy and framework functions with 200 draws each: right pairs
differ by less than 3e-14 in double precision and 3e-7 in single (7.7e-5 where a sum cancels); the smallest wrong value,
that of a wrong `ddof`, by 6e-3. Finite differences of right gradients are off by less than 1e-9 with a step of 1e-5 in
double precision; the smallest gradient that was ever lost is 1e-4 of the whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, List, Optional

from .draw import together
from .records import Differentiated, Finer, Gradient, Gradients, LeafRecord, OriginalReport, Run, Value

# Values: relative to the largest number of the value.
VALUE_FINE, VALUE_COARSE = 1e-10, 1e-5
"""In double precision, and where either side rounds to single."""
ABSOLUTE_SINGLE = 1e-6
"""The share of the scale that is forgiven beside it in single precision: what terms leave where they cancel."""
SAME_NUMBERS = 1e-3
"""Up to here a value in single precision is that of double: beyond, other numbers were drawn at random."""
HALF_ACCURACY = {"float16": 2e-2, "bfloat16": 1e-1}
HALF_SLACK = 4.0
"""In half precision a candidate is off by no more than so many times the original, and these: 11 and 8 bits."""
SAME_IN_TYPES = 1e-5
"""Up to here a value of integers is that of the same numbers as floats."""
WIDE_AS_SINGLE = 2e-5
"""Up to here a value computed in double where its source casts to single is the one of the source."""
TRACED_VALUE = 1e-4
"""Up to here a run that is watched is the one that was not."""

# Rounding: how far a value moves when each float that is given moves to a neighbour.
EPSILON, ROUNDINGS = 2.0**-52, 4.0
UNIT_OF_PRECISION = {"double": 2.0**-52, "wide": 2.0**-52, "single": 2.0**-23}
LEEWAY, MOST_FINE, MOST_COARSE = 10.0, 1e-6, 1e-2
"""By how many times the effect of rounding two right values may differ, and by how much at most."""
DIFFER_LITTLE = 1e-2
"""Values that differ by less may do so by rounding: an inverse of a nearly singular matrix loses as many digits."""

# Finite differences: steps, relative to inputs of about 1.
FINE_STEP, COARSE_STEP = 1e-5, 1e-3
"""Central differences lose h² to curvature and ε/h to rounding: about equal for 1e-5 in double, 1e-3 in single."""
TINY_STEP = 1e-4
"""In single precision a value that not even this moves is flat."""
FINER_STEPS = (1e-6, 1e-7, 1e-8)
FINEST_STEP = 1e-7
STEPS_OF_TRAINING_FINE, STEPS_OF_TRAINING_COARSE = (1e-5,), (1e-3, 1e-2, 5e-2)
MOVE_FINE, MOVE_COARSE = 1e-4, 1e-2
"""How far inputs are moved to see what a lost value would have done."""
LIVE_MOVE = 1e-2
"""The same for a loss in the user's own process, whose tensors are mostly in single precision."""

# Slopes: relative to how steep the value is along the directions together.
SLOPE_FINE, SLOPE_COARSE = 1e-5, 3e-2
SLOPE_IN_TYPES = 1e-3
"""Of targets in other types: differences of the usual step alone."""
SLOPE_IN_GRAPH = 1e-3
"""Between a gradient inside a compiled function and the same outside it: compilers sum in another order."""
ZERO_SLOPE = 1e-12
FLAT = 1e-9
"""A change of the value by less than this times itself and the step is none."""
AGREED = 3e-6
"""How well two steps have to agree, relative to the slope, for a finite difference to be trusted beyond doubt."""
NEAR_FROM, NEAR_TO = 3e-6, 5e-2
"""Between these a gradient is near enough to its differences for these to be looked at with finer steps."""
SEVERED_FINE, SEVERED_COARSE = 1e-4, 1e-1
"""From here on the worker looks for the place where a gradient is lost; the host judges, more strictly."""

# Kinks: how far from straight the value may run within a step, from 0 to 1.
KINK_FINE, KINK_COARSE = 1e-2, 2e-2
KINK_SEVERED = 2e-2
KINK_OF_TRAINING = 2e-2
NOISE_OF_VALUE, NOISE_OF_SLOPE = 1e-9, 1e-3
"""A bend of more than both, of the value and of the slope, is the rounding of less than double precision."""

# Places where a gradient is lost: a change of the value by less than this share of it is none.
PLACE_FINE, PLACE_COARSE = 1e-6, 1e-3


LeafGradients = List[Optional[List[float]]]


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


NO_GRADIENT: Gradient = {"norm": None, "slopes": []}
Slopes = List["float | None"]
"""The finite difference along each direction; None where it is not to be trusted."""


def gradient_of(gradients: Gradients, name: str) -> Gradient:
    """The gradient by a name; none where it is not among them."""
    return gradients.get(name, NO_GRADIENT)


def slopes_of_value(original: OriginalReport, point: Differentiated, name: str, finer: Finer | None = None) -> Slopes:
    """The finite difference along each direction; None where it is not to be trusted, near a kink.

    Where there are `finer` differences by this name, the step that counts is chosen among them.
    """
    step, center = original["step"], point["center"]
    if finer is not None and name in finer:
        usual = [[step, minus, plus] for minus, plus in point["differences"][name]]
        return [limit_of([first, *others], center) for first, others in together(usual, finer[name])]
    kink = KINK_COARSE if original["coarse"] else KINK_FINE
    found: Slopes = []
    for minus, plus in point["differences"][name]:
        forward, backward = plus - center, center - minus
        trusted = math.isfinite(forward + backward) and bend(minus, plus, center) <= kink
        found.append((plus - minus) / (2 * step) if trusted or plus == minus == center else None)
    return found


def limit_of(steps: Sequence[Sequence[float]], center: float) -> float | None:
    """The slope that the finite differences of ever smaller steps come to; None where they come to none: at a kink.

    Each is `[step, minus, plus]`. The finer of those two is taken that agree best: before them the error of the step
    rules, behind them rounding.
    """
    slopes = [(plus - minus) / (2 * step) for step, minus, plus in steps]
    if all(plus == minus == center for _, minus, plus in steps):
        return 0.0
    gaps = [abs(one - other) for one, other in together(slopes[:-1], slopes[1:])]
    if not all(map(math.isfinite, slopes)):
        return None
    best = min(range(len(gaps)), key=gaps.__getitem__)
    chosen = slopes[best + 1]
    noise = ROUNDINGS * EPSILON * abs(center) / steps[best + 1][0]
    if gaps[best] > AGREED * abs(chosen) + noise or noise > SLOPE_FINE * abs(chosen):
        return None
    before, after = (bend(step[1], step[2], center) for step in steps[best : best + 2])
    # Of a smooth value the bend falls as the step does, ten times from one to the next.
    return None if after > before / 3 and after > SLOPE_FINE + noise / max(abs(chosen), 1e-300) else chosen


def bend(minus: float, plus: float, center: float) -> float:
    """How far from straight the value runs within a step, from 0 to 1: a kink, or rounding."""
    forward, backward = plus - center, center - minus
    both = abs(forward) + abs(backward)
    return abs(forward - backward) / both if both else 0.0


def leeway(spread: float | None, most: float) -> float:
    """By how much two right values may differ where rounding alone moves one by this much."""
    return 0.0 if spread is None else min(LEEWAY * spread, most)


def slope_difference(wanted: Sequence[float | None], slopes: Sequence[float]) -> float:
    """How far slopes are off, over all the directions together and relative to how steep the value is."""
    pairs = [(want, have) for want, have in together(wanted, slopes) if want is not None]
    if not all(math.isfinite(have) for _, have in pairs):
        return math.inf
    off = math.sqrt(sum((want - have) ** 2 for want, have in pairs))
    steepness = math.sqrt(sum(want * want for want, _ in pairs))
    return off / steepness if steepness > 0 else (math.inf if off > ZERO_SLOPE else 0.0)


def difference_at_steps(point: Differentiated, name: str, slopes: Sequence[float], step: float) -> float:
    """The same against differences of the usual step alone; those across a kink are left out."""
    error = steepness = 0.0
    for (minus, plus), slope in together(point["differences"][name], slopes):
        if bend(minus, plus, point["center"]) <= KINK_SEVERED:
            wanted = (plus - minus) / (2 * step)
            error, steepness = error + (slope - wanted) ** 2, steepness + wanted**2
    return math.sqrt(error / steepness) if steepness else float(error > 0.0)


def slope_tolerance(original: OriginalReport) -> float:
    """By how much a gradient may be off the finite differences of this original."""
    return SLOPE_COARSE if original["coarse"] else SLOPE_FINE


def value_tolerance(original: OriginalReport) -> tuple[float, float]:
    """The relative tolerance of values, and the share of their scale that is forgiven beside it."""
    return (VALUE_COARSE, ABSOLUTE_SINGLE) if original["coarse"] else (VALUE_FINE, 0.0)


def norm_of(run: Run) -> float | None:
    """The norm of a gradient over all its inputs; None where it has none."""
    norms = [one["norm"] for one in run.get("gradients", {}).values() if one["norm"] is not None]
    return float(sum(norm * norm for norm in norms) ** 0.5) if norms else None


def is_finite(value: Value) -> bool:
    """Is every number of a value finite?"""
    return all(math.isfinite(number) for leaf in value for number in leaf["values"])


def largest_of(value: Value) -> float:
    """The size of the largest number of a value; 0 where it has none."""
    return max((abs(number) for leaf in value for number in leaf["values"]), default=0.0)


def value_difference(wanted: Value, have: Value, absolute: float, scale: float = 0.0) -> float:
    """The largest relative difference of all the numbers; infinite where there are others, or of another shape."""
    if len(wanted) != len(have):
        return math.inf
    worst = 0.0
    for want, got in together(wanted, have):
        if not same_shape(want["shape"], got["shape"]):
            return math.inf
        largest = max([scale, *(abs(value) for value in want["values"])])
        for one, other in together(want["values"], got["values"]):
            worst = max(worst, number_difference(one, other, largest, absolute))
    return worst


def number_difference(want: float, have: float, scale: float, absolute: float) -> float:
    """How far two numbers are apart, relative to a scale; two that are NaN are the same."""
    if want == have or (math.isnan(want) and math.isnan(have)):
        return 0.0
    if not (math.isfinite(want) and math.isfinite(have)):
        return math.inf
    return max(0.0, abs(want - have) - absolute * scale) / max(scale, 1e-300)


def same_shape(want: Sequence[int], have: Sequence[int]) -> bool:
    """The same, or a scalar where the original had one number in brackets."""
    return list(want) == list(have) or (not have and all(length == 1 for length in want))


def apart(wanted: Value, have: Value) -> float:
    """The largest difference of two values, relative to the largest number; infinite for others than finite numbers."""
    pairs = [pair for one, other in together(wanted, have) for pair in together(one["values"], other["values"])]
    worst = max((abs(a - b) for a, b in pairs), default=0.0)
    if not worst:
        return 0.0 if worst == 0.0 else math.inf
    scale = max((abs(a) for a, _ in pairs), default=0.0)
    return worst / scale if scale else math.inf


def differ_little(wanted: Value, have: Value, tolerance: float) -> bool:
    """Whether two values are not the same to a tolerance, and nearly so."""
    same_shapes = [one["shape"] for one in wanted] == [one["shape"] for one in have]
    return same_shapes and tolerance < apart(wanted, have) < DIFFER_LITTLE


def difference_in_words(
    what: str, wanted: Value, have: Value, tolerance: float, absolute: float, scale: float = 0.0
) -> str | None:
    """What differs between two values; None where they are the same to a tolerance."""
    if value_difference(wanted, have, absolute, scale) <= tolerance:
        return None
    if len(wanted) != len(have):
        return f"{what}: {len(wanted)} results against {len(have)}"
    for want, got in together(wanted, have):
        if not same_shape(want["shape"], got["shape"]):
            return f"{what}: shape {want['shape']} against {got['shape']}"
    pairs = [(a, b) for x, y in together(wanted, have) for a, b in together(x["values"], y["values"])]
    a, b = next(
        (pair for pair in pairs if math.isfinite(pair[0]) != math.isfinite(pair[1])),
        max(pairs, key=lambda pair: abs(pair[0] - pair[1])),
    )
    return f"{what}: {a:.6g} against {b:.6g}"
