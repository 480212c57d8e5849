"""The beta distribution of scipy.stats in PyTorch."""

from __future__ import annotations

import torch
from autofix.rules.torch._density import _lgamma, _scaled, _standard

FOR = "scipy.stats.beta"


def logpdf(x, a, b, loc=0, scale=1):
    return _scaled(_log_density(_standard(x, loc, scale), a, b), scale)


def _log_density(x, a, b):
    return (a - 1) * torch.log(x) + (b - 1) * torch.log1p(-x) + _lgamma(a + b) - _lgamma(a) - _lgamma(b)


def pdf(x, a, b, loc=0, scale=1):
    return torch.exp(_scaled(_log_density(_standard(x, loc, scale), a, b), scale))
