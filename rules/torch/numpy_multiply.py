"""The methods of NumPy's multiply in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy.multiply"


def reduce(array, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None:
        array = torch.where(where, array, 1)
    if initial is not None:
        return initial * reduce(array, axis, keepdims=keepdims)
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("torch.prod takes one dim: write np.prod instead")
    if axis is None:
        return torch.prod(array)
    return torch.prod(array, dim=axis, keepdim=keepdims)


def accumulate(array, axis=0, dtype=None, out=None):
    return torch.cumprod(array, dim=axis)


def outer(a, b):
    if a.ndim == 1 and b.ndim == 1:
        return torch.outer(a, b)
    return torch.tensordot(a, b, dims=0)


def at(a, indices, b=None):
    raise NotImplementedError("it writes into an array: multiply by np.where(places, b, 1) instead")


def reduceat(array, indices, axis=0):
    raise NotImplementedError("it reduces slices of unequal lengths: write the slices out")
