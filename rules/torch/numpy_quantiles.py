"""NumPy's medians, quantiles and percentiles in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    if isinstance(axis, (list, tuple)):
        return _quantile_of_dims(a, 0.5, axis, keepdims=keepdims)
    return torch.quantile(a, 0.5, dim=axis, keepdim=keepdims)


def quantile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *, weights=None):
    if weights is not None:
        raise NotImplementedError("a quantile with weights has no counterpart")
    if method not in ("linear", "lower", "higher", "midpoint", "nearest"):
        raise NotImplementedError("this method of estimating a quantile has no counterpart")
    if isinstance(q, (list, tuple)):
        q = torch.as_tensor(q, dtype=a.dtype, device=a.device)
    if isinstance(axis, (list, tuple)):
        return _quantile_of_dims(a, q, axis, method, keepdims)
    return torch.quantile(a, q, dim=axis, interpolation=method, keepdim=keepdims)


def percentile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *, weights=None):
    if weights is not None:
        raise NotImplementedError("a percentile with weights has no counterpart")
    if method not in ("linear", "lower", "higher", "midpoint", "nearest"):
        raise NotImplementedError("this method of estimating a percentile has no counterpart")
    if isinstance(q, (list, tuple)):
        q = torch.as_tensor(q, dtype=a.dtype, device=a.device)
    if isinstance(axis, (list, tuple)):
        return _quantile_of_dims(a, q / 100, axis, method, keepdims)
    return torch.quantile(a, q / 100, dim=axis, interpolation=method, keepdim=keepdims)


def _quantile_of_dims(a, q, axis, method="linear", keepdims=False):
    # torch.quantile takes one dim: those to go are made one.
    merged = torch.movedim(a, tuple(axis), tuple(range(-len(axis), 0))).flatten(-len(axis))
    value = torch.quantile(merged, q, dim=-1, interpolation=method)
    more = value.ndim - (merged.ndim - 1)
    for dim in sorted(each % a.ndim for each in axis) if keepdims else ():
        value = value.unsqueeze(dim + more)
    return value


def nanmedian(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("torch.nanquantile takes one dim")
    return torch.nanquantile(a, 0.5, dim=axis, keepdim=keepdims)


def nanquantile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("torch.nanquantile takes one dim")
    if isinstance(q, (list, tuple)):
        raise NotImplementedError("one quantile at a time")
    return torch.nanquantile(a, q, dim=axis, interpolation=method, keepdim=keepdims)


def nanpercentile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("torch.nanquantile takes one dim")
    if isinstance(q, (list, tuple)):
        raise NotImplementedError("one percentile at a time")
    return torch.nanquantile(a, q / 100, dim=axis, interpolation=method, keepdim=keepdims)
