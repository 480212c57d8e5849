"""NumPy's medians, quantiles and percentiles in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf

FOR = "numpy"


def median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    if isinstance(axis, (list, tuple)):
        return _quantiles(a, 0.5, axis, keepdims=keepdims)
    return _quantile(a, 0.5, axis=axis, keepdims=keepdims)


def quantile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *, weights=None):
    if weights is not None:
        raise NotImplementedError("a quantile with weights has no counterpart")
    if method not in ("linear", "lower", "higher", "midpoint", "nearest"):
        raise NotImplementedError("this method of estimating a quantile has no counterpart")
    if method != "linear" or isinstance(q, (list, tuple)) or isinstance(axis, (list, tuple)):
        return _quantiles(a, q, axis, method, keepdims)
    return _quantile(a, q, axis=axis, keepdims=keepdims)


def percentile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *, weights=None):
    if weights is not None:
        raise NotImplementedError("a percentile with weights has no counterpart")
    if method not in ("linear", "lower", "higher", "midpoint", "nearest"):
        raise NotImplementedError("this method of estimating a percentile has no counterpart")
    if isinstance(q, (list, tuple)):
        q = tf.convert_to_tensor(q, a.dtype)
        return _quantiles(a, q / 100, axis, method, keepdims)
    if method != "linear" or isinstance(axis, (list, tuple)):
        return _quantiles(a, q / 100, axis, method, keepdims)
    return _quantile(a, q / 100, axis=axis, keepdims=keepdims)


def _quantile(a, q, axis=None, keepdims=False):
    if axis is None:
        flat = _quantile(tf.reshape(a, [-1]), q, axis=0)
        return tf.reshape(flat, [1] * len(a.shape)) if keepdims else flat
    ordered = tf.sort(a, axis=axis)
    position = tf.convert_to_tensor(q, a.dtype) * tf.cast(tf.shape(a)[axis] - 1, a.dtype)
    below, above = tf.floor(position), tf.math.ceil(position)
    lower = tf.gather(ordered, tf.cast(below, tf.int32), axis=axis)
    upper = tf.gather(ordered, tf.cast(above, tf.int32), axis=axis)
    between = lower + (upper - lower) * (position - below)
    return tf.expand_dims(between, axis) if keepdims else between


def _quantiles(a, q, axis=None, method="linear", keepdims=False):
    rank = len(a.shape)
    axes = range(rank) if axis is None else axis if isinstance(axis, (list, tuple)) else [axis]
    axes = sorted(each % rank for each in axes)
    others = [each for each in range(rank) if each not in axes]
    ordered = tf.transpose(a, perm=axes + others)
    shape = tf.concat([[-1], tf.shape(ordered)[len(axes) :]], axis=0)
    ordered = tf.sort(tf.reshape(ordered, shape), axis=0)
    q = tf.convert_to_tensor(q, a.dtype)
    position = q * tf.cast(tf.shape(ordered)[0] - 1, a.dtype)
    below, above = tf.floor(position), tf.math.ceil(position)
    near = tf.round(position) - below
    part = {"linear": position - below, "lower": 0 * q, "higher": 0 * q + 1, "midpoint": 0 * q + 0.5, "nearest": near}
    lower, upper = tf.gather(ordered, tf.cast(below, tf.int32)), tf.gather(ordered, tf.cast(above, tf.int32))
    value = lower + (upper - lower) * part[method][(..., *[None] * len(others))]
    for each in axes if keepdims else ():
        value = tf.expand_dims(value, each + len(q.shape))
    return value


def nanmedian(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("one axis at a time")
    return _quantile_of_numbers(a, 0.5, axis=axis, keepdims=keepdims)


def nanquantile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False):
    if method != "linear":
        raise NotImplementedError("only the linear method is supported")
    if isinstance(axis, (list, tuple)) or isinstance(q, (list, tuple)):
        raise NotImplementedError("one axis and one quantile at a time")
    return _quantile_of_numbers(a, q, axis=axis, keepdims=keepdims)


def nanpercentile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False):
    if method != "linear":
        raise NotImplementedError("only the linear method is supported")
    if isinstance(axis, (list, tuple)) or isinstance(q, (list, tuple)):
        raise NotImplementedError("one axis and one percentile at a time")
    return _quantile_of_numbers(a, q / 100, axis=axis, keepdims=keepdims)


def _quantile_of_numbers(a, q, axis=None, keepdims=False):
    if axis is None:
        flat = _quantile_of_numbers(tf.reshape(a, [-1]), q, axis=0)
        return tf.reshape(flat, [1] * len(a.shape)) if keepdims else flat
    rows = tf.experimental.numpy.moveaxis(a, axis, -1)
    count = tf.reduce_sum(tf.cast(~tf.math.is_nan(rows), a.dtype), axis=-1, keepdims=True)
    ordered = tf.sort(tf.where(tf.math.is_nan(rows), tf.constant(math.inf, a.dtype), rows), axis=-1)
    position = q * (count - 1)
    below = tf.floor(position)
    lower = tf.gather(ordered, tf.cast(below, tf.int32), batch_dims=len(a.shape) - 1)
    upper = tf.gather(ordered, tf.cast(tf.math.ceil(position), tf.int32), batch_dims=len(a.shape) - 1)
    between = lower + (upper - lower) * (position - below)
    return tf.experimental.numpy.moveaxis(between, -1, axis) if keepdims else tf.squeeze(between, axis=-1)
