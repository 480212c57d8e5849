"""NumPy's sums, means and extremes in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def sum(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None:
        a = torch.where(where, a, 0)
    if initial is not None:
        return initial + sum(a, axis, keepdims=keepdims)
    if axis is None and keepdims:
        return torch.sum(a, dim=None, keepdim=True)
    return torch.sum(a, dim=axis, keepdim=keepdims)


def mean(a, axis=None, dtype=None, out=None, keepdims=False, *, where=None):
    if where is not None and axis is None and not keepdims and where.shape == a.shape:
        return torch.mean(a[where])
    if where is not None:
        return _mean_where(a, where, axis, keepdims)
    if axis is None and keepdims:
        return torch.mean(a, dim=None, keepdim=True)
    return torch.mean(a, dim=axis, keepdim=keepdims)


def _mean_where(a, where, axis=None, keepdims=False):
    total = torch.sum(torch.where(where, a, 0), dim=axis, keepdim=keepdims)
    return total / torch.sum(where.expand_as(a), dim=axis, keepdim=keepdims)


def std(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=None, correction=None):
    if where is not None:
        return torch.sqrt(_variance_where(a, where, axis, ddof if correction is None else correction, keepdims))
    return torch.std(a, dim=axis, correction=ddof if correction is None else correction, keepdim=keepdims)


def var(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=None, correction=None):
    if where is not None:
        return _variance_where(a, where, axis, ddof if correction is None else correction, keepdims)
    return torch.var(a, dim=axis, correction=ddof if correction is None else correction, keepdim=keepdims)


def _variance_where(a, where, axis=None, ddof=0, keepdims=False):
    where = where.expand_as(a)
    total = torch.sum(torch.where(where, a, 0), dim=axis, keepdim=True)
    deviation = torch.where(where, a - total / torch.sum(where, dim=axis, keepdim=True), 0)
    squares = torch.sum(torch.square(deviation), dim=axis, keepdim=keepdims)
    return squares / (torch.sum(where, dim=axis, keepdim=keepdims) - ddof)


def max(a, axis=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None and initial is None:
        raise NotImplementedError("where= needs initial=, in NumPy too: the largest of no elements is not defined")
    if where is not None:
        a = torch.where(where, a, initial)
    if initial is not None:
        return torch.clamp(max(a, axis, keepdims=keepdims), min=initial)
    if axis is None and keepdims:
        return torch.amax(a, dim=tuple(range(a.ndim)), keepdim=True)
    if axis is None:
        return torch.max(a)
    return torch.amax(a, dim=axis, keepdim=keepdims)


amax = max


def min(a, axis=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None and initial is None:
        raise NotImplementedError("where= needs initial=, in NumPy too: the smallest of no elements is not defined")
    if where is not None:
        a = torch.where(where, a, initial)
    if initial is not None:
        return torch.clamp(min(a, axis, keepdims=keepdims), max=initial)
    if axis is None and keepdims:
        return torch.amin(a, dim=tuple(range(a.ndim)), keepdim=True)
    if axis is None:
        return torch.min(a)
    return torch.amin(a, dim=axis, keepdim=keepdims)


amin = min


def ptp(a, axis=None, out=None, keepdims=False):
    if axis is None and not keepdims:
        return torch.max(a) - torch.min(a)
    if axis is None:
        axis = tuple(range(a.ndim))
    return torch.amax(a, dim=axis, keepdim=keepdims) - torch.amin(a, dim=axis, keepdim=keepdims)


def prod(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None:
        a = torch.where(where, a, 1)
    if initial is not None:
        return initial * prod(a, axis, keepdims=keepdims)
    if isinstance(axis, (list, tuple)):
        return _prod_of_dims(a, axis, keepdims)
    if axis is None and keepdims:
        return torch.prod(a).reshape([1] * a.ndim)
    if axis is None:
        return torch.prod(a)
    return torch.prod(a, dim=axis, keepdim=keepdims)


product = prod


def _prod_of_dims(a, axis, keepdims=False):
    for dim in sorted((each % a.ndim for each in axis), reverse=True):
        a = torch.prod(a, dim=dim, keepdim=keepdims)
    return a


def nansum(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None:
        a = torch.where(where, a, 0)
    if initial is not None:
        return initial + nansum(a, axis, keepdims=keepdims)
    if axis is None and keepdims:
        return torch.nansum(a, dim=None, keepdim=True)
    return torch.nansum(a, dim=axis, keepdim=keepdims)


def nanmean(a, axis=None, dtype=None, out=None, keepdims=False, *, where=None):
    if where is not None:
        a = torch.where(where, a, torch.nan)
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
    weights = torch.as_tensor(weights, dtype=a.dtype, device=a.device)
    if axis is not None and weights.shape != a.shape:
        weights = weights.reshape([-1 if dim == axis % a.ndim else 1 for dim in range(a.ndim)]).expand_as(a)
    return torch.sum(a * weights, dim=axis, keepdim=keepdims) / torch.sum(weights, dim=axis, keepdim=keepdims)


def all(a, axis=None, out=None, keepdims=False, *, where=None):
    if where is not None:
        a = torch.where(where, a, True)
    return torch.all(a, dim=axis, keepdim=keepdims)


alltrue = all


def any(a, axis=None, out=None, keepdims=False, *, where=None):
    if where is not None:
        a = torch.where(where, a, False)
    return torch.any(a, dim=axis, keepdim=keepdims)


sometrue = any


def apply_along_axis(func1d, axis, arr):
    raise NotImplementedError("it calls a function row by row: call it with the tensor and its axis=")


def apply_over_axes(func, a, axes):
    raise NotImplementedError("it calls a function axis by axis: call it with axis=axes, keepdims=True")


def nanargmax(a, axis=None):
    raise NotImplementedError("an index is piecewise constant: argmax has no gradient")


nanargmin = nanargmax
