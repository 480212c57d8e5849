"""The Laplace distribution of scipy.stats in PyTorch."""

from __future__ import annotations

import torch
from autofix.rules.torch._density import _log, _standard

FOR = "scipy.stats.laplace"


def logpdf(x, loc=0, scale=1):
    return -torch.abs(_standard(x, loc, scale)) - _log(2 * scale)


def pdf(x, loc=0, scale=1):
    return torch.exp(-torch.abs(_standard(x, loc, scale))) / (2 * scale)
