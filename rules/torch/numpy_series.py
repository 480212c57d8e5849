"""NumPy's functions along an axis: sums so far, differences, areas, order in PyTorch."""

from __future__ import annotations

import math

import torch

FOR = "numpy"


def cumsum(a, axis=None):
    if axis is None:
        return torch.cumsum(a.flatten(), dim=0)
    return torch.cumsum(a, dim=axis)


def cumprod(a, axis=None):
    if axis is None:
        return torch.cumprod(a.flatten(), dim=0)
    return torch.cumprod(a, dim=axis)


cumproduct = cumprod


def diff(a, n=1, axis=-1, prepend=None, append=None):
    return torch.diff(a, n=n, dim=axis, prepend=prepend, append=append)


def trapezoid(y, x=None, dx=1.0, axis=-1):
    if x is None:
        return torch.trapezoid(y, dx=dx, dim=axis)
    return torch.trapezoid(y, x, dim=axis)


trapz = trapezoid


def sort(a, axis=-1, *, kind=None, stable=None):
    if axis is None:
        return torch.sort(a.flatten()).values
    return torch.sort(a, dim=axis).values


def interp(x, xp, fp, left=None, right=None):
    if left is not None or right is not None:
        raise NotImplementedError("left= and right= have no counterpart")
    x, xp, fp = x.clamp(xp[0], xp[-1]), torch.as_tensor(xp), torch.as_tensor(fp)
    i = torch.searchsorted(xp, x.detach()).clamp(1, len(xp) - 1)
    return fp[i - 1] + (fp[i] - fp[i - 1]) * (x - xp[i - 1]) / (xp[i] - xp[i - 1])


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


def partition(a, kth, axis=-1):
    if axis is None:
        return torch.sort(a.flatten()).values
    return torch.sort(a, dim=axis).values


def unwrap(p, discont=None, axis=-1, *, period=2 * math.pi):
    if discont is not None:
        raise NotImplementedError("only jumps of half a period are known here")
    return _unwrap(p, axis, period)


def _unwrap(p, axis=-1, period=2 * math.pi):
    first, others = torch.tensor_split(p, [1], dim=axis)
    turns = torch.cumsum(torch.round(torch.diff(p, dim=axis) / period), dim=axis)
    return torch.cat([first, others - period * turns], dim=axis)


def sort_complex(a):
    raise NotImplementedError("the frameworks know no order of complex numbers")
