"""NumPy's functions of two values in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf

FOR = "numpy"


def add(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 + x2
    return tf.add(x1, x2)


def subtract(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 - x2
    return tf.subtract(x1, x2)


def multiply(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 * x2
    return tf.multiply(x1, x2)


def divide(x1, x2, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, x1 / tf.where(where, x2, 1))
    if isinstance(x1, (int, float)):
        return x1 / x2
    return tf.divide(x1, x2)


true_divide = divide


def _elsewhere(out, where, value):
    if where is None:
        raise NotImplementedError("out= writes into an array, which a graph cannot record")
    if out is None:
        raise NotImplementedError("where= leaves the other elements undefined: pass out= as well")
    return tf.where(where, value, out)


def power(x1, x2):
    if isinstance(x1, (int, float)):
        return x1**x2
    return tf.pow(x1, x2)


pow = power
float_power = power


def mod(x1, x2):
    return tf.math.floormod(x1, x2)


remainder = mod


def fmod(x1, x2):
    return x1 - x2 * tf.where(x1 * x2 < 0, -tf.floor(-x1 / x2), tf.floor(x1 / x2))


def maximum(x1, x2):
    if isinstance(x1, (int, float)):
        return tf.maximum(x2, x1)
    return tf.maximum(x1, x2)


def minimum(x1, x2):
    if isinstance(x1, (int, float)):
        return tf.minimum(x2, x1)
    return tf.minimum(x1, x2)


def fmax(x1, x2):
    if isinstance(x2, (int, float)):
        return tf.maximum(tf.where(tf.math.is_nan(x1), tf.constant(x2, x1.dtype), x1), x2)
    if isinstance(x1, (int, float)):
        return tf.maximum(tf.where(tf.math.is_nan(x2), tf.constant(x1, x2.dtype), x2), x1)
    return tf.where(tf.math.is_nan(x1), x2, tf.where(tf.math.is_nan(x2), x1, tf.maximum(x1, x2)))


def fmin(x1, x2):
    if isinstance(x2, (int, float)):
        return tf.minimum(tf.where(tf.math.is_nan(x1), tf.constant(x2, x1.dtype), x1), x2)
    if isinstance(x1, (int, float)):
        return tf.minimum(tf.where(tf.math.is_nan(x2), tf.constant(x1, x2.dtype), x2), x1)
    return tf.where(tf.math.is_nan(x1), x2, tf.where(tf.math.is_nan(x2), x1, tf.minimum(x1, x2)))


def hypot(x1, x2):
    if isinstance(x2, (int, float)):
        return tf.sqrt(tf.square(x1) + x2**2)
    if isinstance(x1, (int, float)):
        return tf.sqrt(x1**2 + tf.square(x2))
    return tf.sqrt(tf.square(x1) + tf.square(x2))


def arctan2(x1, x2):
    if isinstance(x1, (int, float)):
        return tf.atan2(tf.constant(x1, x2.dtype), x2)
    return tf.atan2(x1, x2)


atan2 = arctan2


def logaddexp(x1, x2):
    if isinstance(x1, (int, float)):
        return tf.maximum(x2, x1) + tf.math.softplus(-tf.abs(x2 - x1))
    return tf.maximum(x1, x2) + tf.math.softplus(-tf.abs(x1 - x2))


def logaddexp2(x1, x2):
    if isinstance(x1, (int, float)):
        return tf.maximum(x2, x1) + tf.math.softplus(-tf.abs(x2 - x1) * math.log(2)) / math.log(2)
    return tf.maximum(x1, x2) + tf.math.softplus(-tf.abs(x1 - x2) * math.log(2)) / math.log(2)


def clip(a, a_min=None, a_max=None, out=None, *, min=None, max=None):
    if a_min is None and min is not None:
        a_min = min
    if a_max is None and max is not None:
        a_max = max
    if a_min is None and a_max is None:
        return a
    if a_min is None:
        return tf.minimum(a, a_max)
    if a_max is None:
        return tf.maximum(a, a_min)
    return tf.clip_by_value(a, a_min, a_max)


def copysign(x1, x2):
    if isinstance(x2, (int, float)):
        return tf.abs(x1) if x2 >= 0 else -tf.abs(x1)
    return tf.where(x2 < 0, -tf.abs(x1), tf.abs(x1))


def ldexp(x1, x2):
    if isinstance(x2, (int, float)):
        return x1 * 2.0**x2
    return x1 * 2.0 ** tf.cast(x2, x1.dtype)


def divmod(x1, x2):
    return (tf.math.floordiv(x1, x2), tf.math.floormod(x1, x2))


def gcd(x1, x2):
    raise NotImplementedError("a function of integers has no gradient")


lcm = gcd
left_shift = gcd
right_shift = gcd
