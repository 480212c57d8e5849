"""The log-normal distribution of scipy.stats in PyTorch."""

from __future__ import annotations

import math

import torch
from autofix.rules.torch._density import _log, _scaled, _standard

FOR = "scipy.stats.lognorm"


def logpdf(x, s, loc=0, scale=1):
    return _scaled(_log_density(_standard(x, loc, scale), s), scale)


def _log_density(x, s):
    return -torch.square(torch.log(x) / s) / 2 - torch.log(x) - _log(s * math.sqrt(2 * math.pi))


def pdf(x, s, loc=0, scale=1):
    return torch.exp(_scaled(_log_density(_standard(x, loc, scale), s), scale))
