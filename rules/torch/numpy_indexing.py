"""NumPy's choosing of elements in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def take(a, indices, axis=None):
    if axis is None:
        return torch.take(a, indices)
    return torch.index_select(a, axis, indices)


def take_along_axis(arr, indices, axis=-1):
    return torch.take_along_dim(arr, indices, dim=axis)


def compress(condition, a, axis=None):
    if axis is None:
        return a.flatten()[condition]
    return torch.index_select(a, axis, torch.nonzero(condition)[:, 0])


def extract(condition, arr):
    return arr[condition]


def piecewise(x, condlist, funclist):
    choices = [f(x) if callable(f) else f * torch.ones_like(x) for f in funclist]
    value = choices[-1] if len(choices) > len(condlist) else torch.zeros_like(x)
    for condition, choice in zip(condlist, choices, strict=False):
        value = torch.where(condition, choice, value)
    return value


def select(condlist, choicelist, default=0):
    value = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        value = torch.where(condition, choice, value)
    return value
