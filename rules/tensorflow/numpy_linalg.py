"""numpy.linalg in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf

FOR = "numpy.linalg"


def norm(x, ord=None, axis=None, keepdims=False):
    if ord is None:
        return tf.norm(x, axis=axis, keepdims=keepdims)
    if ord in ("nuc", 0):
        raise NotImplementedError("tf.norm does not know this norm")
    if ord == "fro" and axis is None:
        return tf.norm(x, keepdims=keepdims)
    if isinstance(axis, (list, tuple)):
        return tf.norm(x, ord="euclidean" if ord == "fro" else ord, axis=axis, keepdims=keepdims)
    if axis is None and len(x.shape) == 2:
        return _matrix_norm(x, ord, keepdims)
    return _vector_norm(x, ord, -1 if axis is None else axis, keepdims)


def _vector_norm(x, ord, axis, keepdims=False):
    if ord == -math.inf:
        return tf.reduce_min(tf.abs(x), axis=axis, keepdims=keepdims)
    if ord < 0:
        raise NotImplementedError("tf.norm takes no negative order")
    return tf.norm(x, ord=ord, axis=axis, keepdims=keepdims)


def _matrix_norm(x, ord, keepdims=False):
    if ord < 0:
        raise NotImplementedError("tf.norm takes no negative order")
    return tf.norm(x, ord=ord, axis=(-2, -1), keepdims=keepdims)


def det(a):
    return tf.linalg.det(a)


def slogdet(a):
    return tf.linalg.slogdet(a)


def inv(a):
    return tf.linalg.inv(a)


def solve(a, b):
    if len(b.shape) == 1:
        return tf.linalg.solve(a, b[:, None])[:, 0]
    return tf.linalg.solve(a, b)


def cholesky(a):
    return tf.linalg.cholesky(a)


def eigvalsh(a):
    return tf.linalg.eigvalsh(a)


def matmul(x1, x2):
    return tf.matmul(x1, x2)


def outer(x1, x2):
    return tf.tensordot(x1, x2, axes=0)


def trace(x, *, offset=0):
    if offset != 0:
        raise NotImplementedError("only the main diagonal")
    return tf.linalg.trace(x)


def matrix_transpose(x):
    return tf.linalg.matrix_transpose(x)


def matrix_rank(A):
    raise NotImplementedError("a rank does not move with the values: it has no gradient")


def pinv(a):
    return tf.linalg.pinv(a)


def eigh(a, UPLO="L"):
    if UPLO != "L":
        raise NotImplementedError("tf.linalg.eigh reads the lower triangle")
    return tf.linalg.eigh(a)


def svd(a, full_matrices=True, compute_uv=True):
    if not compute_uv:
        return tf.linalg.svd(a, compute_uv=False)
    return _svd(a, full_matrices)


def _svd(a, full_matrices=True):
    # TensorFlow gives the singular values first, and the last factor not transposed.
    s, u, v = tf.linalg.svd(a, full_matrices=full_matrices)
    return u, s, tf.linalg.adjoint(v)


def svdvals(x):
    return tf.linalg.svd(x, compute_uv=False)


def qr(a, mode="reduced"):
    if mode != "reduced":
        raise NotImplementedError("only the reduced factors")
    return tf.linalg.qr(a)


def cond(x, p=None):
    if p is not None:
        raise NotImplementedError("only the ratio of the singular values")
    return _cond(x)


def _cond(x):
    values = tf.linalg.svd(x, compute_uv=False)
    return values[..., 0] / values[..., -1]


def cross(x1, x2, *, axis=-1):
    if axis != -1:
        raise NotImplementedError("tf.linalg.cross works along the last axis")
    return tf.linalg.cross(x1, x2)


def diagonal(x, *, offset=0):
    return tf.linalg.diag_part(x, k=offset)


def vecdot(x1, x2, *, axis=-1):
    return tf.reduce_sum(x1 * x2, axis=axis)


def tensordot(x1, x2, *, axes=2):
    return tf.tensordot(x1, x2, axes=axes)


def vector_norm(x, *, ord=2, axis=None, keepdims=False):
    return tf.norm(x, ord=ord, axis=axis, keepdims=keepdims)


def matrix_norm(x, *, ord="fro", keepdims=False):
    if ord not in ("fro", 1, 2):
        raise NotImplementedError("tf.norm does not know this norm")
    return tf.norm(x, ord=ord, axis=(-2, -1), keepdims=keepdims)
