"""NumPy's joining of arrays in PyTorch."""

from __future__ import annotations

import math

import torch

FOR = "numpy"


def concatenate(arrays, axis=0, out=None, *, dtype=None):
    if axis is None:
        return torch.cat([each.flatten() for each in arrays])
    return torch.cat(arrays, dim=axis)


concat = concatenate


def stack(arrays, axis=0, out=None, *, dtype=None):
    return torch.stack(arrays, dim=axis)


def vstack(tup, *, dtype=None):
    return torch.vstack(tup)


def hstack(tup, *, dtype=None):
    return torch.hstack(tup)


def dstack(tup):
    return torch.dstack(tup)


def column_stack(tup):
    return torch.column_stack(tup)


def append(arr, values, axis=None):
    if isinstance(values, (int, float)):
        return torch.cat([arr.flatten(), arr.new_tensor([values])])
    if axis is None:
        return torch.cat([arr.flatten(), values.flatten()])
    return torch.cat([arr, values], dim=axis)


def row_stack(tup):
    return torch.vstack(tup)


def block(arrays):
    if isinstance(arrays[0], (list, tuple)):
        rows = [torch.cat(row, dim=-1) for row in arrays]
        return torch.stack(rows) if rows[0].ndim == 1 else torch.cat(rows, dim=-2)
    return torch.cat(arrays, dim=-1)


def r_(*pieces):
    assert all(isinstance(piece, torch.Tensor) and piece.dim() > 0 for piece in pieces)
    return torch.cat([*pieces])


def r___of_numbers(*pieces):
    like = next(piece for piece in pieces if isinstance(piece, torch.Tensor))
    return torch.cat([torch.atleast_1d(torch.as_tensor(piece).to(like)) for piece in pieces])


def c_(*pieces):
    assert all(piece.dim() <= 2 for piece in pieces)
    return torch.column_stack([*pieces])


def c___of_any_rank(*pieces):
    columns = [piece[:, None] if piece.ndim == 1 else piece for piece in pieces]
    return torch.cat(columns, dim=-1)


def insert(arr, obj, values, axis=None):
    if isinstance(obj, (list, tuple, slice)):
        raise NotImplementedError("only at one place at a time")
    return _insert(arr, obj, values, axis)


def _insert(arr, obj, values, axis=None):
    if axis is None:
        arr, axis = arr.flatten(), 0
    values = torch.as_tensor(values, dtype=arr.dtype, device=arr.device)
    values = values.reshape((1,) * (arr.ndim - values.ndim) + tuple(values.shape)).moveaxis(0, axis)
    shape = list(arr.shape)
    shape[axis] = values.shape[axis]
    before, after = torch.tensor_split(arr, [obj], dim=axis)
    return torch.cat([before, values.expand(shape), after], dim=axis)


def delete(arr, obj, axis=None):
    if isinstance(obj, int) and obj == 0 and axis == 0:
        return arr[1:]
    if isinstance(obj, int) and obj > 0 and axis == 0:
        return torch.cat([arr[:obj], arr[obj + 1 :]])
    return _delete(arr, obj, axis)


def _delete(arr, obj, axis=None):
    if axis is None:
        arr, axis = arr.flatten(), 0
    kept = torch.ones(arr.shape[axis], dtype=torch.bool)
    kept[obj] = False
    return arr.index_select(axis, kept.nonzero()[:, 0].to(arr.device))


def resize(a, new_shape):
    if isinstance(new_shape, int):
        new_shape = (new_shape,)
    return _resize(a, new_shape)


def _resize(a, new_shape):
    return a.flatten()[torch.arange(math.prod(new_shape), device=a.device) % a.numel()].reshape(new_shape)


def trim_zeros(filt, trim="fb"):
    raise NotImplementedError("how much it trims depends on the values: slice the tensor instead")
