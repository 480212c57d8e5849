"""The Dirichlet distribution of scipy.stats in PyTorch."""

from __future__ import annotations

import torch

FOR = "scipy.stats.dirichlet"


def logpdf(x, alpha):
    return torch.sum(torch.xlogy(alpha - 1, x)) + torch.lgamma(torch.sum(alpha)) - torch.sum(torch.lgamma(alpha))


def pdf(x, alpha):
    return torch.exp(logpdf(x, alpha))
