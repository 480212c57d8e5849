"""NumPy's shaping of arrays in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def reshape(a, shape, order="C", *, copy=None):
    if order == "F" and isinstance(shape, (list, tuple)) and len(shape) == 2 and a.ndim == 2:
        return torch.reshape(a.T, (shape[1], shape[0])).T
    if order == "F":
        return _reshape_by_columns(a, shape)
    if order != "C":
        raise NotImplementedError("order= is about memory layout, which tensors do not have")
    if isinstance(shape, int):
        return torch.reshape(a, (shape,))
    return torch.reshape(a, shape)


def _reshape_by_columns(a, shape):
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    turned = torch.reshape(torch.permute(a, tuple(range(a.ndim))[::-1]), shape[::-1])
    return torch.permute(turned, tuple(range(turned.ndim))[::-1])


def ravel(a, order="C"):
    if order == "F" and a.ndim == 2:
        return torch.ravel(a.T)
    if order == "F":
        return torch.ravel(torch.permute(a, tuple(range(a.ndim))[::-1]))
    if order != "C":
        raise NotImplementedError("order= is about memory layout, which tensors do not have")
    return torch.ravel(a)


def transpose(a, axes=None):
    if axes is None:
        return a.T
    return torch.permute(a, axes)


def transpose__of_more_axes(a, axes=None):
    if axes is None:
        return torch.permute(a, tuple(range(a.ndim))[::-1])
    return torch.permute(a, axes)


def expand_dims(a, axis):
    if isinstance(axis, (list, tuple)):
        return _expand_dims(a, axis)
    return torch.unsqueeze(a, axis)


def _expand_dims(a, axis):
    for dim in sorted(each % (a.ndim + len(axis)) for each in axis):
        a = torch.unsqueeze(a, dim)
    return a


def squeeze(a, axis=None):
    if axis is None:
        return torch.squeeze(a)
    return torch.squeeze(a, dim=axis)


def swapaxes(a, axis1, axis2):
    return torch.swapaxes(a, axis1, axis2)


def moveaxis(a, source, destination):
    return torch.moveaxis(a, source, destination)


def atleast_1d(x):
    return torch.atleast_1d(x)


def atleast_2d(x):
    return torch.atleast_2d(x)


def flip(m, axis=None):
    if axis is None:
        return torch.flip(m, dims=tuple(range(m.ndim)))
    if isinstance(axis, int):
        return torch.flip(m, dims=(axis,))
    return torch.flip(m, dims=axis)


def flipud(m):
    return torch.flipud(m)


def fliplr(m):
    return torch.fliplr(m)


def roll(a, shift, axis=None):
    if isinstance(axis, (list, tuple)) and isinstance(shift, int):
        return torch.roll(a, [shift] * len(axis), dims=axis)
    return torch.roll(a, shift, dims=axis)


def rot90(m, k=1, axes=(0, 1)):
    return torch.rot90(m, k=k, dims=axes)


def broadcast_to(array, shape, subok=False):
    return torch.broadcast_to(array, shape)


def tile(A, reps):
    if isinstance(reps, int):
        return torch.tile(A, (reps,))
    return torch.tile(A, reps)


def repeat(a, repeats, axis=None):
    if isinstance(repeats, (list, tuple)):
        repeats = torch.as_tensor(repeats, device=a.device)
    return torch.repeat_interleave(a, repeats, dim=axis)


def shape(a):
    return a.shape


def ndim(a):
    return a.ndim


def size(a, axis=None):
    if axis is None:
        return a.numel()
    return a.shape[axis]


def permute_dims(a, axes=None):
    if axes is None:
        return torch.permute(a, tuple(range(a.ndim))[::-1])
    return torch.permute(a, axes)


def matrix_transpose(x):
    return x.mT


def rollaxis(a, axis, start=0):
    if start != 0:
        raise NotImplementedError("only to the front")
    return torch.moveaxis(a, axis, 0)


def atleast_3d(x):
    return torch.atleast_3d(x)


def broadcast_arrays(*args):
    return torch.broadcast_tensors(*args)


def meshgrid(*xi, indexing="xy"):
    assert all(x.ndim <= 1 for x in xi)
    return torch.meshgrid(*xi, indexing=indexing)


def broadcast_shapes(*shapes):
    raise NotImplementedError("it operates on shapes, not on values; NumPy is fine here")
