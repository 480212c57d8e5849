"""The normal distribution of scipy.stats in PyTorch."""

from __future__ import annotations

import math

import torch
from autofix.rules.torch._density import _standard

FOR = "scipy.stats.norm"


def cdf(x, loc=0, scale=1):
    return torch.special.ndtr(_standard(x, loc, scale))


def sf(x, loc=0, scale=1):
    return torch.special.ndtr(-_standard(x, loc, scale))


def logcdf(x, loc=0, scale=1):
    return torch.special.log_ndtr(_standard(x, loc, scale))


def logsf(x, loc=0, scale=1):
    return torch.special.log_ndtr(-_standard(x, loc, scale))


def ppf(q, loc=0, scale=1):
    return torch.special.ndtri(q) * scale + loc


def pdf(x, loc=0, scale=1):
    if isinstance(scale, (int, float)) and scale == 1:
        return torch.exp(-torch.square(_standard(x, loc, scale)) / 2) / math.sqrt(2 * math.pi)
    return torch.exp(-torch.square(_standard(x, loc, scale)) / 2) / (scale * math.sqrt(2 * math.pi))


def logpdf(x, loc=0, scale=1):
    if isinstance(scale, (int, float)) and scale == 1:
        return -torch.square(_standard(x, loc, scale)) / 2 - math.log(2 * math.pi) / 2
    if isinstance(scale, (int, float)):
        return -torch.square(_standard(x, loc, scale)) / 2 - math.log(scale * math.sqrt(2 * math.pi))
    return -torch.square(_standard(x, loc, scale)) / 2 - torch.log(scale * math.sqrt(2 * math.pi))
