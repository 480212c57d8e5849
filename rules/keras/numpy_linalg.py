"""numpy.linalg in keras.ops."""

from __future__ import annotations

from keras import ops

FOR = "numpy.linalg"


def norm(x, ord=None, axis=None, keepdims=False):
    if ord == 0:
        raise NotImplementedError("a count of elements is piecewise constant: it has no gradient")
    if axis is None:
        assert 0 < len(x.shape) < 3
    return ops.norm(x, ord=ord, axis=axis, keepdims=keepdims)


def norm__of_any_rank(x, ord=None, axis=None, keepdims=False):
    if ord is not None or axis is not None:
        raise NotImplementedError("only the Euclidean norm is that of a whole array of any rank")
    return ops.sqrt(ops.sum(ops.square(x), keepdims=keepdims))


def det(a):
    return ops.det(a)


def slogdet(a):
    return ops.slogdet(a)


def inv(a):
    return ops.inv(a)


def solve(a, b):
    if len(b.shape) == 1:
        return ops.solve(a, b[:, None])[:, 0]
    return ops.solve(a, b)


def cholesky(a, *, upper=False):
    if upper:
        return ops.swapaxes(ops.cholesky(a), -1, -2)
    return ops.cholesky(a)


def eigh(a, UPLO="L"):
    if UPLO != "L":
        raise NotImplementedError("ops.eigh reads the lower triangle")
    return ops.eigh(a)


def eigvalsh(a, UPLO="L"):
    if UPLO != "L":
        raise NotImplementedError("ops.eigh reads the lower triangle")
    return ops.eigh(a)[0]


def matrix_power(a, n):
    if n == 0:
        raise NotImplementedError("the power 0 is the unit matrix, which carries no gradient")
    if n == 1:
        return a
    if n == 2:
        return ops.matmul(a, a)
    if n == -1:
        return ops.inv(a)
    return _matrix_power(a, n)


def _matrix_power(a, n):
    base = a if n > 0 else ops.inv(a)
    power = base
    for _ in range(abs(n) - 1):
        power = ops.matmul(power, base)
    return power


def matmul(x1, x2):
    return ops.matmul(x1, x2)


def outer(x1, x2):
    return ops.outer(x1, x2)


def trace(x, *, offset=0):
    return ops.sum(ops.diagonal(x, offset=offset, axis1=-2, axis2=-1), axis=-1)


def matrix_transpose(x):
    return ops.swapaxes(x, -1, -2)


def matrix_rank(A):
    raise NotImplementedError("a rank does not move with the values: it has no gradient")


def pinv(a, rcond=None, hermitian=False, *, rtol=None):
    raise NotImplementedError("the pseudo-inverse of keras.ops is new: solve the normal equations with np.linalg.solve")


def svd(a, full_matrices=True, compute_uv=True, hermitian=False):
    if hermitian:
        raise NotImplementedError("hermitian=True has no counterpart: leave it out")
    return ops.svd(a, full_matrices=full_matrices, compute_uv=compute_uv)


def svdvals(x):
    return ops.svd(x, compute_uv=False)


def qr(a, mode="reduced"):
    if mode != "reduced":
        raise NotImplementedError("only the reduced factors")
    return ops.qr(a)


def diagonal(x, *, offset=0):
    return ops.diagonal(x, offset=offset, axis1=-2, axis2=-1)


def vecdot(x1, x2, *, axis=-1):
    return ops.sum(x1 * x2, axis=axis)


def tensordot(x1, x2, *, axes=2):
    return ops.tensordot(x1, x2, axes=axes)


def vector_norm(x, *, ord=2, axis=None, keepdims=False):
    if axis is None and keepdims:
        raise NotImplementedError("keepdims= of a whole array has no counterpart: give the axis")
    if axis is None:
        return ops.norm(ops.reshape(x, [-1]), ord=ord)
    return ops.norm(x, ord=ord, axis=axis, keepdims=keepdims)


def matrix_norm(x, *, ord="fro", keepdims=False):
    return ops.norm(x, ord=ord, axis=(-2, -1), keepdims=keepdims)
