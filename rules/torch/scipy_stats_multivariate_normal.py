"""The normal distribution of vectors of scipy.stats in PyTorch."""

from __future__ import annotations

import math

import torch

FOR = "scipy.stats.multivariate_normal"


def logpdf(x, mean=None, cov=1, allow_singular=False):
    if allow_singular:
        raise NotImplementedError("a singular covariance has no Cholesky factor")
    if mean is None:
        raise NotImplementedError("without mean= there is one dimension only: give it, or take scipy.stats.norm")
    if isinstance(cov, (int, float)):
        return -torch.sum(torch.square(x - mean) / cov + math.log(2 * math.pi * cov), dim=-1) / 2
    return torch.distributions.MultivariateNormal(mean, cov).log_prob(x)


def pdf(x, mean=None, cov=1, allow_singular=False):
    return torch.exp(logpdf(x, mean, cov, allow_singular))
