"""The Poisson distribution of scipy.stats in PyTorch."""

from __future__ import annotations

import torch
from autofix.rules.torch._density import _lgamma

FOR = "scipy.stats.poisson"


def logpmf(k, mu, loc=0):
    if loc != 0:
        raise NotImplementedError("loc= shifts the counts: subtract it from them instead")
    return torch.xlogy(k, mu) - mu - _lgamma(k + 1)


def pmf(k, mu, loc=0):
    return torch.exp(logpmf(k, mu, loc))
