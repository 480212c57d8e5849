"""Python's operators where PyTorch does not mean what NumPy means. `like` is a tensor of the type that is wanted."""

from __future__ import annotations

import numpy as np
import torch
from autofix.rules.dtypes import integers, truths

FOR = "operator"


def sub(a, b, like=None):
    if truths(b) and isinstance(a, int) and a == 1:
        return ~b
    return _without_truths(a, like) - _without_truths(b, like)


def sub__of_numbers(a, b, like=None):
    return _without_truths(a, like) - _without_truths(b, like)


def _without_truths(a, like):
    if not truths(a):
        return a
    return as_number(a, like)


def as_number(a, like=None):
    if not truths(a) and not integers(a):
        return a
    if like is None:
        return a.to(torch.get_default_dtype())
    return a.to(like.dtype)


def getitem_backwards(a, axes):
    return torch.flip(a, dims=axes)


def as_tensor(a, like=None):
    if not isinstance(a, np.ndarray):
        return a
    if like is None:
        return torch.as_tensor(a)
    return torch.as_tensor(a, dtype=like.dtype, device=like.device)


def setitem_mask(a, mask, value):
    return torch.where(mask, value, a)
