"""NumPy's polynomials in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def vander(x, N=None, increasing=False):
    if N is None or increasing:
        raise NotImplementedError("only with N given, and falling powers")
    return x[:, None] ** torch.arange(N - 1, -1, -1, dtype=x.dtype, device=x.device)


def polyval(p, x):
    value = x * 0
    for coefficient in p:
        value = value * x + coefficient
    return value
