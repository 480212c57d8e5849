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


def cholesky(a, *, upper=False):
    if upper:
        return tf.linalg.adjoint(tf.linalg.cholesky(a))
    return tf.linalg.cholesky(a)


def eigvalsh(a, UPLO="L"):
    if UPLO != "L":
        raise NotImplementedError("tf.linalg.eigvalsh reads the lower triangle")
    return tf.linalg.eigvalsh(a)


def eig(a):
    return tf.linalg.eig(a)


def eigvals(a):
    assert tf.reduce_any(tf.math.imag(tf.linalg.eigvals(a)) != 0)
    return tf.linalg.eigvals(a)


def eigvals__real(a):
    assert not tf.reduce_any(tf.math.imag(tf.linalg.eigvals(a)) != 0)
    return tf.math.real(tf.linalg.eigvals(a))


def matrix_power(a, n):
    if n == 0:
        raise NotImplementedError("the power 0 is the unit matrix, which has no gradient")
    if n == 1:
        return a
    if n == 2:
        return tf.matmul(a, a)
    if n == -1:
        return tf.linalg.inv(a)
    return _matrix_power(a, n)


def _matrix_power(a, n):
    base = a if n > 0 else tf.linalg.inv(a)
    power = base
    for _ in range(abs(n) - 1):
        power = tf.matmul(power, base)
    return power


def multi_dot(arrays):
    product = arrays[0]
    for array in arrays[1:]:
        product = tf.tensordot(product, array, axes=1)
    return product


def lstsq(a, b, rcond=None):
    return _lstsq(a, b)


def _lstsq(a, b):
    columns = tf.reshape(b, [tf.shape(a)[0], -1])
    solution = tf.linalg.lstsq(a, columns)
    residuals = tf.reduce_sum(tf.square(columns - tf.matmul(a, solution)), axis=0)
    singular = tf.linalg.svd(a, compute_uv=False)
    rank = tf.linalg.matrix_rank(a)
    return solution if len(b.shape) == 2 else solution[:, 0], residuals, rank, singular


def tensorinv(a, ind=2):
    shape = tf.shape(a)
    matrix = tf.reshape(a, [tf.reduce_prod(shape[:ind]), -1])
    return tf.reshape(tf.linalg.inv(matrix), tf.concat([shape[ind:], shape[:ind]], axis=0))


def tensorsolve(a, b, axes=None):
    if axes is not None:
        raise NotImplementedError("axes= reorders the axes: transpose a first")
    return _tensorsolve(a, b)


def _tensorsolve(a, b):
    solution = tf.linalg.solve(tf.reshape(a, [tf.size(b), -1]), tf.reshape(b, [-1, 1]))
    return tf.reshape(solution, tf.shape(a)[len(b.shape) :])


def matmul(x1, x2):
    return tf.matmul(x1, x2)


def outer(x1, x2):
    return tf.tensordot(x1, x2, axes=0)


def trace(x, *, offset=0):
    if offset != 0:
        return tf.reduce_sum(tf.linalg.diag_part(x, k=offset), axis=-1)
    return tf.linalg.trace(x)


def matrix_transpose(x):
    return tf.linalg.matrix_transpose(x)


def matrix_rank(A):
    raise NotImplementedError("a rank is piecewise constant: it has no gradient")


def pinv(a, rcond=None, hermitian=False, *, rtol=None):
    if rcond is None and rtol is not None:
        rcond = rtol
    if hermitian:
        raise NotImplementedError("hermitian=True has no counterpart: leave it out")
    return tf.linalg.pinv(a, rcond=rcond)


def eigh(a, UPLO="L"):
    if UPLO != "L":
        raise NotImplementedError("tf.linalg.eigh reads the lower triangle")
    return tf.linalg.eigh(a)


def svd(a, full_matrices=True, compute_uv=True, hermitian=False):
    if hermitian:
        raise NotImplementedError("hermitian=True has no counterpart: leave it out")
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
