"""scipy.stats in PyTorch."""

from __future__ import annotations

import math

import torch

FOR = "scipy.stats"


def entropy(pk, qk=None, base=None, axis=0):
    if base is not None:
        return _entropy(pk, qk, axis) / math.log(base)
    return _entropy(pk, qk, axis)


def _entropy(pk, qk=None, axis=0):
    pk = pk / torch.sum(pk, dim=axis, keepdim=True)
    if qk is None:
        return torch.sum(torch.special.entr(pk), dim=axis)
    qk = qk / torch.sum(qk, dim=axis, keepdim=True)
    return torch.sum(torch.xlogy(pk, pk / qk), dim=axis)


def zscore(a, axis=0, ddof=0):
    return (a - torch.mean(a, dim=axis, keepdim=True)) / torch.std(a, dim=axis, correction=ddof, keepdim=True)


def wasserstein_distance(u_values, v_values, u_weights=None, v_weights=None):
    if u_weights is not None or v_weights is not None:
        raise NotImplementedError("only samples of the same size and without weights")
    return torch.mean(torch.abs(torch.sort(u_values).values - torch.sort(v_values).values))


def pearsonr(x, y):
    raise NotImplementedError("it also gives a p-value, which has no counterpart: take np.corrcoef(x, y)[0, 1]")


def spearmanr(a, b=None):
    raise NotImplementedError("a ranking does not move with the values: it has no gradient")


rankdata = spearmanr
