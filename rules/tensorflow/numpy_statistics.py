"""NumPy's covariances, and its reductions that skip NaN, in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf

FOR = "numpy"


def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None):
    if fweights is not None or aweights is not None:
        raise NotImplementedError("weights of observations have no counterpart here")
    if y is not None and len(m.shape) == 1:
        m = tf.stack([m, y])
    elif y is not None and rowvar:
        m = tf.concat([m, y], axis=0)
    elif y is not None:
        m = tf.concat([m, y], axis=1)
    if not rowvar:
        m = tf.transpose(m)
    if bias and ddof is None:
        ddof = 0
    if ddof is None:
        ddof = 1
    return tf.squeeze(_covariance(m, ddof))


def corrcoef(x, y=None, rowvar=True, *, dtype=None):
    if y is not None and len(x.shape) == 1:
        x = tf.stack([x, y])
    elif y is not None and rowvar:
        x = tf.concat([x, y], axis=0)
    elif y is not None:
        x = tf.concat([x, y], axis=1)
    if not rowvar:
        x = tf.transpose(x)
    assert len(x.shape) == 2
    return _correlation(x)


def _covariance(m, ddof):
    rows = tf.reshape(m, [-1, tf.shape(m)[-1]])
    centred = rows - tf.reduce_mean(rows, axis=1, keepdims=True)
    return tf.matmul(centred, centred, transpose_b=True) / tf.cast(tf.shape(rows)[1] - ddof, m.dtype)


def _correlation(x):
    covariance = _covariance(x, 0)
    deviation = tf.sqrt(tf.linalg.diag_part(covariance))
    return covariance / deviation[:, None] / deviation[None, :]


def nanmax(a, axis=None, *, keepdims=False):
    return tf.reduce_max(_instead_of_nan(a, -math.inf), axis=axis, keepdims=keepdims)


def nanmin(a, axis=None, *, keepdims=False):
    return tf.reduce_min(_instead_of_nan(a, math.inf), axis=axis, keepdims=keepdims)


def nanprod(a, axis=None, *, keepdims=False):
    return tf.reduce_prod(_instead_of_nan(a, 1), axis=axis, keepdims=keepdims)


def nancumsum(a, axis=None):
    if axis is None:
        return tf.cumsum(tf.reshape(_instead_of_nan(a, 0), [-1]))
    return tf.cumsum(_instead_of_nan(a, 0), axis=axis)


def nancumprod(a, axis=None):
    if axis is None:
        return tf.math.cumprod(tf.reshape(_instead_of_nan(a, 1), [-1]))
    return tf.math.cumprod(_instead_of_nan(a, 1), axis=axis)


def _instead_of_nan(a, number):
    return tf.where(tf.math.is_nan(a), tf.constant(number, a.dtype), a)


def nanvar(a, axis=None, *, ddof=0, keepdims=False):
    return _variance_of_numbers(a, axis=axis, ddof=ddof, keepdims=keepdims)


def nanstd(a, axis=None, *, ddof=0, keepdims=False):
    return tf.sqrt(_variance_of_numbers(a, axis=axis, ddof=ddof, keepdims=keepdims))


def _variance_of_numbers(a, axis=None, ddof=0, keepdims=False):
    present = tf.cast(~tf.math.is_nan(a), a.dtype)
    values = _instead_of_nan(a, 0)
    mean = tf.reduce_sum(values, axis=axis, keepdims=True) / tf.reduce_sum(present, axis=axis, keepdims=True)
    squares = tf.reduce_sum(tf.square(values - mean) * present, axis=axis, keepdims=keepdims)
    return squares / (tf.reduce_sum(present, axis=axis, keepdims=keepdims) - ddof)
