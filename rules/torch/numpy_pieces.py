"""NumPy's splitting, choosing piece by piece, and grids in PyTorch."""

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


def meshgrid(*xi, indexing="xy"):
    return torch.meshgrid(*xi, indexing=indexing)


def vectorize(pyfunc):
    raise NotImplementedError("it calls a function with one plain number after another: call it with the tensor")


frompyfunc = vectorize


def isclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    if isinstance(b, (int, float)):
        return torch.isclose(a, torch.full_like(a, b), rtol=rtol, atol=atol, equal_nan=equal_nan)
    return torch.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)


def allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    if isinstance(b, (int, float)):
        return torch.allclose(a, torch.full_like(a, b), rtol=rtol, atol=atol, equal_nan=equal_nan)
    return torch.allclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)


def cross(a, b, axis=-1):
    return torch.linalg.cross(a, b, dim=axis)


def polyval(p, x):
    value = x * 0
    for coefficient in p:
        value = value * x + coefficient
    return value
