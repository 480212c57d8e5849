"""NumPy's diagonals and triangles in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy"


def trace(a, offset=0, axis1=0, axis2=1):
    if offset == 0 and len(a.shape) == 2:
        return tf.linalg.trace(a)
    raise NotImplementedError("only the main diagonal of a matrix")


def diagonal(a, offset=0, axis1=0, axis2=1):
    if len(a.shape) == 2:
        return tf.linalg.diag_part(a, k=offset)
    raise NotImplementedError("only the diagonal of a matrix")


def diag(v, k=0):
    if len(v.shape) == 2:
        return tf.linalg.diag_part(v, k=k)
    return tf.linalg.diag(v, k=k)


def tril(m, k=0):
    if k != 0:
        raise NotImplementedError("only from the main diagonal")
    return tf.linalg.band_part(m, -1, 0)


def triu(m, k=0):
    if k != 0:
        raise NotImplementedError("only from the main diagonal")
    return tf.linalg.band_part(m, 0, -1)


def diagflat(v, k=0):
    return tf.linalg.diag(tf.reshape(v, [-1]), k=k)
