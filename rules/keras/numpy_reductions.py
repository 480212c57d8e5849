"""NumPy's sums, means and extremes in keras.ops."""

from __future__ import annotations

import math

from keras import ops

FOR = "numpy"


def sum(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None:
        a = ops.where(where, a, 0)
    if initial is not None:
        return initial + sum(a, axis, keepdims=keepdims)
    return ops.sum(a, axis=axis, keepdims=keepdims)


def mean(a, axis=None, dtype=None, out=None, keepdims=False, *, where=None):
    if where is not None:
        return _mean_where(a, where, axis, keepdims)
    return ops.mean(a, axis=axis, keepdims=keepdims)


def _mean_where(a, where, axis=None, keepdims=False):
    count = ops.where(where, ops.ones_like(a), 0)
    total = ops.sum(ops.where(where, a, 0), axis=axis, keepdims=keepdims)
    return total / ops.sum(count, axis=axis, keepdims=keepdims)


def max(a, axis=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None and initial is None:
        raise NotImplementedError("where= needs initial=, in NumPy too: the largest of no elements is not defined")
    if where is not None:
        a = ops.where(where, a, initial)
    if initial is not None:
        return ops.maximum(max(a, axis, keepdims=keepdims), initial)
    return ops.max(a, axis=axis, keepdims=keepdims)


amax = max


def min(a, axis=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None and initial is None:
        raise NotImplementedError("where= needs initial=, in NumPy too: the smallest of no elements is not defined")
    if where is not None:
        a = ops.where(where, a, initial)
    if initial is not None:
        return ops.minimum(min(a, axis, keepdims=keepdims), initial)
    return ops.min(a, axis=axis, keepdims=keepdims)


amin = min


def prod(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None:
        a = ops.where(where, a, 1)
    if initial is not None:
        return initial * prod(a, axis, keepdims=keepdims)
    return ops.prod(a, axis=axis, keepdims=keepdims)


product = prod


def all(a, axis=None, out=None, keepdims=False, *, where=None):
    if where is not None:
        a = ops.where(where, a, True)
    return ops.all(a, axis=axis, keepdims=keepdims)


alltrue = all


def any(a, axis=None, out=None, keepdims=False, *, where=None):
    if where is not None:
        a = ops.where(where, a, False)
    return ops.any(a, axis=axis, keepdims=keepdims)


sometrue = any


def ptp(a, axis=None, out=None, keepdims=False):
    return ops.max(a, axis=axis, keepdims=keepdims) - ops.min(a, axis=axis, keepdims=keepdims)


def std(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=None, correction=None):
    if where is not None:
        return ops.sqrt(_variance_where(a, where, axis, ddof if correction is None else correction, keepdims))
    if ddof == 0 and correction is None:
        return ops.std(a, axis=axis, keepdims=keepdims)
    return ops.sqrt(_variance(a, axis=axis, ddof=ddof if correction is None else correction, keepdims=keepdims))


def var(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=None, correction=None):
    if where is not None:
        return _variance_where(a, where, axis, ddof if correction is None else correction, keepdims)
    if ddof == 0 and correction is None:
        return ops.var(a, axis=axis, keepdims=keepdims)
    return _variance(a, axis=axis, ddof=ddof if correction is None else correction, keepdims=keepdims)


def _variance(a, axis=None, ddof=0, keepdims=False):
    squares = ops.square(a - ops.mean(a, axis=axis, keepdims=True))
    count = ops.sum(ops.ones_like(a), axis=axis, keepdims=keepdims)
    return ops.sum(squares, axis=axis, keepdims=keepdims) / (count - ddof)


def _variance_where(a, where, axis=None, ddof=0, keepdims=False):
    present = ops.where(where, ops.ones_like(a), 0)
    total = ops.sum(ops.where(where, a, 0), axis=axis, keepdims=True)
    deviation = ops.where(where, a - total / ops.sum(present, axis=axis, keepdims=True), 0)
    squares = ops.sum(ops.square(deviation), axis=axis, keepdims=keepdims)
    return squares / (ops.sum(present, axis=axis, keepdims=keepdims) - ddof)


def nansum(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None:
        a = ops.where(where, a, 0)
    if initial is not None:
        return initial + nansum(a, axis, keepdims=keepdims)
    return _nansum(a, axis=axis, keepdims=keepdims)


def _nansum(a, axis=None, keepdims=False):
    return ops.sum(ops.where(ops.isnan(a), ops.zeros_like(a), a), axis=axis, keepdims=keepdims)


def nanmean(a, axis=None, dtype=None, out=None, keepdims=False, *, where=None):
    if where is not None:
        a = ops.where(where, a, math.nan)
    return _nanmean(a, axis=axis, keepdims=keepdims)


def _nanmean(a, axis=None, keepdims=False):
    missing = ops.isnan(a)
    count = ops.sum(ops.where(missing, ops.zeros_like(a), ops.ones_like(a)), axis=axis, keepdims=keepdims)
    return ops.sum(ops.where(missing, ops.zeros_like(a), a), axis=axis, keepdims=keepdims) / count


def average(a, axis=None, weights=None, returned=False, *, keepdims=False):
    if returned:
        raise NotImplementedError("returned=True gives a tuple")
    if weights is None:
        return mean(a, axis=axis, keepdims=keepdims)
    if axis is None:
        return ops.sum(a * weights, keepdims=keepdims) / ops.sum(weights, keepdims=keepdims)
    return _average(a, axis, weights, keepdims)


def _average(a, axis, weights, keepdims=False):
    weights = ops.convert_to_tensor(weights, dtype=a.dtype)
    if len(weights.shape) != len(a.shape):
        weights = ops.reshape(weights, [-1 if dim == axis % len(a.shape) else 1 for dim in range(len(a.shape))])
        weights = weights * ops.ones_like(a)
    total = ops.sum(weights, axis=axis, keepdims=keepdims)
    return ops.sum(a * weights, axis=axis, keepdims=keepdims) / total
