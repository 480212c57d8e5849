"""NumPy's functions of two values in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def add(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 + x2
    return torch.add(x1, x2)


def subtract(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 - x2
    return torch.subtract(x1, x2)


def multiply(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 * x2
    return torch.multiply(x1, x2)


def divide(x1, x2, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, x1 / torch.where(where, x2, 1))
    if isinstance(x1, (int, float)):
        return x1 / x2
    return torch.divide(x1, x2)


true_divide = divide


def _elsewhere(out, where, value):
    if where is None:
        raise NotImplementedError("out= writes into an array, which a graph cannot record")
    if out is None:
        raise NotImplementedError("where= leaves the other elements undefined: pass out= as well")
    return torch.where(where, value, out)


def power(x1, x2):
    return torch.pow(x1, x2)


pow = power
float_power = power


def mod(x1, x2):
    return torch.remainder(x1, x2)


remainder = mod


def fmod(x1, x2):
    return torch.fmod(x1, x2)


def maximum(x1, x2):
    if isinstance(x2, (int, float)):
        return torch.clamp(x1, min=x2)
    if isinstance(x1, (int, float)):
        return torch.clamp(x2, min=x1)
    return torch.maximum(x1, x2)


def minimum(x1, x2):
    if isinstance(x2, (int, float)):
        return torch.clamp(x1, max=x2)
    if isinstance(x1, (int, float)):
        return torch.clamp(x2, max=x1)
    return torch.minimum(x1, x2)


def fmax(x1, x2):
    if isinstance(x2, (int, float)):
        return torch.fmax(x1, torch.as_tensor(x2, dtype=x1.dtype, device=x1.device))
    if isinstance(x1, (int, float)):
        return torch.fmax(torch.as_tensor(x1, dtype=x2.dtype, device=x2.device), x2)
    return torch.fmax(x1, x2)


def fmin(x1, x2):
    if isinstance(x2, (int, float)):
        return torch.fmin(x1, torch.as_tensor(x2, dtype=x1.dtype, device=x1.device))
    if isinstance(x1, (int, float)):
        return torch.fmin(torch.as_tensor(x1, dtype=x2.dtype, device=x2.device), x2)
    return torch.fmin(x1, x2)


def hypot(x1, x2):
    if isinstance(x2, (int, float)):
        return torch.hypot(x1, torch.as_tensor(x2, dtype=x1.dtype, device=x1.device))
    if isinstance(x1, (int, float)):
        return torch.hypot(torch.as_tensor(x1, dtype=x2.dtype, device=x2.device), x2)
    return torch.hypot(x1, x2)


def arctan2(x1, x2):
    if isinstance(x2, (int, float)):
        return torch.atan2(x1, torch.as_tensor(x2, dtype=x1.dtype, device=x1.device))
    if isinstance(x1, (int, float)):
        return torch.atan2(torch.as_tensor(x1, dtype=x2.dtype, device=x2.device), x2)
    return torch.atan2(x1, x2)


atan2 = arctan2


def logaddexp(x1, x2):
    if isinstance(x2, (int, float)):
        return torch.logaddexp(x1, torch.as_tensor(x2, dtype=x1.dtype, device=x1.device))
    if isinstance(x1, (int, float)):
        return torch.logaddexp(torch.as_tensor(x1, dtype=x2.dtype, device=x2.device), x2)
    return torch.logaddexp(x1, x2)


def logaddexp2(x1, x2):
    return torch.logaddexp2(x1, x2)


def copysign(x1, x2):
    return torch.copysign(x1, x2)


def clip(a, a_min=None, a_max=None, out=None, *, min=None, max=None):
    if a_min is None and min is not None:
        a_min = min
    if a_max is None and max is not None:
        a_max = max
    if a_min is None and a_max is None:
        return a
    if a_min is None:
        return torch.clamp(a, max=a_max)
    if a_max is None:
        return torch.clamp(a, min=a_min)
    return torch.clamp(a, a_min, a_max)


def ldexp(x1, x2):
    if isinstance(x2, (int, float)):
        return x1 * 2.0**x2
    return torch.ldexp(x1, x2)


def divmod(x1, x2):
    return (torch.floor_divide(x1, x2), torch.remainder(x1, x2))


def gcd(x1, x2):
    raise NotImplementedError("a function of integers has no gradient")


lcm = gcd
left_shift = gcd
right_shift = gcd
