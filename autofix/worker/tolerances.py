"""Every tolerance and step size of the verifier, and where each comes from.

Measured on 13 pairs of NumPy and framework functions with 200 draws each: right pairs differ by less than 3e-14 in
double precision and 3e-7 in single (7.7e-5 where a sum cancels); the smallest wrong value, that of a wrong `ddof`, by
6e-3. Finite differences of right gradients are off by less than 1e-9 with a step of 1e-5 in double precision; the
smallest gradient that was ever lost is 1e-4 of the whole.
"""

from __future__ import annotations

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
