"""NumPy's choosing of elements in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def take(a, indices, axis=None, out=None, mode="raise"):
    if mode != "raise":
        raise NotImplementedError("mode= handles indices out of range, which has no counterpart")
    if isinstance(indices, int) and axis is None:
        return a.flatten()[indices]
    if isinstance(indices, int):
        return torch.select(a, axis, indices)
    if isinstance(indices, (list, tuple)):
        indices = torch.as_tensor(indices, device=a.device)
    if axis is None:
        return torch.take(a, indices)
    assert indices.dim() == 1 and bool((indices >= 0).all())
    return torch.index_select(a, axis, indices)


def take__any_indices(a, indices, axis, out=None, mode="raise"):
    if mode != "raise":
        raise NotImplementedError("mode= handles indices out of range, which has no counterpart")
    assert not isinstance(indices, int)
    return _take(a, indices, axis)


def _take(a, indices, axis):
    indices = torch.as_tensor(indices, device=a.device) % a.shape[axis]
    return torch.index_select(a, axis, indices.flatten()).unflatten(axis, indices.shape)


def take_along_axis(arr, indices, axis=-1):
    return torch.take_along_dim(arr, indices, dim=axis)


def compress(condition, a, axis=None):
    if axis is None:
        return a.flatten()[condition]
    return torch.index_select(a, axis, torch.nonzero(condition)[:, 0])


def extract(condition, arr):
    return arr[condition]


def piecewise(x, condlist, funclist, *args):
    if len(args) > 0:
        raise NotImplementedError("further arguments of the functions: give functions that need none")
    choices = [f(x) if callable(f) else f * torch.ones_like(x) for f in funclist]
    value = choices[-1] if len(choices) > len(condlist) else torch.zeros_like(x)
    for condition, choice in zip(condlist, choices, strict=False):
        value = torch.where(condition, choice, value)
    return value


def select(condlist, choicelist, default=0):
    value = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        value = torch.where(condition, choice, value)
    return value


def choose(a, choices):
    return torch.stack(choices).gather(0, a[None])[0]


def triu_indices_from(arr, k=0):
    return tuple(torch.triu_indices(*arr.shape, offset=k, device=arr.device))


def tril_indices_from(arr, k=0):
    return tuple(torch.tril_indices(*arr.shape, offset=k, device=arr.device))


def diag_indices_from(arr):
    raise NotImplementedError("indices of a shape have no gradient: write np.diagonal instead")


def unravel_index(indices, shape):
    raise NotImplementedError("indices are piecewise constant: they have no gradient")


ravel_multi_index = unravel_index


def ix_(*args):
    raise NotImplementedError("an index computed from plain numbers needs no gradient; NumPy is fine here")


s_ = ix_
index_exp = ix_


def mask_indices(n, mask_func, k=0):
    raise NotImplementedError("an index computed from plain numbers needs no gradient; NumPy is fine here")


def ndindex(*shape):
    raise NotImplementedError("indices have no gradient: the loop may stay, its body takes the tensor's elements")


def ndenumerate(arr):
    raise NotImplementedError("it iterates over plain numbers: write the loop as one operation")


def copyto(dst, src):
    raise NotImplementedError("it writes into an array: write dst = np.where(mask, src, dst), or dst = src, instead")


def place(arr, mask, vals):
    raise NotImplementedError("it writes into an array: write arr = np.where(mask, value, arr) instead")


putmask = place


def put(a, ind, v):
    raise NotImplementedError("it writes into an array: write a new one, with np.where and a mask of the places")


def put_along_axis(arr, indices, values, axis):
    raise NotImplementedError("it writes into an array: write a new one, with np.where and a mask of the places")


def fill_diagonal(a, val):
    raise NotImplementedError("it writes into an array: write a = np.where(np.eye(n, dtype=bool), val, a) instead")
