"""The gamma distribution of scipy.stats in PyTorch."""

from __future__ import annotations

import torch
from autofix.rules.torch._density import _lgamma, _scaled, _standard

FOR = "scipy.stats.gamma"


def logpdf(x, a, loc=0, scale=1):
    return _scaled(_log_density(_standard(x, loc, scale), a), scale)


def _log_density(x, a):
    return (a - 1) * torch.log(x) - x - _lgamma(a)


def pdf(x, a, loc=0, scale=1):
    return torch.exp(_scaled(_log_density(_standard(x, loc, scale), a), scale))
