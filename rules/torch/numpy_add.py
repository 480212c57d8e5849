"""The methods of NumPy's add in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy.add"


def reduce(array, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None:
        array = torch.where(where, array, 0)
    if initial is not None:
        return initial + reduce(array, axis, keepdims=keepdims)
    return torch.sum(array, dim=axis, keepdim=keepdims)


def accumulate(array, axis=0, dtype=None, out=None):
    return torch.cumsum(array, dim=axis)


def outer(a, b):
    if a.ndim == 1 and b.ndim == 1:
        return a[:, None] + b
    return a.reshape(a.shape + (1,) * b.ndim) + b


def at(a, indices, b=None):
    raise NotImplementedError(
        "it writes into an array: add np.where(places, b, 0) instead, or sum over a mask for each place"
    )


def reduceat(array, indices, axis=0):
    raise NotImplementedError("it reduces slices of unequal lengths: write the slices out")
