"""The Bernoulli distribution of scipy.stats in PyTorch."""

from __future__ import annotations

import torch

FOR = "scipy.stats.bernoulli"


def logpmf(k, p, loc=0):
    if loc != 0:
        raise NotImplementedError("loc= shifts the outcomes: subtract it from them instead")
    if isinstance(k, int) and k == 1:
        return torch.log(p)
    return torch.xlogy(k, p) + torch.special.xlog1py(1 - k, -p)


def pmf(k, p, loc=0):
    if loc != 0:
        raise NotImplementedError("loc= shifts the outcomes: subtract it from them instead")
    return torch.where(k == 1, p, 1 - p)
