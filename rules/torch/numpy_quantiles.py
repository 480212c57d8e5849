"""NumPy's medians, quantiles and percentiles in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def median(a, axis=None, *, keepdims=False):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("torch.quantile takes one dim")
    return torch.quantile(a, 0.5, dim=axis, keepdim=keepdims)


def quantile(a, q, axis=None, *, method="linear", keepdims=False):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("torch.quantile takes one dim")
    if isinstance(q, (list, tuple)):
        q = torch.as_tensor(q, dtype=a.dtype, device=a.device)
    return torch.quantile(a, q, dim=axis, interpolation=method, keepdim=keepdims)


def percentile(a, q, axis=None, *, method="linear", keepdims=False):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("torch.quantile takes one dim")
    if isinstance(q, (list, tuple)):
        q = torch.as_tensor(q, dtype=a.dtype, device=a.device)
    return torch.quantile(a, q / 100, dim=axis, interpolation=method, keepdim=keepdims)


def nanmedian(a, axis=None, *, keepdims=False):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("torch.nanquantile takes one dim")
    return torch.nanquantile(a, 0.5, dim=axis, keepdim=keepdims)


def nanquantile(a, q, axis=None, *, keepdims=False):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("torch.nanquantile takes one dim")
    if isinstance(q, (list, tuple)):
        raise NotImplementedError("one quantile at a time")
    return torch.nanquantile(a, q, dim=axis, keepdim=keepdims)


def nanpercentile(a, q, axis=None, *, keepdims=False):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("torch.nanquantile takes one dim")
    if isinstance(q, (list, tuple)):
        raise NotImplementedError("one percentile at a time")
    return torch.nanquantile(a, q / 100, dim=axis, keepdim=keepdims)
