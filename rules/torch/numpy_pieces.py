"""NumPy's splitting, and functions called with one number after another, in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def split(ary, indices_or_sections, axis=0):
    return torch.tensor_split(ary, indices_or_sections, dim=axis)


array_split = split


def hsplit(ary, indices_or_sections):
    return torch.hsplit(ary, indices_or_sections)


def vsplit(ary, indices_or_sections):
    return torch.vsplit(ary, indices_or_sections)


def dsplit(ary, indices_or_sections):
    return torch.dsplit(ary, indices_or_sections)


def unstack(x, *, axis=0):
    return torch.unbind(x, dim=axis)


def vectorize(pyfunc):
    return pyfunc


def frompyfunc(func, nin, nout):
    raise NotImplementedError("it calls a function number by number: call it with the tensor")
