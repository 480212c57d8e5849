"""NumPy's conditions, which have no gradient of their own but choose among values that have one, in keras.ops."""

from __future__ import annotations

import math

from keras import ops

FOR = "numpy"


def where(condition, x=None, y=None):
    if x is None:
        raise NotImplementedError("np.where with one argument gives indices, which have no gradient")
    return ops.where(condition, x, y)


def greater(x1, x2):
    return ops.greater(x1, x2)


def greater_equal(x1, x2):
    return ops.greater_equal(x1, x2)


def less(x1, x2):
    return ops.less(x1, x2)


def less_equal(x1, x2):
    return ops.less_equal(x1, x2)


def equal(x1, x2):
    return ops.equal(x1, x2)


def not_equal(x1, x2):
    return ops.not_equal(x1, x2)


def logical_and(x1, x2):
    return ops.logical_and(x1, x2)


def logical_or(x1, x2):
    return ops.logical_or(x1, x2)


def logical_xor(x1, x2):
    return ops.logical_xor(x1, x2)


def logical_not(x):
    return ops.logical_not(x)


def isnan(x):
    return ops.isnan(x)


def isinf(x):
    return ops.isinf(x)


def isfinite(x):
    return ops.isfinite(x)


def isclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    return ops.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)


def allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    return ops.all(ops.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan))


def isposinf(x):
    return ops.equal(x, math.inf)


def isneginf(x):
    return ops.equal(x, -math.inf)


def array_equal(a1, a2, equal_nan=False):
    if equal_nan:
        raise NotImplementedError("equal_nan= has no counterpart")
    return ops.all(ops.equal(a1, a2))


def array_equiv(a1, a2):
    return ops.all(ops.equal(a1, a2))


def isin(element, test_elements, assume_unique=False, invert=False):
    if not isinstance(test_elements, (list, tuple)):
        test_elements = ops.reshape(test_elements, [-1])
    if invert:
        return ops.all(ops.not_equal(element[..., None], test_elements), axis=-1)
    return ops.any(ops.equal(element[..., None], test_elements), axis=-1)


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
    raise NotImplementedError("it asks of what type a value is: a tensor is never a plain number")
