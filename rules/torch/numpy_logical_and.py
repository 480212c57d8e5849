"""The methods of NumPy's logical_and in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy.logical_and"


def reduce(array, axis=0, dtype=None, out=None, keepdims=False):
    return torch.all(array, dim=axis, keepdim=keepdims)
