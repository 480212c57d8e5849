"""NumPy's covariances, and its reductions that skip NaN, in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None):
    if isinstance(fweights, (list, tuple)):
        fweights = torch.as_tensor(fweights, device=m.device)
    if isinstance(aweights, (list, tuple)):
        aweights = torch.as_tensor(aweights, dtype=m.dtype, device=m.device)
    if y is not None and rowvar:
        m = torch.vstack([m, y])
    if y is not None and not rowvar:
        m = torch.hstack([m, y])
    if not rowvar:
        m = m.T
    if bias and ddof is None:
        ddof = 0
    if ddof is None:
        return torch.cov(m, fweights=fweights, aweights=aweights)
    return torch.cov(m, correction=ddof, fweights=fweights, aweights=aweights)


def corrcoef(x, y=None, rowvar=True, *, dtype=None):
    if y is not None and rowvar:
        x = torch.vstack([x, y])
    if y is not None and not rowvar:
        x = torch.hstack([x, y])
    if not rowvar:
        x = x.T
    return torch.corrcoef(x)


def nanmax(a, axis=None, *, keepdims=False):
    if axis is None and not keepdims:
        return torch.max(torch.where(torch.isnan(a), -torch.inf, a))
    if axis is None:
        axis = tuple(range(a.ndim))
    return torch.amax(torch.where(torch.isnan(a), -torch.inf, a), dim=axis, keepdim=keepdims)


def nanmin(a, axis=None, *, keepdims=False):
    if axis is None and not keepdims:
        return torch.min(torch.where(torch.isnan(a), torch.inf, a))
    if axis is None:
        axis = tuple(range(a.ndim))
    return torch.amin(torch.where(torch.isnan(a), torch.inf, a), dim=axis, keepdim=keepdims)


def nanvar(a, axis=None, *, ddof=0, keepdims=False):
    return _variance_of_numbers(a, axis=axis, ddof=ddof, keepdims=keepdims)


def nanstd(a, axis=None, *, ddof=0, keepdims=False):
    return torch.sqrt(_variance_of_numbers(a, axis=axis, ddof=ddof, keepdims=keepdims))


def _variance_of_numbers(a, axis=None, ddof=0, keepdims=False):
    dims = tuple(range(a.ndim)) if axis is None else axis
    missing = torch.isnan(a)
    deviation = torch.where(missing, 0.0, a - torch.nanmean(a, dim=dims, keepdim=True))
    count = torch.sum(~missing, dim=dims, keepdim=keepdims)
    return torch.sum(torch.square(deviation), dim=dims, keepdim=keepdims) / (count - ddof)


def nanprod(a, axis=None):
    if axis is None:
        return torch.prod(torch.where(torch.isnan(a), 1.0, a))
    return torch.prod(torch.where(torch.isnan(a), 1.0, a), dim=axis)


def nancumsum(a, axis=None):
    if axis is None:
        return torch.cumsum(torch.where(torch.isnan(a), 0.0, a).flatten(), dim=0)
    return torch.cumsum(torch.where(torch.isnan(a), 0.0, a), dim=axis)


def nancumprod(a, axis=None):
    if axis is None:
        return torch.cumprod(torch.where(torch.isnan(a), 1.0, a).flatten(), dim=0)
    return torch.cumprod(torch.where(torch.isnan(a), 1.0, a), dim=axis)
