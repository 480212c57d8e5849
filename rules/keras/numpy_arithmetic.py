"""NumPy's functions of two values in keras.ops."""

from __future__ import annotations

import math

from keras import ops

FOR = "numpy"


def add(x1, x2):
    return ops.add(x1, x2)


def subtract(x1, x2):
    return ops.subtract(x1, x2)


def multiply(x1, x2):
    return ops.multiply(x1, x2)


def divide(x1, x2, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, x1 / ops.where(where, x2, 1))
    return ops.divide(x1, x2)


true_divide = divide


def _elsewhere(out, where, value):
    if where is None:
        raise NotImplementedError("out= writes into an array; a graph has no place for that")
    if out is None:
        raise NotImplementedError("where= leaves the other elements undefined: give out= as well")
    return ops.where(where, value, out)


def power(x1, x2):
    return ops.power(x1, x2)


pow = power
float_power = power


def mod(x1, x2):
    return x1 % x2


remainder = mod


def fmod(x1, x2):
    return x1 - x2 * ops.where(x1 * x2 < 0, -ops.floor(-x1 / x2), ops.floor(x1 / x2))


def maximum(x1, x2):
    return ops.maximum(x1, x2)


def minimum(x1, x2):
    return ops.minimum(x1, x2)


def fmax(x1, x2):
    if isinstance(x2, (int, float)):
        return ops.maximum(ops.where(ops.isnan(x1), x2, x1), x2)
    if isinstance(x1, (int, float)):
        return ops.maximum(ops.where(ops.isnan(x2), x1, x2), x1)
    return ops.where(ops.isnan(x1), x2, ops.where(ops.isnan(x2), x1, ops.maximum(x1, x2)))


def fmin(x1, x2):
    if isinstance(x2, (int, float)):
        return ops.minimum(ops.where(ops.isnan(x1), x2, x1), x2)
    if isinstance(x1, (int, float)):
        return ops.minimum(ops.where(ops.isnan(x2), x1, x2), x1)
    return ops.where(ops.isnan(x1), x2, ops.where(ops.isnan(x2), x1, ops.minimum(x1, x2)))


def hypot(x1, x2):
    if isinstance(x2, (int, float)):
        return ops.sqrt(ops.square(x1) + x2**2)
    if isinstance(x1, (int, float)):
        return ops.sqrt(x1**2 + ops.square(x2))
    return ops.sqrt(ops.square(x1) + ops.square(x2))


def arctan2(x1, x2):
    return ops.arctan2(x1, x2)


atan2 = arctan2


def logaddexp(x1, x2):
    return ops.logaddexp(x1, x2)


def logaddexp2(x1, x2):
    return ops.maximum(x1, x2) + ops.softplus(-ops.abs(x1 - x2) * math.log(2)) / math.log(2)


def clip(a, a_min=None, a_max=None, out=None, *, min=None, max=None):
    if a_min is None and min is not None:
        a_min = min
    if a_max is None and max is not None:
        a_max = max
    if a_min is None and a_max is None:
        return a
    if a_min is None:
        return ops.minimum(a, a_max)
    if a_max is None:
        return ops.maximum(a, a_min)
    return ops.clip(a, a_min, a_max)


def copysign(x1, x2):
    if isinstance(x2, (int, float)):
        return ops.abs(x1) if x2 >= 0 else -ops.abs(x1)
    return ops.where(x2 < 0, -ops.abs(x1), ops.abs(x1))


def gcd(x1, x2):
    raise NotImplementedError("a function of integers has no gradient")


lcm = gcd
left_shift = gcd
right_shift = gcd
