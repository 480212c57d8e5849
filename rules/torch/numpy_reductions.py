"""NumPy's sums, means and extremes in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def sum(a, axis=None, *, keepdims=False):
    if axis is None and keepdims:
        return torch.sum(a, dim=None, keepdim=True)
    return torch.sum(a, dim=axis, keepdim=keepdims)


def mean(a, axis=None, *, keepdims=False):
    if axis is None and keepdims:
        return torch.mean(a, dim=None, keepdim=True)
    return torch.mean(a, dim=axis, keepdim=keepdims)


def std(a, axis=None, *, ddof=0, keepdims=False, correction=None):
    return torch.std(a, dim=axis, correction=ddof if correction is None else correction, keepdim=keepdims)


def var(a, axis=None, *, ddof=0, keepdims=False, correction=None):
    return torch.var(a, dim=axis, correction=ddof if correction is None else correction, keepdim=keepdims)


def max(a, axis=None, *, keepdims=False):
    if axis is None and keepdims:
        return torch.amax(a, dim=tuple(range(a.ndim)), keepdim=True)
    if axis is None:
        return torch.max(a)
    return torch.amax(a, dim=axis, keepdim=keepdims)


amax = max


def min(a, axis=None, *, keepdims=False):
    if axis is None and keepdims:
        return torch.amin(a, dim=tuple(range(a.ndim)), keepdim=True)
    if axis is None:
        return torch.min(a)
    return torch.amin(a, dim=axis, keepdim=keepdims)


amin = min


def ptp(a, axis=None, *, keepdims=False):
    if axis is None and not keepdims:
        return torch.max(a) - torch.min(a)
    dims = tuple(range(a.ndim)) if axis is None else axis
    return torch.amax(a, dim=dims, keepdim=keepdims) - torch.amin(a, dim=dims, keepdim=keepdims)


def prod(a, axis=None, *, keepdims=False):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("torch.prod takes one dim")
    if axis is None and keepdims:
        return torch.prod(a).reshape([1] * a.ndim)
    if axis is None:
        return torch.prod(a)
    return torch.prod(a, dim=axis, keepdim=keepdims)


product = prod


def nansum(a, axis=None, *, keepdims=False):
    if axis is None and keepdims:
        return torch.nansum(a, dim=None, keepdim=True)
    return torch.nansum(a, dim=axis, keepdim=keepdims)


def nanmean(a, axis=None, *, keepdims=False):
    if axis is None and keepdims:
        return torch.nanmean(a, dim=None, keepdim=True)
    return torch.nanmean(a, dim=axis, keepdim=keepdims)


def average(a, axis=None, weights=None, returned=False, *, keepdims=False):
    if returned:
        raise NotImplementedError("returned=True gives a tuple")
    if weights is None:
        return mean(a, axis=axis, keepdims=keepdims)
    return _average(a, axis, weights, keepdims)


def _average(a, axis=None, weights=None, keepdims=False):
    if axis is not None and weights.shape != a.shape:
        weights = weights.reshape([-1 if dim == axis % a.ndim else 1 for dim in range(a.ndim)]).expand_as(a)
    return torch.sum(a * weights, dim=axis, keepdim=keepdims) / torch.sum(weights, dim=axis, keepdim=keepdims)


def all(a, axis=None, *, keepdims=False):
    return torch.all(a, dim=axis, keepdim=keepdims)


alltrue = all


def any(a, axis=None, *, keepdims=False):
    return torch.any(a, dim=axis, keepdim=keepdims)


sometrue = any


def apply_along_axis(func1d, axis, arr):
    raise NotImplementedError("it calls a function with one row after another: call it with the tensor and its axis=")


def apply_over_axes(func, a, axes):
    raise NotImplementedError("it calls a function with one axis after another: call it with axis=axes, keepdims=True")


def nanargmax(a, axis=None):
    raise NotImplementedError("an index does not move with the values: argmax has no gradient")


nanargmin = nanargmax
