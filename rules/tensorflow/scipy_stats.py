"""scipy.stats in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf

FOR = "scipy.stats"


def entropy(pk, qk=None, base=None, axis=0, *, keepdims=False):
    if base is not None:
        return _entropy(pk, qk, axis, keepdims) / math.log(base)
    return _entropy(pk, qk, axis, keepdims)


def _entropy(pk, qk=None, axis=0, keepdims=False):
    pk = pk / tf.reduce_sum(pk, axis=axis, keepdims=True)
    if qk is None:
        return -tf.reduce_sum(tf.math.xlogy(pk, pk), axis=axis, keepdims=keepdims)
    qk = qk / tf.reduce_sum(qk, axis=axis, keepdims=True)
    return tf.reduce_sum(tf.math.xlogy(pk, pk / qk), axis=axis, keepdims=keepdims)


def zscore(a, axis=0, ddof=0):
    if ddof != 0:
        return _by_deviation_of(a, axis, ddof)
    return (a - tf.reduce_mean(a, axis=axis, keepdims=True)) / tf.math.reduce_std(a, axis=axis, keepdims=True)


def _by_deviation_of(a, axis=0, ddof=0):
    deviation = a - tf.reduce_mean(a, axis=axis, keepdims=True)
    count = tf.reduce_sum(tf.ones_like(a), axis=axis, keepdims=True)
    return deviation / tf.sqrt(tf.reduce_sum(tf.square(deviation), axis=axis, keepdims=True) / (count - ddof))


def gmean(a, axis=0, dtype=None, weights=None, *, keepdims=False):
    if weights is not None:
        return tf.exp(_weighted(tf.math.log(a), weights, axis, keepdims))
    return tf.exp(tf.reduce_mean(tf.math.log(a), axis=axis, keepdims=keepdims))


def hmean(a, axis=0, dtype=None, *, weights=None, keepdims=False):
    if weights is not None:
        return 1 / _weighted(1 / a, weights, axis, keepdims)
    return 1 / tf.reduce_mean(1 / a, axis=axis, keepdims=keepdims)


def _weighted(a, weights, axis=0, keepdims=False):
    total = tf.reduce_sum(tf.broadcast_to(weights, tf.shape(a)), axis=axis, keepdims=keepdims)
    return tf.reduce_sum(weights * a, axis=axis, keepdims=keepdims) / total


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
    deviation = a - tf.reduce_mean(a, axis=axis, keepdims=True)
    variance = tf.reduce_mean(tf.square(deviation), axis=axis, keepdims=keepdims)
    return tf.reduce_mean(deviation**order, axis=axis, keepdims=keepdims) / variance ** (order / 2)


def wasserstein_distance(u_values, v_values, u_weights=None, v_weights=None):
    if u_weights is not None or v_weights is not None:
        raise NotImplementedError("only samples of the same size and without weights")
    assert u_values.shape == v_values.shape
    return tf.reduce_mean(tf.abs(tf.sort(u_values) - tf.sort(v_values)))


def wasserstein_distance__of_any_sizes(u_values, v_values, u_weights=None, v_weights=None):
    if u_weights is not None or v_weights is not None:
        raise NotImplementedError("only samples without weights")
    return _area_between(u_values, v_values)


def _area_between(u_values, v_values):
    both = tf.sort(tf.concat([u_values, v_values], axis=0))
    below_u = tf.searchsorted(tf.sort(u_values), both[:-1], side="right") / tf.size(u_values)
    below_v = tf.searchsorted(tf.sort(v_values), both[:-1], side="right") / tf.size(v_values)
    return tf.reduce_sum(tf.cast(tf.abs(below_u - below_v), both.dtype) * (both[1:] - both[:-1]))
