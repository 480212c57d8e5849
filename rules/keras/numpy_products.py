"""NumPy's products of vectors and matrices in keras.ops."""

from __future__ import annotations

from keras import ops

FOR = "numpy"


def dot(a, b, out=None):
    if isinstance(a, (int, float)) or isinstance(b, (int, float)):
        return a * b
    return ops.dot(a, b)


def matmul(x1, x2):
    return ops.matmul(x1, x2)


def inner(a, b):
    if isinstance(a, (int, float)) or isinstance(b, (int, float)):
        return a * b
    assert len(a.shape) > 0 and len(b.shape) > 0
    return ops.tensordot(a, b, axes=([-1], [-1]))


def outer(a, b, out=None):
    return ops.outer(a, b)


def vdot(a, b):
    return ops.dot(ops.reshape(a, [-1]), ops.reshape(b, [-1]))


def tensordot(a, b, axes=2):
    return ops.tensordot(a, b, axes=axes)


def einsum(subscripts, *operands, out=None, optimize=False):
    if not isinstance(subscripts, str):
        raise NotImplementedError("ops.einsum takes its subscripts as a string")
    return ops.einsum(subscripts, *operands)


def vecdot(x1, x2, *, axis=-1):
    return ops.sum(x1 * x2, axis=axis)


def cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    if axisa != -1 or axisb != -1 or axisc != -1:
        raise NotImplementedError("one axis for both vectors and the result: give axis=")
    if axis is None or axis == -1:
        return ops.cross(a, b)
    return ops.cross(a, b, axis=axis)
