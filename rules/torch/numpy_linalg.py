"""numpy.linalg in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy.linalg"


def norm(x, ord=None, axis=None, keepdims=False):
    return torch.linalg.norm(x, ord=ord, dim=axis, keepdim=keepdims)


def vector_norm(x, *, ord=2, axis=None, keepdims=False):
    return torch.linalg.vector_norm(x, ord=ord, dim=axis, keepdim=keepdims)


def matrix_norm(x, *, ord="fro", keepdims=False):
    return torch.linalg.matrix_norm(x, ord=ord, keepdim=keepdims)


def det(a):
    return torch.linalg.det(a)


def slogdet(a):
    return torch.linalg.slogdet(a)


def inv(a):
    return torch.linalg.inv(a)


def pinv(a, rcond=None, hermitian=False, *, rtol=None):
    if rcond is None and rtol is not None:
        rcond = rtol
    return torch.linalg.pinv(a, rtol=rcond, hermitian=hermitian)


def solve(a, b):
    return torch.linalg.solve(a, b)


def cholesky(a, *, upper=False):
    return torch.linalg.cholesky(a, upper=upper)


def eigvalsh(a, UPLO="L"):
    return torch.linalg.eigvalsh(a, UPLO=UPLO)


def svdvals(x):
    return torch.linalg.svdvals(x)


def matrix_power(a, n):
    return torch.linalg.matrix_power(a, n)


def multi_dot(arrays):
    return torch.linalg.multi_dot(arrays)


def matmul(x1, x2):
    return torch.matmul(x1, x2)


def outer(x1, x2):
    return torch.outer(x1, x2)


def trace(x, *, offset=0):
    return torch.diagonal(x, offset=offset, dim1=-2, dim2=-1).sum(dim=-1)


def matrix_transpose(x):
    return x.mT


def matrix_rank(A):
    raise NotImplementedError("a rank is piecewise constant: it has no gradient")


def eigh(a, UPLO="L"):
    return torch.linalg.eigh(a, UPLO=UPLO)


def eig(a):
    return torch.linalg.eig(a)


def eigvals(a):
    assert torch.linalg.eigvals(a).imag.any()
    return torch.linalg.eigvals(a)


def eigvals__real(a):
    assert not torch.linalg.eigvals(a).imag.any()
    return torch.linalg.eigvals(a).real


def lstsq(a, b, rcond=None):
    return _lstsq(a, b)


def _lstsq(a, b):
    solution = torch.linalg.pinv(a) @ b
    residuals = torch.sum(torch.square(b - a @ solution), dim=0)
    return solution, torch.atleast_1d(residuals), torch.linalg.matrix_rank(a), torch.linalg.svdvals(a)


def tensorinv(a, ind=2):
    return torch.linalg.tensorinv(a, ind=ind)


def tensorsolve(a, b, axes=None):
    return torch.linalg.tensorsolve(a, b, dims=axes)


def svd(a, full_matrices=True, compute_uv=True, hermitian=False):
    if hermitian:
        raise NotImplementedError("hermitian=True has no counterpart: leave it out")
    if not compute_uv:
        return torch.linalg.svdvals(a)
    return torch.linalg.svd(a, full_matrices=full_matrices)


def qr(a, mode="reduced"):
    if mode == "raw":
        raise NotImplementedError("mode='raw' gives Householder reflectors, which have no counterpart")
    return torch.linalg.qr(a, mode=mode)


def cond(x, p=None):
    if p is None:
        return torch.linalg.cond(x)
    return torch.linalg.matrix_norm(x, p) * torch.linalg.matrix_norm(torch.linalg.inv(x), p)


def cross(x1, x2, *, axis=-1):
    return torch.linalg.cross(x1, x2, dim=axis)


def diagonal(x, *, offset=0):
    return torch.linalg.diagonal(x, offset=offset)


def vecdot(x1, x2, *, axis=-1):
    return torch.linalg.vecdot(x1, x2, dim=axis)


def tensordot(x1, x2, *, axes=2):
    return torch.tensordot(x1, x2, dims=axes)
