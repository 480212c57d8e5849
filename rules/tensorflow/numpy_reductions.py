"""NumPy's sums, means and extremes in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf

FOR = "numpy"


def sum(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None:
        a = tf.where(where, a, 0)
    if initial is not None:
        return initial + sum(a, axis, keepdims=keepdims)
    return tf.reduce_sum(a, axis=axis, keepdims=keepdims)


def mean(a, axis=None, dtype=None, out=None, keepdims=False, *, where=None):
    if where is not None and axis is None and not keepdims and where.shape == a.shape:
        return tf.reduce_mean(tf.boolean_mask(a, where))
    if where is not None:
        return _mean_where(a, where, axis, keepdims)
    return tf.reduce_mean(a, axis=axis, keepdims=keepdims)


def _mean_where(a, where, axis=None, keepdims=False):
    count = tf.where(where, tf.ones_like(a), 0)
    total = tf.reduce_sum(tf.where(where, a, 0), axis=axis, keepdims=keepdims)
    return total / tf.reduce_sum(count, axis=axis, keepdims=keepdims)


def max(a, axis=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None and initial is None:
        raise NotImplementedError("where= needs initial=, in NumPy too: the largest of no elements is not defined")
    if where is not None:
        a = tf.where(where, a, initial)
    if initial is not None:
        return tf.maximum(max(a, axis, keepdims=keepdims), initial)
    return tf.reduce_max(a, axis=axis, keepdims=keepdims)


amax = max


def min(a, axis=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None and initial is None:
        raise NotImplementedError("where= needs initial=, in NumPy too: the smallest of no elements is not defined")
    if where is not None:
        a = tf.where(where, a, initial)
    if initial is not None:
        return tf.minimum(min(a, axis, keepdims=keepdims), initial)
    return tf.reduce_min(a, axis=axis, keepdims=keepdims)


amin = min


def prod(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None:
        a = tf.where(where, a, 1)
    if initial is not None:
        return initial * prod(a, axis, keepdims=keepdims)
    return tf.reduce_prod(a, axis=axis, keepdims=keepdims)


product = prod


def all(a, axis=None, out=None, keepdims=False, *, where=None):
    if where is not None:
        a = tf.where(where, a, True)
    return tf.reduce_all(a, axis=axis, keepdims=keepdims)


alltrue = all


def any(a, axis=None, out=None, keepdims=False, *, where=None):
    if where is not None:
        a = tf.where(where, a, False)
    return tf.reduce_any(a, axis=axis, keepdims=keepdims)


sometrue = any


def ptp(a, axis=None, out=None, keepdims=False):
    return tf.reduce_max(a, axis=axis, keepdims=keepdims) - tf.reduce_min(a, axis=axis, keepdims=keepdims)


def std(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=None, correction=None):
    if where is not None:
        return tf.sqrt(_variance_where(a, where, axis, ddof if correction is None else correction, keepdims))
    if ddof == 0 and correction is None:
        return tf.math.reduce_std(a, axis=axis, keepdims=keepdims)
    return tf.sqrt(_variance(a, axis=axis, ddof=ddof if correction is None else correction, keepdims=keepdims))


def var(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=None, correction=None):
    if where is not None:
        return _variance_where(a, where, axis, ddof if correction is None else correction, keepdims)
    if ddof == 0 and correction is None:
        return tf.math.reduce_variance(a, axis=axis, keepdims=keepdims)
    return _variance(a, axis=axis, ddof=ddof if correction is None else correction, keepdims=keepdims)


def _variance(a, axis=None, ddof=0, keepdims=False):
    squares = tf.square(a - tf.reduce_mean(a, axis=axis, keepdims=True))
    count = tf.reduce_sum(tf.ones_like(a), axis=axis, keepdims=keepdims)
    return tf.reduce_sum(squares, axis=axis, keepdims=keepdims) / (count - ddof)


def _variance_where(a, where, axis=None, ddof=0, keepdims=False):
    present = tf.where(where, tf.ones_like(a), 0)
    total = tf.reduce_sum(tf.where(where, a, 0), axis=axis, keepdims=True)
    deviation = tf.where(where, a - total / tf.reduce_sum(present, axis=axis, keepdims=True), 0)
    squares = tf.reduce_sum(tf.square(deviation), axis=axis, keepdims=keepdims)
    return squares / (tf.reduce_sum(present, axis=axis, keepdims=keepdims) - ddof)


def nansum(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None:
        a = tf.where(where, a, 0)
    if initial is not None:
        return initial + nansum(a, axis, keepdims=keepdims)
    return _nansum(a, axis=axis, keepdims=keepdims)


def _nansum(a, axis=None, keepdims=False):
    return tf.reduce_sum(tf.where(tf.math.is_nan(a), tf.zeros_like(a), a), axis=axis, keepdims=keepdims)


def nanmean(a, axis=None, dtype=None, out=None, keepdims=False, *, where=None):
    if where is not None:
        a = tf.where(where, a, math.nan)
    return _nanmean(a, axis=axis, keepdims=keepdims)


def _nanmean(a, axis=None, keepdims=False):
    missing = tf.math.is_nan(a)
    count = tf.reduce_sum(tf.where(missing, tf.zeros_like(a), tf.ones_like(a)), axis=axis, keepdims=keepdims)
    return tf.reduce_sum(tf.where(missing, tf.zeros_like(a), a), axis=axis, keepdims=keepdims) / count


def average(a, axis=None, weights=None, returned=False, *, keepdims=False):
    if returned:
        raise NotImplementedError("returned=True gives a tuple")
    if weights is None:
        return mean(a, axis=axis, keepdims=keepdims)
    if axis is None:
        return tf.reduce_sum(a * weights, keepdims=keepdims) / tf.reduce_sum(weights, keepdims=keepdims)
    return _average(a, axis, weights, keepdims)


def _average(a, axis, weights, keepdims=False):
    weights = tf.convert_to_tensor(weights, dtype=a.dtype)
    if len(weights.shape) != len(a.shape):
        weights = tf.reshape(weights, [-1 if dim == axis % len(a.shape) else 1 for dim in range(len(a.shape))])
        weights = weights * tf.ones_like(a)
    total = tf.reduce_sum(weights, axis=axis, keepdims=keepdims)
    return tf.reduce_sum(a * weights, axis=axis, keepdims=keepdims) / total


def apply_along_axis(func1d, axis, arr):
    raise NotImplementedError("it calls a function row by row: call it with the tensor and its axis=")


def apply_over_axes(func, a, axes):
    raise NotImplementedError("it calls a function axis by axis: call it with axis=axes, keepdims=True")


def nanargmax(a, axis=None):
    raise NotImplementedError("an index is piecewise constant: argmax has no gradient")


nanargmin = nanargmax
