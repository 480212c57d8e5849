"""NumPy's functions along an axis: sums so far, differences, areas, order in PyTorch."""

from __future__ import annotations

import math

import torch

FOR = "numpy"


def cumsum(a, axis=None, dtype=None, out=None):
    if axis is None:
        return torch.cumsum(a.flatten(), dim=0)
    return torch.cumsum(a, dim=axis)


def cumprod(a, axis=None, dtype=None, out=None):
    if axis is None:
        return torch.cumprod(a.flatten(), dim=0)
    return torch.cumprod(a, dim=axis)


cumproduct = cumprod


def diff(a, n=1, axis=-1, prepend=None, append=None):
    if isinstance(prepend, (int, float)) or isinstance(append, (int, float)):
        return _diff(a, n, axis, prepend, append)
    return torch.diff(a, n=n, dim=axis, prepend=prepend, append=append)


def _diff(a, n=1, axis=-1, prepend=None, append=None):
    first = a.narrow(axis, 0, 1)
    ends = [torch.full_like(first, end) if isinstance(end, (int, float)) else end for end in (prepend, append)]
    return torch.diff(a, n=n, dim=axis, prepend=ends[0], append=ends[1])


def trapezoid(y, x=None, dx=1.0, axis=-1):
    if x is None:
        return torch.trapezoid(y, dx=dx, dim=axis)
    return torch.trapezoid(y, x, dim=axis)


trapz = trapezoid


def sort(a, axis=-1, kind=None, order=None, *, stable=None):
    if order is not None:
        raise NotImplementedError("order= names the fields of records, which tensors do not have")
    if axis is None:
        return torch.sort(a.flatten()).values
    return torch.sort(a, dim=axis).values


def interp(x, xp, fp, left=None, right=None, period=None):
    if period is not None:
        raise NotImplementedError("period= has no counterpart: take the remainder of x first")
    if left is not None or right is not None:
        return _interp_with_ends(x, xp, fp, left, right)
    return _interp(x, xp, fp)


def _interp(x, xp, fp):
    x, xp, fp = x.clamp(xp[0], xp[-1]), torch.as_tensor(xp), torch.as_tensor(fp)
    i = torch.searchsorted(xp, x.detach()).clamp(1, len(xp) - 1)
    return fp[i - 1] + (fp[i] - fp[i - 1]) * (x - xp[i - 1]) / (xp[i] - xp[i - 1])


def _interp_with_ends(x, xp, fp, left=None, right=None):
    value = _interp(x, xp, fp)
    value = value if left is None else torch.where(x < xp[0], left, value)
    return value if right is None else torch.where(x > xp[-1], right, value)


def msort(a):
    return torch.sort(a, dim=0).values


def cumulative_sum(x, *, axis=None, dtype=None, out=None, include_initial=False):
    if include_initial:
        raise NotImplementedError("include_initial= has no counterpart: join a zero in front")
    if axis is None:
        return torch.cumsum(x, dim=0)
    return torch.cumsum(x, dim=axis)


def cumulative_prod(x, *, axis=None, dtype=None, out=None, include_initial=False):
    if include_initial:
        raise NotImplementedError("include_initial= has no counterpart: join a one in front")
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
        raise NotImplementedError("only jumps of half a period are supported")
    return _unwrap(p, axis, period)


def _unwrap(p, axis=-1, period=2 * math.pi):
    first, others = torch.tensor_split(p, [1], dim=axis)
    turns = torch.cumsum(torch.round(torch.diff(p, dim=axis) / period), dim=axis)
    return torch.cat([first, others - period * turns], dim=axis)


def sort_complex(a):
    raise NotImplementedError("the frameworks do not order complex numbers")
