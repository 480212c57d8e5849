"""NumPy's joining of arrays in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def concatenate(arrays, axis=0):
    if axis is None:
        raise NotImplementedError("axis=None flattens every array first")
    return torch.cat(arrays, dim=axis)


concat = concatenate


def stack(arrays, axis=0):
    return torch.stack(arrays, dim=axis)


def vstack(tup):
    return torch.vstack(tup)


def hstack(tup):
    return torch.hstack(tup)


def dstack(tup):
    return torch.dstack(tup)


def column_stack(tup):
    return torch.column_stack(tup)


def append(arr, values, axis=None):
    if axis is None:
        return torch.cat([arr.flatten(), values.flatten()])
    return torch.cat([arr, values], dim=axis)


def row_stack(tup):
    return torch.vstack(tup)
