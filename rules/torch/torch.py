"""What makes a new tensor, and so a new leaf, of one that has a gradient: the mended loss keeps the old one."""

from __future__ import annotations

import torch
from autofix.rules.dtypes import floating

FOR = "torch"


def from_numpy(ndarray):
    return ndarray


def as_tensor(data, dtype=None, device=None):
    if dtype is not None and not floating(dtype):
        raise NotImplementedError("a cast to integers or Booleans has no gradient")
    if isinstance(data, (list, tuple)):
        return torch.stack(data)
    return data


def as_tensor__cast(data, dtype, device=None):
    if not floating(dtype):
        raise NotImplementedError("a cast to integers or Booleans has no gradient")
    if isinstance(data, (list, tuple)):
        return torch.stack(data).to(dtype)
    return data.to(dtype)


def tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False):
    return as_tensor(data, dtype)


def tensor__cast(data, *, dtype, device=None, requires_grad=False, pin_memory=False):
    return as_tensor__cast(data, dtype)


def asarray(obj, *, dtype=None, device=None, copy=None, requires_grad=False):
    return as_tensor(obj, dtype)


def Tensor(data):
    return as_tensor(data)


FloatTensor = Tensor
DoubleTensor = Tensor


def LongTensor(data):
    raise NotImplementedError("a cast to integers has no gradient")


IntTensor = LongTensor
