"""NumPy's products of vectors and matrices in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy"


def dot(a, b, out=None):
    if isinstance(a, (int, float)) or isinstance(b, (int, float)):
        return a * b
    assert len(a.shape) > 0 and len(b.shape) > 0
    if len(a.shape) == 1 and len(b.shape) == 1:
        return tf.tensordot(a, b, axes=1)
    if len(a.shape) == 2 and len(b.shape) == 2:
        return tf.matmul(a, b)
    if len(b.shape) == 1:
        return tf.tensordot(a, b, axes=1)
    return tf.tensordot(a, b, axes=([-1], [-2]))


def matmul(x1, x2):
    if len(x1.shape) == 2 and len(x2.shape) == 1:
        return tf.linalg.matvec(x1, x2)
    if len(x1.shape) == 1 or len(x2.shape) == 1:
        return tf.tensordot(x1, x2, axes=1)
    return tf.matmul(x1, x2)


def inner(a, b):
    if isinstance(a, (int, float)) or isinstance(b, (int, float)):
        return a * b
    assert len(a.shape) > 0 and len(b.shape) > 0
    return tf.tensordot(a, b, axes=([-1], [-1]))


def outer(a, b, out=None):
    return tf.tensordot(tf.reshape(a, [-1]), tf.reshape(b, [-1]), axes=0)


def vdot(a, b):
    return tf.tensordot(tf.reshape(a, [-1]), tf.reshape(b, [-1]), axes=1)


def tensordot(a, b, axes=2):
    return tf.tensordot(a, b, axes=axes)


def einsum(subscripts, *operands, out=None, optimize=False):
    if not isinstance(subscripts, str):
        raise NotImplementedError("tf.einsum takes its subscripts as a string")
    return tf.einsum(subscripts, *operands)


def kron(a, b):
    assert len(a.shape) <= 2
    return tf.experimental.numpy.kron(a, b)


def vecdot(x1, x2, *, axis=-1):
    return tf.reduce_sum(x1 * x2, axis=axis)


def matvec(x1, x2):
    return tf.linalg.matvec(x1, x2)


def vecmat(x1, x2):
    return tf.linalg.matvec(x2, x1, transpose_a=True)


def cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    if axisa != -1 or axisb != -1 or axisc != -1:
        raise NotImplementedError("one axis for both vectors and the result: pass axis=")
    if axis is None or axis == -1:
        return tf.linalg.cross(a, b)
    return _cross(a, b, axis)


def _cross(a, b, axis):
    a, b = tf.experimental.numpy.moveaxis(a, axis, -1), tf.experimental.numpy.moveaxis(b, axis, -1)
    return tf.experimental.numpy.moveaxis(tf.linalg.cross(a, b), -1, axis)
