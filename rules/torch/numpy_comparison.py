"""NumPy's conditions, which have no gradient of their own but choose among values that have one, in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def where(condition, x=None, y=None):
    if x is None:
        raise NotImplementedError("np.where with one argument gives indices, which have no gradient")
    return torch.where(condition, x, y)


def greater(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 > x2
    return torch.gt(x1, x2)


def greater_equal(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 >= x2
    return torch.ge(x1, x2)


def less(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 < x2
    return torch.lt(x1, x2)


def less_equal(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 <= x2
    return torch.le(x1, x2)


def equal(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 == x2
    return torch.eq(x1, x2)


def not_equal(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 != x2
    return torch.ne(x1, x2)


def logical_and(x1, x2):
    return torch.logical_and(x1, x2)


def logical_or(x1, x2):
    return torch.logical_or(x1, x2)


def logical_xor(x1, x2):
    return torch.logical_xor(x1, x2)


def logical_not(x):
    return torch.logical_not(x)


def isnan(x):
    return torch.isnan(x)


def isinf(x):
    return torch.isinf(x)


def isfinite(x):
    return torch.isfinite(x)


def isclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    if isinstance(b, (int, float)):
        return torch.isclose(a, torch.full_like(a, b), rtol=rtol, atol=atol, equal_nan=equal_nan)
    return torch.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)


def allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    if isinstance(b, (int, float)):
        return torch.allclose(a, torch.full_like(a, b), rtol=rtol, atol=atol, equal_nan=equal_nan)
    return torch.allclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)
