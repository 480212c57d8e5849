"""NumPy's rarer ways to shape and join arrays, and its newer names for products and sums, in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def permute_dims(a, axes=None):
    if axes is None:
        return torch.permute(a, tuple(range(a.ndim))[::-1])
    return torch.permute(a, axes)


def matrix_transpose(x):
    return x.mT


def rollaxis(a, axis, start=0):
    if start != 0:
        raise NotImplementedError("only to the front")
    return torch.moveaxis(a, axis, 0)


def atleast_3d(x):
    return torch.atleast_3d(x)


def row_stack(tup):
    return torch.vstack(tup)


def diagflat(v, k=0):
    return torch.diagflat(v, offset=k)


def broadcast_arrays(*args):
    return torch.broadcast_tensors(*args)


def asfortranarray(a):
    return a


asarray_chkfinite = asfortranarray


def msort(a):
    return torch.sort(a, dim=0).values


def cumulative_sum(x, *, axis=None):
    if axis is None:
        return torch.cumsum(x, dim=0)
    return torch.cumsum(x, dim=axis)


def cumulative_prod(x, *, axis=None):
    if axis is None:
        return torch.cumprod(x, dim=0)
    return torch.cumprod(x, dim=axis)


def ediff1d(ary):
    return torch.diff(ary.flatten())


def vecdot(x1, x2, *, axis=-1):
    return torch.linalg.vecdot(x1, x2, dim=axis)


def matvec(x1, x2):
    return torch.matmul(x1, x2)


def vecmat(x1, x2):
    return torch.matmul(x1, x2)


def compress(condition, a, axis=None):
    if axis is None:
        return a.flatten()[condition]
    return torch.index_select(a, axis, torch.nonzero(condition)[:, 0])


def extract(condition, arr):
    return arr[condition]


def i0(x):
    return torch.special.i0(x)


def imag(val):
    return torch.imag(val)


def angle(z):
    return torch.angle(z)


def vander(x, N=None, increasing=False):
    if N is None or increasing:
        raise NotImplementedError("only with N given, and falling powers")
    return x[:, None] ** torch.arange(N - 1, -1, -1, dtype=x.dtype, device=x.device)
