"""NumPy's splitting, choosing piece by piece, and grids in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy"


def split(ary, indices_or_sections, axis=0):
    if isinstance(indices_or_sections, int):
        return tf.split(ary, indices_or_sections, axis=axis)
    return _split(ary, indices_or_sections, axis)


def _split(ary, indices, axis):
    # TensorFlow takes the sizes of the parts, NumPy the places between them.
    sizes = [after - before for before, after in zip([0, *indices[:-1]], indices, strict=True)]
    return tf.split(ary, [*sizes, -1], axis=axis)


def array_split(ary, indices_or_sections, axis=0):
    if isinstance(indices_or_sections, (list, tuple)):
        return _split(ary, indices_or_sections, axis)
    return _array_split(ary, indices_or_sections, axis)


def _array_split(ary, sections, axis=0):
    size, longer = divmod(ary.shape[axis], sections)
    return tf.split(ary, [size + (part < longer) for part in range(sections)], axis=axis)


def hsplit(ary, indices_or_sections):
    if len(ary.shape) == 1:
        return split(ary, indices_or_sections, 0)
    return split(ary, indices_or_sections, 1)


def vsplit(ary, indices_or_sections):
    return split(ary, indices_or_sections, 0)


def dsplit(ary, indices_or_sections):
    return split(ary, indices_or_sections, 2)


def unstack(x, *, axis=0):
    return tf.unstack(x, axis=axis)


def piecewise(x, condlist, funclist):
    choices = [f(x) if callable(f) else f * tf.ones_like(x) for f in funclist]
    value = choices[-1] if len(choices) > len(condlist) else tf.zeros_like(x)
    for condition, choice in zip(condlist, choices, strict=False):
        value = tf.where(condition, choice, value)
    return value


def select(condlist, choicelist, default=0):
    value = tf.convert_to_tensor(default, choicelist[-1].dtype)
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        value = tf.where(condition, choice, value)
    return value


def meshgrid(*xi, indexing="xy"):
    return tf.meshgrid(*xi, indexing=indexing)


def vectorize(pyfunc):
    raise NotImplementedError("it calls a function with one plain number after another: call it with the tensor")


frompyfunc = vectorize


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


def cross(a, b, axis=-1):
    if axis != -1:
        raise NotImplementedError("tf.linalg.cross works along the last axis")
    return tf.linalg.cross(a, b)


def polyval(p, x):
    value = x * 0
    for coefficient in p if isinstance(p, (list, tuple)) else tf.unstack(p):
        value = value * x + coefficient
    return value
