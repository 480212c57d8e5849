"""scipy.stats in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf

FOR = "scipy.stats"


def entropy(pk, qk=None, base=None, axis=0):
    if base is not None:
        return _entropy(pk, qk, axis) / math.log(base)
    return _entropy(pk, qk, axis)


def _entropy(pk, qk=None, axis=0):
    pk = pk / tf.reduce_sum(pk, axis=axis, keepdims=True)
    if qk is None:
        return -tf.reduce_sum(tf.math.xlogy(pk, pk), axis=axis)
    qk = qk / tf.reduce_sum(qk, axis=axis, keepdims=True)
    return tf.reduce_sum(tf.math.xlogy(pk, pk / qk), axis=axis)


def zscore(a, axis=0, ddof=0):
    if ddof != 0:
        raise NotImplementedError("tf.math.reduce_std divides by the count: ddof=0")
    return (a - tf.reduce_mean(a, axis=axis, keepdims=True)) / tf.math.reduce_std(a, axis=axis, keepdims=True)


def wasserstein_distance(u_values, v_values, u_weights=None, v_weights=None):
    if u_weights is not None or v_weights is not None:
        raise NotImplementedError("only samples of the same size and without weights")
    return tf.reduce_mean(tf.abs(tf.sort(u_values) - tf.sort(v_values)))


def pearsonr(x, y):
    raise NotImplementedError("it also gives a p-value, which has no counterpart: take np.corrcoef(x, y)[0, 1]")


def spearmanr(a, b=None):
    raise NotImplementedError("a ranking does not move with the values: it has no gradient")


rankdata = spearmanr
