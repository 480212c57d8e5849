"""The methods of NumPy's maximum in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy.maximum"


def reduce(array, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None and initial is None:
        raise NotImplementedError("where= needs initial=, in NumPy too: the largest of no elements is not defined")
    if where is not None:
        array = torch.where(where, array, initial)
    if initial is not None:
        return torch.clamp(reduce(array, axis, keepdims=keepdims), min=initial)
    if axis is None:
        axis = tuple(range(array.ndim))
    return torch.amax(array, dim=axis, keepdim=keepdims)


def accumulate(array, axis=0, dtype=None, out=None):
    return torch.cummax(array, dim=axis).values


def outer(a, b):
    if a.ndim == 1 and b.ndim == 1:
        return torch.maximum(a[:, None], b)
    return torch.maximum(a.reshape(a.shape + (1,) * b.ndim), b)


def at(a, indices, b=None):
    raise NotImplementedError("it writes into an array: write np.maximum(a, np.where(places, b, a)) instead")


def reduceat(array, indices, axis=0):
    raise NotImplementedError("it reduces slices of unequal lengths: write the slices out")
