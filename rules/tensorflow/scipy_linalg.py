"""scipy.linalg in TensorFlow; what is called as in numpy.linalg has its rule there."""

from __future__ import annotations

import tensorflow as tf
from autofix.rules.tensorflow.numpy_linalg import det as det
from autofix.rules.tensorflow.numpy_linalg import inv as inv
from autofix.rules.tensorflow.numpy_linalg import norm as norm
from autofix.rules.tensorflow.numpy_linalg import svd as svd

FOR = "scipy.linalg"


def cholesky(a, lower=False):
    if lower:
        return tf.linalg.cholesky(a)
    return tf.linalg.adjoint(tf.linalg.cholesky(a))


def solve(a, b, lower=False, *, transposed=False):
    if len(b.shape) == 1:
        return tf.linalg.solve(a, b[:, None], adjoint=transposed)[:, 0]
    return tf.linalg.solve(a, b, adjoint=transposed)


def solve_triangular(a, b, trans=0, lower=False, unit_diagonal=False):
    if trans != 0 or unit_diagonal:
        raise NotImplementedError("only a triangle as it stands: transpose it, or fill its diagonal first")
    return tf.linalg.triangular_solve(a, b, lower=lower)


def pinv(a, *, atol=None, rtol=None):
    if atol is not None:
        raise NotImplementedError("atol= cuts singular values off by their size: pass rtol=")
    return tf.linalg.pinv(a, rcond=rtol)


def eigh(a, b=None, *, eigvals_only=False):
    if b is not None:
        raise NotImplementedError("it takes two matrices: multiply by the inverse of the second first")
    if eigvals_only:
        return tf.linalg.eigvalsh(a)
    return tf.linalg.eigh(a)


def eigvalsh(a, b=None):
    if b is not None:
        raise NotImplementedError("it takes two matrices: multiply by the inverse of the second first")
    return tf.linalg.eigvalsh(a)


def svdvals(a):
    return tf.linalg.svd(a, compute_uv=False)


def expm(A):
    return tf.linalg.expm(A)


def sqrtm(A):
    return tf.linalg.sqrtm(A)


def logm(A):
    assert len(A.shape) == 2
    return _logm(A)


def _logm(A):
    values, vectors = tf.linalg.eig(A)
    return tf.math.real(tf.matmul(vectors * tf.math.log(values), tf.linalg.inv(vectors)))


def block_diag(*arrs):
    return tf.linalg.LinearOperatorBlockDiag([tf.linalg.LinearOperatorFullMatrix(a) for a in arrs]).to_dense()


def lstsq(a, b, cond=None):
    raise NotImplementedError("it gives the rank among the values: take np.linalg.lstsq")
