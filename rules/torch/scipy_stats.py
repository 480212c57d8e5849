"""scipy.stats in PyTorch."""

from __future__ import annotations

import math

import torch

FOR = "scipy.stats"


def entropy(pk, qk=None, base=None, axis=0, *, keepdims=False):
    if base is not None:
        return _entropy(pk, qk, axis, keepdims) / math.log(base)
    return _entropy(pk, qk, axis, keepdims)


def _entropy(pk, qk=None, axis=0, keepdims=False):
    pk = pk / torch.sum(pk, dim=axis, keepdim=True)
    if qk is None:
        return torch.sum(torch.special.entr(pk), dim=axis, keepdim=keepdims)
    qk = qk / torch.sum(qk, dim=axis, keepdim=True)
    return torch.sum(torch.xlogy(pk, pk / qk), dim=axis, keepdim=keepdims)


def zscore(a, axis=0, ddof=0):
    return (a - torch.mean(a, dim=axis, keepdim=True)) / torch.std(a, dim=axis, correction=ddof, keepdim=True)


def gmean(a, axis=0, dtype=None, weights=None, *, keepdims=False):
    if weights is not None:
        return torch.exp(_weighted(torch.log(a), weights, axis, keepdims))
    return torch.exp(torch.mean(torch.log(a), dim=axis, keepdim=keepdims))


def hmean(a, axis=0, dtype=None, *, weights=None, keepdims=False):
    if weights is not None:
        return 1 / _weighted(1 / a, weights, axis, keepdims)
    return 1 / torch.mean(1 / a, dim=axis, keepdim=keepdims)


def _weighted(a, weights, axis=0, keepdims=False):
    total = torch.sum(torch.broadcast_to(weights, a.shape), dim=axis, keepdim=keepdims)
    return torch.sum(weights * a, dim=axis, keepdim=keepdims) / total


def skew(a, axis=0, bias=True, *, keepdims=False):
    if not bias:
        raise NotImplementedError("bias=False corrects by the count of samples; only the plain moment is supported")
    return _moment(a, 3, axis, keepdims)


def kurtosis(a, axis=0, fisher=True, bias=True, *, keepdims=False):
    if not bias:
        raise NotImplementedError("bias=False corrects by the count of samples; only the plain moment is supported")
    if fisher:
        return _moment(a, 4, axis, keepdims) - 3
    return _moment(a, 4, axis, keepdims)


def _moment(a, order, axis=0, keepdims=False):
    deviation = a - torch.mean(a, dim=axis, keepdim=True)
    variance = torch.mean(torch.square(deviation), dim=axis, keepdim=keepdims)
    return torch.mean(deviation**order, dim=axis, keepdim=keepdims) / variance ** (order / 2)


def wasserstein_distance(u_values, v_values, u_weights=None, v_weights=None):
    if u_weights is not None or v_weights is not None:
        raise NotImplementedError("only samples of the same size and without weights")
    assert u_values.shape == v_values.shape
    return torch.mean(torch.abs(torch.sort(u_values).values - torch.sort(v_values).values))


def wasserstein_distance__of_any_sizes(u_values, v_values, u_weights=None, v_weights=None):
    if u_weights is not None or v_weights is not None:
        raise NotImplementedError("only samples without weights")
    return _area_between(u_values, v_values)


def _area_between(u_values, v_values):
    both = torch.sort(torch.cat([u_values, v_values])).values
    below_u = torch.searchsorted(torch.sort(u_values).values, both[:-1], right=True).to(both.dtype)
    below_v = torch.searchsorted(torch.sort(v_values).values, both[:-1], right=True).to(both.dtype)
    shares = below_u / u_values.numel() - below_v / v_values.numel()
    return torch.sum(torch.abs(shares) * torch.diff(both))
