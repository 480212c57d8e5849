"""The methods of NumPy's logical_or in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy.logical_or"


def reduce(array, axis=0, dtype=None, out=None, keepdims=False):
    return torch.any(array, dim=axis, keepdim=keepdims)
