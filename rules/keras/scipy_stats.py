"""scipy.stats in keras.ops."""

from __future__ import annotations

import math

from keras import ops

FOR = "scipy.stats"


def _xlogy(x, y):
    return x * ops.log(ops.where(x == 0, ops.ones_like(y), y))


def entropy(pk, qk=None, base=None, axis=0, *, keepdims=False):
    if base is not None:
        return _entropy(pk, qk, axis, keepdims) / math.log(base)
    return _entropy(pk, qk, axis, keepdims)


def _entropy(pk, qk=None, axis=0, keepdims=False):
    pk = pk / ops.sum(pk, axis=axis, keepdims=True)
    if qk is None:
        return -ops.sum(_xlogy(pk, pk), axis=axis, keepdims=keepdims)
    qk = qk / ops.sum(qk, axis=axis, keepdims=True)
    return ops.sum(_xlogy(pk, pk / qk), axis=axis, keepdims=keepdims)


def zscore(a, axis=0, ddof=0):
    if ddof != 0:
        return _by_deviation_of(a, axis, ddof)
    return (a - ops.mean(a, axis=axis, keepdims=True)) / ops.std(a, axis=axis, keepdims=True)


def _by_deviation_of(a, axis=0, ddof=0):
    deviation = a - ops.mean(a, axis=axis, keepdims=True)
    count = ops.sum(ops.ones_like(a), axis=axis, keepdims=True)
    return deviation / ops.sqrt(ops.sum(ops.square(deviation), axis=axis, keepdims=True) / (count - ddof))


def gmean(a, axis=0, dtype=None, weights=None, *, keepdims=False):
    if weights is not None:
        return ops.exp(_weighted(ops.log(a), weights, axis, keepdims))
    return ops.exp(ops.mean(ops.log(a), axis=axis, keepdims=keepdims))


def hmean(a, axis=0, dtype=None, *, weights=None, keepdims=False):
    if weights is not None:
        return 1 / _weighted(1 / a, weights, axis, keepdims)
    return 1 / ops.mean(1 / a, axis=axis, keepdims=keepdims)


def _weighted(a, weights, axis=0, keepdims=False):
    total = ops.sum(ops.broadcast_to(weights, ops.shape(a)), axis=axis, keepdims=keepdims)
    return ops.sum(weights * a, axis=axis, keepdims=keepdims) / total


def skew(a, axis=0, bias=True, *, keepdims=False):
    if not bias:
        raise NotImplementedError("bias=False corrects by the count of samples; only the plain moment is supported")
    return _moment(a, 3, axis, keepdims)


def kurtosis(a, axis=0, fisher=True, bias=True, *, keepdims=False):
    if not bias:
        raise NotImplementedError("bias=False corrects by the count of samples; only the plain moment is supported")
    if fisher:
        return _moment(a, 4, axis, keepdims) - 3
    return _moment(a, 4, axis, keepdims)


def _moment(a, order, axis=0, keepdims=False):
    deviation = a - ops.mean(a, axis=axis, keepdims=True)
    variance = ops.mean(ops.square(deviation), axis=axis, keepdims=keepdims)
    return ops.mean(deviation**order, axis=axis, keepdims=keepdims) / variance ** (order / 2)


def wasserstein_distance(u_values, v_values, u_weights=None, v_weights=None):
    if u_weights is not None or v_weights is not None:
        raise NotImplementedError("only samples of the same size and without weights")
    return ops.mean(ops.abs(ops.sort(u_values) - ops.sort(v_values)))
