"""NumPy's diagonals and triangles in keras.ops."""

from __future__ import annotations

from keras import ops

FOR = "numpy"


def trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    return ops.sum(diagonal(a, offset, axis1, axis2), axis=-1)


def diagonal(a, offset=0, axis1=0, axis2=1):
    return ops.diagonal(a, offset=offset, axis1=axis1, axis2=axis2)


def diag(v, k=0):
    return ops.diag(v, k=k)


def tril(m, k=0):
    assert len(m.shape) >= 2
    return ops.tril(m, k=k)


def triu(m, k=0):
    assert len(m.shape) >= 2
    return ops.triu(m, k=k)
