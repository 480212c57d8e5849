"""scipy.linalg in TensorFlow; what is called as in numpy.linalg has its rule there."""

from __future__ import annotations

import tensorflow as tf
from autofix.rules.tensorflow.numpy_linalg import det as det
from autofix.rules.tensorflow.numpy_linalg import eigh as eigh
from autofix.rules.tensorflow.numpy_linalg import inv as inv
from autofix.rules.tensorflow.numpy_linalg import norm as norm
from autofix.rules.tensorflow.numpy_linalg import pinv as pinv
from autofix.rules.tensorflow.numpy_linalg import svd as svd
from autofix.rules.tensorflow.numpy_linalg import svdvals as svdvals

FOR = "scipy.linalg"


def cholesky(a, lower=False, overwrite_a=False, check_finite=True):
    if lower:
        return tf.linalg.cholesky(a)
    return tf.linalg.adjoint(tf.linalg.cholesky(a))


def solve(a, b, lower=False, overwrite_a=False, overwrite_b=False, check_finite=True, assume_a=None, transposed=False):
    if len(b.shape) == 1:
        return tf.linalg.solve(a, b[:, None], adjoint=transposed)[:, 0]
    return tf.linalg.solve(a, b, adjoint=transposed)


def solve_triangular(a, b, trans=0, lower=False, unit_diagonal=False):
    if trans != 0 or unit_diagonal:
        raise NotImplementedError("only a triangle as it stands: transpose it, or fill its diagonal, before")
    return tf.linalg.triangular_solve(a, b, lower=lower)


def eigvalsh(a):
    return tf.linalg.eigvalsh(a)


def expm(A):
    return tf.linalg.expm(A)


def sqrtm(A):
    return tf.linalg.sqrtm(A)


def logm(A):
    values, vectors = tf.linalg.eig(A)
    return tf.math.real(tf.matmul(vectors * tf.math.log(values), tf.linalg.inv(vectors)))


def block_diag(*arrs):
    return tf.linalg.LinearOperatorBlockDiag([tf.linalg.LinearOperatorFullMatrix(a) for a in arrs]).to_dense()


def lstsq(a, b, cond=None):
    raise NotImplementedError("it gives the rank among the values: take np.linalg.lstsq")
