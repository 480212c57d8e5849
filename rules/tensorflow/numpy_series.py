"""NumPy's functions along an axis: sums so far, differences, areas, order in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf

FOR = "numpy"


def cumsum(a, axis=None, dtype=None, out=None):
    if axis is None:
        return tf.cumsum(tf.reshape(a, [-1]))
    return tf.cumsum(a, axis=axis)


def cumprod(a, axis=None, dtype=None, out=None):
    if axis is None:
        return tf.math.cumprod(tf.reshape(a, [-1]))
    return tf.math.cumprod(a, axis=axis)


cumproduct = cumprod


def diff(a, n=1, axis=-1, prepend=None, append=None):
    if prepend is not None or append is not None:
        return _diff_with_ends(a, n, axis, prepend, append)
    if n == 1 and axis == -1:
        return a[..., 1:] - a[..., :-1]
    if n == 1 and axis == 0:
        return a[1:] - a[:-1]
    return _diff(a, n, axis)


def _diff_with_ends(a, n=1, axis=-1, prepend=None, append=None):
    first = tf.gather(a, [0], axis=axis)
    ends = [tf.ones_like(first) * end if isinstance(end, (int, float)) else end for end in (prepend, append)]
    return _diff(tf.concat([part for part in (ends[0], a, ends[1]) if part is not None], axis=axis), n, axis)


def _diff(a, n=1, axis=-1):
    for _ in range(n):
        after = tf.range(1, tf.shape(a)[axis])
        a = tf.gather(a, after, axis=axis) - tf.gather(a, after - 1, axis=axis)
    return a


def trapezoid(y, x=None, dx=1.0, axis=-1):
    if axis != -1 and x is not None and len(x.shape) == len(y.shape):
        x = tf.experimental.numpy.moveaxis(x, axis, -1)
    width = dx if x is None else x[..., 1:] - x[..., :-1]
    if axis != -1:
        y = tf.experimental.numpy.moveaxis(y, axis, -1)
    return tf.reduce_sum((y[..., 1:] + y[..., :-1]) / 2 * width, axis=-1)


trapz = trapezoid


def sort(a, axis=-1, kind=None, order=None, *, stable=None):
    if order is not None:
        raise NotImplementedError("order= names the fields of records, which tensors do not have")
    if axis is None:
        return tf.sort(tf.reshape(a, [-1]))
    return tf.sort(a, axis=axis)


def interp(x, xp, fp, left=None, right=None, period=None):
    if period is not None:
        raise NotImplementedError("period= has no counterpart: take the remainder of x first")
    if left is not None or right is not None:
        return _interp_with_ends(x, xp, fp, left, right)
    return _interp(x, xp, fp)


def _interp(x, xp, fp):
    x = tf.convert_to_tensor(x)
    xp, fp = tf.cast(xp, x.dtype), tf.cast(fp, x.dtype)
    flat = tf.clip_by_value(tf.reshape(x, [-1]), xp[0], xp[-1])
    i = tf.clip_by_value(tf.searchsorted(xp, flat), 1, tf.shape(xp)[0] - 1)
    slope = (tf.gather(fp, i) - tf.gather(fp, i - 1)) / (tf.gather(xp, i) - tf.gather(xp, i - 1))
    return tf.reshape(tf.gather(fp, i - 1) + slope * (flat - tf.gather(xp, i - 1)), tf.shape(x))


def _interp_with_ends(x, xp, fp, left=None, right=None):
    value = _interp(x, xp, fp)
    value = value if left is None else tf.where(x < xp[0], tf.cast(left, value.dtype), value)
    return value if right is None else tf.where(x > xp[-1], tf.cast(right, value.dtype), value)


def msort(a):
    return tf.sort(a, axis=0)


def cumulative_sum(x, *, axis=None, dtype=None, out=None, include_initial=False):
    if include_initial:
        raise NotImplementedError("include_initial= has no counterpart: join a zero in front")
    if axis is None:
        return tf.cumsum(x)
    return tf.cumsum(x, axis=axis)


def cumulative_prod(x, *, axis=None, dtype=None, out=None, include_initial=False):
    if include_initial:
        raise NotImplementedError("include_initial= has no counterpart: join a one in front")
    if axis is None:
        return tf.math.cumprod(x)
    return tf.math.cumprod(x, axis=axis)


def ediff1d(ary):
    return _ediff1d(tf.reshape(ary, [-1]))


def _ediff1d(flat):
    return flat[1:] - flat[:-1]


def partition(a, kth, axis=-1):
    if axis is None:
        return tf.sort(tf.reshape(a, [-1]))
    return tf.sort(a, axis=axis)


def unwrap(p, discont=None, axis=-1, *, period=2 * math.pi):
    if discont is not None:
        raise NotImplementedError("only jumps of half a period are supported")
    return _unwrap(p, axis, period)


def _unwrap(p, axis=-1, period=2 * math.pi):
    p = tf.experimental.numpy.moveaxis(p, axis, -1)
    turns = tf.cumsum(tf.round((p[..., 1:] - p[..., :-1]) / period), axis=-1)
    return tf.experimental.numpy.moveaxis(tf.concat([p[..., :1], p[..., 1:] - period * turns], axis=-1), -1, axis)


def sort_complex(a):
    raise NotImplementedError("the frameworks do not order complex numbers")
