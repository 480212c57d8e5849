"""NumPy's diagonals and triangles in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy"


def trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    if offset == 0 and len(a.shape) == 2:
        return tf.linalg.trace(a)
    return tf.reduce_sum(diagonal(a, offset, axis1, axis2), axis=-1)


def diagonal(a, offset=0, axis1=0, axis2=1):
    if axis1 == 0 and axis2 == 1 and len(a.shape) == 2:
        return tf.linalg.diag_part(a, k=offset)
    if axis1 == -2 and axis2 == -1:
        return tf.linalg.diag_part(a, k=offset)
    return tf.linalg.diag_part(tf.experimental.numpy.moveaxis(a, (axis1, axis2), (-2, -1)), k=offset)


def diag(v, k=0):
    if len(v.shape) == 2:
        return tf.linalg.diag_part(v, k=k)
    return tf.linalg.diag(v, k=k)


def tril(m, k=0):
    assert len(m.shape) >= 2
    if k >= 0:
        return tf.linalg.band_part(m, -1, k)
    return m - tf.linalg.band_part(m, -1 - k, -1)


def triu(m, k=0):
    assert len(m.shape) >= 2
    if k <= 0:
        return tf.linalg.band_part(m, 0 - k, -1)
    return m - tf.linalg.band_part(m, -1, k - 1)


def diagflat(v, k=0):
    return tf.linalg.diag(tf.reshape(v, [-1]), k=k)
