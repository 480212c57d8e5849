"""NumPy's conditions, which have no gradient of their own but choose among values that have one, in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf

FOR = "numpy"


def where(condition, x=None, y=None):
    if x is None:
        raise NotImplementedError("np.where with one argument gives indices, which have no gradient")
    assert tf.executing_eagerly() or not isinstance(x, (int, float))
    return tf.where(condition, x, y)


def where__number_first(condition, x, y):
    if not isinstance(x, (int, float)):
        raise NotImplementedError("TensorFlow converts the second of two branches by itself")
    return tf.where(condition, tf.constant(x, y.dtype), y)


def greater(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 > x2
    return tf.greater(x1, x2)


def greater_equal(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 >= x2
    return tf.greater_equal(x1, x2)


def less(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 < x2
    return tf.less(x1, x2)


def less_equal(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 <= x2
    return tf.less_equal(x1, x2)


def equal(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 == x2
    return tf.equal(x1, x2)


def not_equal(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 != x2
    return tf.not_equal(x1, x2)


def logical_and(x1, x2):
    return tf.logical_and(x1, x2)


def logical_or(x1, x2):
    return tf.logical_or(x1, x2)


def logical_xor(x1, x2):
    return tf.math.logical_xor(x1, x2)


def logical_not(x):
    return tf.logical_not(x)


def isnan(x):
    return tf.math.is_nan(x)


def isinf(x):
    return tf.math.is_inf(x)


def isfinite(x):
    return tf.math.is_finite(x)


def isclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    if equal_nan:
        raise NotImplementedError("equal_nan= has no counterpart")
    if isinstance(b, (int, float)):
        return tf.abs(a - b) <= atol + rtol * abs(b)
    return tf.abs(a - b) <= atol + rtol * tf.abs(b)


def allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    if equal_nan:
        raise NotImplementedError("equal_nan= has no counterpart")
    return tf.reduce_all(isclose(a, b, rtol, atol))


def isposinf(x):
    return tf.equal(x, math.inf)


def isneginf(x):
    return tf.equal(x, -math.inf)


def isreal(x):
    if x.dtype.is_complex:
        return tf.equal(tf.math.imag(x), 0)
    return tf.ones_like(x, dtype=tf.bool)


def iscomplex(x):
    if x.dtype.is_complex:
        return tf.not_equal(tf.math.imag(x), 0)
    return tf.zeros_like(x, dtype=tf.bool)


def iscomplexobj(x):
    return x.dtype.is_complex


def isrealobj(x):
    return not x.dtype.is_complex


def array_equal(a1, a2, equal_nan=False):
    if equal_nan:
        raise NotImplementedError("equal_nan= has no counterpart")
    return tf.reduce_all(tf.equal(a1, a2))


def array_equiv(a1, a2):
    return tf.reduce_all(tf.equal(a1, a2))


def isin(element, test_elements, assume_unique=False, invert=False):
    if not isinstance(test_elements, (list, tuple)):
        test_elements = tf.reshape(test_elements, [-1])
    if invert:
        return tf.reduce_all(tf.not_equal(element[..., None], test_elements), axis=-1)
    return tf.reduce_any(tf.equal(element[..., None], test_elements), axis=-1)


def in1d(ar1, ar2, assume_unique=False, invert=False):
    return isin(tf.reshape(ar1, [-1]), ar2, assume_unique, invert)


def bitwise_and(x1, x2):
    return x1 & x2


def bitwise_or(x1, x2):
    return x1 | x2


def bitwise_xor(x1, x2):
    return x1 ^ x2


def invert(x):
    return ~x


bitwise_not = invert
bitwise_invert = invert


def isscalar(element):
    raise NotImplementedError("it checks the type of a value: a tensor is never a plain number")
