"""scipy.linalg in PyTorch; what is called as in numpy.linalg has its rule there."""

from __future__ import annotations

import torch
from autofix.rules.torch.numpy_linalg import det as det
from autofix.rules.torch.numpy_linalg import inv as inv
from autofix.rules.torch.numpy_linalg import norm as norm
from autofix.rules.torch.numpy_linalg import svd as svd

FOR = "scipy.linalg"


def cholesky(a, lower=False):
    return torch.linalg.cholesky(a, upper=not lower)


def solve(a, b, lower=False, *, transposed=False):
    if transposed:
        return torch.linalg.solve(a.mT, b)
    return torch.linalg.solve(a, b)


def solve_triangular(a, b, trans=0, lower=False, unit_diagonal=False):
    if trans != 0:
        raise NotImplementedError("trans= solves with the transpose: transpose the matrix first")
    return torch.linalg.solve_triangular(a, b, upper=not lower, unitriangular=unit_diagonal)


def pinv(a, *, atol=None, rtol=None):
    return torch.linalg.pinv(a, atol=atol, rtol=rtol)


def eigh(a, b=None, *, eigvals_only=False):
    if b is not None:
        raise NotImplementedError("it takes two matrices: multiply by the inverse of the second first")
    if eigvals_only:
        return torch.linalg.eigvalsh(a)
    return torch.linalg.eigh(a)


def eigvalsh(a, b=None):
    if b is not None:
        raise NotImplementedError("it takes two matrices: multiply by the inverse of the second first")
    return torch.linalg.eigvalsh(a)


def svdvals(a):
    return torch.linalg.svdvals(a)


def expm(A):
    return torch.linalg.matrix_exp(A)


def sqrtm(A):
    assert A.ndim == 2
    return _sqrtm(A)


def _sqrtm(A):
    values, vectors = torch.linalg.eig(A)
    return (vectors * torch.sqrt(values) @ torch.linalg.inv(vectors)).real


def logm(A):
    assert A.ndim == 2
    return _logm(A)


def _logm(A):
    values, vectors = torch.linalg.eig(A)
    return (vectors * torch.log(values) @ torch.linalg.inv(vectors)).real


def block_diag(*arrs):
    assert all(a.ndim <= 2 for a in arrs)
    return torch.block_diag(*arrs)


def lstsq(a, b, cond=None):
    raise NotImplementedError("it gives the rank among the values: take np.linalg.lstsq")
