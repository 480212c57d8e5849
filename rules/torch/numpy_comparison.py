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


def isposinf(x):
    return torch.isposinf(x)


def isneginf(x):
    return torch.isneginf(x)


def isreal(x):
    return torch.isreal(x)


def iscomplex(x):
    return ~torch.isreal(x)


def iscomplexobj(x):
    return torch.is_complex(x)


def isrealobj(x):
    return not torch.is_complex(x)


def array_equal(a1, a2, equal_nan=False):
    if equal_nan:
        raise NotImplementedError("equal_nan= has no counterpart")
    return torch.equal(a1, a2)


def array_equiv(a1, a2):
    return torch.all(torch.eq(a1, a2))


def isin(element, test_elements, assume_unique=False, invert=False):
    if isinstance(test_elements, (list, tuple)):
        test_elements = torch.as_tensor(test_elements, device=element.device)
    return torch.isin(element, test_elements, assume_unique=assume_unique, invert=invert)


def in1d(ar1, ar2, assume_unique=False, invert=False):
    return isin(ar1.flatten(), ar2, assume_unique, invert)


def bitwise_and(x1, x2):
    return torch.bitwise_and(x1, x2)


def bitwise_or(x1, x2):
    return torch.bitwise_or(x1, x2)


def bitwise_xor(x1, x2):
    return torch.bitwise_xor(x1, x2)


def invert(x):
    return ~x


bitwise_not = invert
bitwise_invert = invert


def isscalar(element):
    raise NotImplementedError("it checks the type of a value: a tensor is never a plain number")
