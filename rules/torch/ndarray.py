"""The methods and attributes of a NumPy array, on a tensor of PyTorch."""

from __future__ import annotations

import torch
from autofix.rules.dtypes import floating, numpy_name

FOR = "ndarray"

# Reductions


def sum(self, axis=None, *, keepdims=False):
    if axis is None and keepdims:
        return self.sum(dim=None, keepdim=True)
    return self.sum(dim=axis, keepdim=keepdims)


def mean(self, axis=None, *, keepdims=False):
    if axis is None and keepdims:
        return self.mean(dim=None, keepdim=True)
    return self.mean(dim=axis, keepdim=keepdims)


def std(self, axis=None, *, ddof=0, keepdims=False, correction=None):
    return self.std(dim=axis, correction=ddof if correction is None else correction, keepdim=keepdims)


def var(self, axis=None, *, ddof=0, keepdims=False, correction=None):
    return self.var(dim=axis, correction=ddof if correction is None else correction, keepdim=keepdims)


def max(self, axis=None, *, keepdims=False):
    if axis is None and keepdims:
        return torch.amax(self, dim=tuple(range(self.ndim)), keepdim=True)
    if axis is None:
        return self.max()
    return self.amax(dim=axis, keepdim=keepdims)


def min(self, axis=None, *, keepdims=False):
    if axis is None and keepdims:
        return torch.amin(self, dim=tuple(range(self.ndim)), keepdim=True)
    if axis is None:
        return self.min()
    return self.amin(dim=axis, keepdim=keepdims)


def prod(self, axis=None, *, keepdims=False):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("torch.prod takes one dim")
    if axis is None and keepdims:
        return self.prod().reshape([1] * self.ndim)
    if axis is None:
        return self.prod()
    return self.prod(dim=axis, keepdim=keepdims)


def all(self, axis=None, *, keepdims=False):
    return self.all(dim=axis, keepdim=keepdims)


def any(self, axis=None, *, keepdims=False):
    return self.any(dim=axis, keepdim=keepdims)


def cumsum(self, axis=None):
    if axis is None:
        return self.flatten().cumsum(dim=0)
    return self.cumsum(dim=axis)


def cumprod(self, axis=None):
    if axis is None:
        return self.flatten().cumprod(dim=0)
    return self.cumprod(dim=axis)


def trace(self, offset=0, axis1=0, axis2=1):
    if offset == 0 and axis1 == 0 and axis2 == 1:
        assert self.dim() == 2
        return self.trace()
    return self.diagonal(offset=offset, dim1=axis1, dim2=axis2).sum(dim=-1)


def trace__of_more_axes(self, offset=0, axis1=0, axis2=1):
    return self.diagonal(offset=offset, dim1=axis1, dim2=axis2).sum(dim=-1)


# Elementwise


def clip(self, a_min=None, a_max=None, *, min=None, max=None):
    if a_min is None and min is not None:
        a_min = min
    if a_max is None and max is not None:
        a_max = max
    if a_min is None and a_max is None:
        return self
    if a_min is None:
        return self.clamp(max=a_max)
    if a_max is None:
        return self.clamp(min=a_min)
    return self.clamp(a_min, a_max)


def ptp(self, axis=None, *, keepdims=False):
    return max(self, axis, keepdims=keepdims) - min(self, axis, keepdims=keepdims)


def conj(self):
    return self.conj()


def conjugate(self):
    return self.conj()


def real(self):
    return self.real


def imag(self):
    return self.imag


# Products


def dot(self, b):
    if isinstance(b, (int, float)):
        return self * b
    if self.ndim == 1 and b.ndim == 1:
        return self.dot(b)
    if b.ndim <= 2:
        return self.matmul(b)
    return torch.tensordot(self, b, dims=([-1], [-2]))


# Shaping


def reshape(self, *shape):
    return self.reshape(*shape)


def ravel(self):
    return self.ravel()


def flatten(self):
    return self.flatten()


def T(self):
    return self.T


def T__of_more_axes(self):
    return self.permute(tuple(range(self.ndim))[::-1])


def mT(self):
    return self.mT


def transpose(self, *axes):
    if len(axes) == 0:
        return self.T
    return self.permute(*axes)


def transpose__of_more_axes(self, *axes):
    if len(axes) == 0:
        return self.permute(tuple(range(self.ndim))[::-1])
    return self.permute(*axes)


def squeeze(self, axis=None):
    if axis is None:
        return self.squeeze()
    return self.squeeze(dim=axis)


def swapaxes(self, axis1, axis2):
    return self.swapaxes(axis1, axis2)


def diagonal(self, offset=0, axis1=0, axis2=1):
    return self.diagonal(offset=offset, dim1=axis1, dim2=axis2)


def repeat(self, repeats, axis=None):
    return self.repeat_interleave(repeats, dim=axis)


def take(self, indices, axis=None):
    if axis is None:
        return torch.take(self, indices)
    return self.index_select(axis, indices)


def compress(self, condition, axis=None):
    if axis is None:
        return self.flatten()[condition]
    if axis == 0:
        return self[condition]
    return self.index_select(axis, torch.nonzero(condition)[:, 0])


def choose(self, choices):
    return torch.take_along_dim(torch.stack(torch.broadcast_tensors(*choices)), self.long()[None], dim=0)[0]


def flat(self):
    return self.flatten()


def shape(self):
    return self.shape


def ndim(self):
    return self.ndim


def size(self):
    return self.numel()


# What only re-wraps


def astype(self, dtype, *, copy=True):
    if floating(dtype):
        return self
    raise NotImplementedError("a cast to integers or Booleans has no gradient")


def astype__cast(self, dtype, *, copy=True):
    if numpy_name(dtype) == "float64":
        return self.double()
    if numpy_name(dtype) == "float32":
        return self.float()
    if numpy_name(dtype) == "float16":
        return self.half()
    if numpy_name(dtype) == "":
        return self.to(dtype)
    raise NotImplementedError("a cast to integers or Booleans has no gradient")


def copy(self):
    return self.clone()


def item(self):
    assert self.dim() == 0
    return self


def item__of_one_element(self):
    return self.squeeze()
