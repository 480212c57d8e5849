"""NumPy's rarer ways to shape and join arrays, and its newer names for products and sums, in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy"


def permute_dims(a, axes=None):
    return tf.transpose(a, perm=axes)


def matrix_transpose(x):
    return tf.linalg.matrix_transpose(x)


def rollaxis(a, axis, start=0):
    if start != 0:
        raise NotImplementedError("only to the front")
    return tf.experimental.numpy.moveaxis(a, axis, 0)


def atleast_3d(x):
    return tf.experimental.numpy.atleast_3d(x)


def row_stack(tup):
    if len(tup[0].shape) >= 2:
        return tf.concat(tup, axis=0)
    return tf.stack(tup)


def dstack(tup):
    if len(tup[0].shape) >= 3:
        return tf.concat(tup, axis=2)
    return tf.stack(tup, axis=-1)


def rot90(m, k=1, axes=(0, 1)):
    return tf.experimental.numpy.rot90(m, k, axes)


def kron(a, b):
    return tf.experimental.numpy.kron(a, b)


def diagflat(v, k=0):
    return tf.linalg.diag(tf.reshape(v, [-1]), k=k)


def asfortranarray(a):
    return a


asarray_chkfinite = asfortranarray


def msort(a):
    return tf.sort(a, axis=0)


def cumulative_sum(x, *, axis=None):
    if axis is None:
        return tf.cumsum(x)
    return tf.cumsum(x, axis=axis)


def cumulative_prod(x, *, axis=None):
    if axis is None:
        return tf.math.cumprod(x)
    return tf.math.cumprod(x, axis=axis)


def ediff1d(ary):
    return _ediff1d(tf.reshape(ary, [-1]))


def _ediff1d(flat):
    return flat[1:] - flat[:-1]


def vecdot(x1, x2, *, axis=-1):
    return tf.reduce_sum(x1 * x2, axis=axis)


def matvec(x1, x2):
    return tf.linalg.matvec(x1, x2)


def vecmat(x1, x2):
    return tf.linalg.matvec(x2, x1, transpose_a=True)


def compress(condition, a, axis=None):
    if axis is None:
        return tf.boolean_mask(tf.reshape(a, [-1]), condition)
    return tf.boolean_mask(a, condition, axis=axis)


def extract(condition, arr):
    return tf.boolean_mask(arr, condition)


def i0(x):
    return tf.math.bessel_i0(x)


def imag(val):
    return tf.math.imag(val)


def angle(z):
    return tf.math.angle(z)


def vander(x, N=None, increasing=False):
    if N is None or increasing:
        raise NotImplementedError("only with N given, and falling powers")
    return x[:, None] ** tf.cast(tf.range(N - 1, -1, -1), x.dtype)
