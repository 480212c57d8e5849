"""Python's math module in PyTorch."""

from __future__ import annotations

import math

import torch

FOR = "math"


def exp(x):
    return torch.exp(x)


def exp2(x):
    return torch.exp2(x)


def expm1(x):
    return torch.expm1(x)


def log(x, base=None):
    if base is None:
        return torch.log(x)
    return torch.log(x) / math.log(base)


def log1p(x):
    return torch.log1p(x)


def log2(x):
    return torch.log2(x)


def log10(x):
    return torch.log10(x)


def sqrt(x):
    return torch.sqrt(x)


def pow(x, y):
    return torch.pow(x, y)


def fabs(x):
    return torch.abs(x)


def sin(x):
    return torch.sin(x)


def cos(x):
    return torch.cos(x)


def tan(x):
    return torch.tan(x)


def asin(x):
    return torch.asin(x)


def acos(x):
    return torch.acos(x)


def atan(x):
    return torch.atan(x)


def sinh(x):
    return torch.sinh(x)


def cosh(x):
    return torch.cosh(x)


def tanh(x):
    return torch.tanh(x)


def asinh(x):
    return torch.asinh(x)


def acosh(x):
    return torch.acosh(x)


def atanh(x):
    return torch.atanh(x)


def atan2(y, x):
    if isinstance(x, (int, float)):
        return torch.atan2(y, torch.as_tensor(x, dtype=y.dtype, device=y.device))
    if isinstance(y, (int, float)):
        return torch.atan2(torch.as_tensor(y, dtype=x.dtype, device=x.device), x)
    return torch.atan2(y, x)


def hypot(x, y):
    if isinstance(y, (int, float)):
        return torch.hypot(x, torch.as_tensor(y, dtype=x.dtype, device=x.device))
    if isinstance(x, (int, float)):
        return torch.hypot(torch.as_tensor(x, dtype=y.dtype, device=y.device), y)
    return torch.hypot(x, y)


def degrees(x):
    return torch.rad2deg(x)


def radians(x):
    return torch.deg2rad(x)


def erf(x):
    return torch.erf(x)


def erfc(x):
    return torch.erfc(x)


def lgamma(x):
    return torch.lgamma(x)


def prod(iterable, *, start=1):
    if start != 1:
        raise NotImplementedError("start= has no counterpart")
    if isinstance(iterable, (list, tuple)):
        return torch.prod(torch.stack(iterable))
    return torch.prod(iterable)


def fsum(seq):
    if isinstance(seq, (list, tuple)):
        return torch.sum(torch.stack(seq))
    return torch.sum(seq)


def dist(p, q):
    return torch.linalg.norm(p - q)


def isnan(x):
    return torch.isnan(x)


def isinf(x):
    return torch.isinf(x)


def isfinite(x):
    return torch.isfinite(x)


def cbrt(x):
    return torch.sign(x) * torch.abs(x) ** (1 / 3)


def gamma(x):
    return torch.exp(torch.lgamma(x))


def ldexp(x, i):
    return x * 2.0**i


def copysign(x, y):
    if isinstance(y, (int, float)):
        return torch.copysign(x, torch.as_tensor(y, dtype=x.dtype, device=x.device))
    if isinstance(x, (int, float)):
        return torch.copysign(torch.as_tensor(x, dtype=y.dtype, device=y.device), y)
    return torch.copysign(x, y)


def fmod(x, y):
    return torch.fmod(x, y)


def remainder(x, y):
    return x - torch.round(x / y) * y


def modf(x):
    return torch.frac(x), torch.trunc(x)


def isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0):
    return torch.abs(a - b) <= _tolerance(a, b, rel_tol, abs_tol)


def _tolerance(a, b, rel_tol, abs_tol):
    largest = torch.maximum(torch.abs(torch.as_tensor(a)), torch.abs(torch.as_tensor(b)))
    return torch.clamp(rel_tol * largest, min=abs_tol)


def sumprod(p, q):
    return torch.dot(p, q)


def fma(x, y, z):
    return x * y + z
