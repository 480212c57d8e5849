"""NumPy's functions of one value in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def abs(x):
    return torch.abs(x)


absolute = abs
fabs = abs


def square(x):
    return torch.square(x)


def sqrt(x, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, torch.sqrt(torch.where(where, x, 1)))
    return torch.sqrt(x)


def cbrt(x):
    return torch.sign(x) * torch.abs(x) ** (1 / 3)


def exp(x):
    return torch.exp(x)


def exp2(x):
    return torch.exp2(x)


def expm1(x):
    return torch.expm1(x)


def log(x, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, torch.log(torch.where(where, x, 1)))
    return torch.log(x)


def log1p(x, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, torch.log1p(torch.where(where, x, 1)))
    return torch.log1p(x)


def log2(x, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, torch.log2(torch.where(where, x, 1)))
    return torch.log2(x)


def log10(x, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, torch.log10(torch.where(where, x, 1)))
    return torch.log10(x)


def sin(x):
    return torch.sin(x)


def cos(x):
    return torch.cos(x)


def tan(x):
    return torch.tan(x)


def sinh(x):
    return torch.sinh(x)


def cosh(x):
    return torch.cosh(x)


def tanh(x):
    return torch.tanh(x)


def arcsin(x):
    return torch.asin(x)


asin = arcsin


def arccos(x):
    return torch.acos(x)


acos = arccos


def arctan(x):
    return torch.atan(x)


atan = arctan


def arcsinh(x):
    return torch.asinh(x)


asinh = arcsinh


def arccosh(x):
    return torch.acosh(x)


acosh = arccosh


def arctanh(x):
    return torch.atanh(x)


atanh = arctanh


def sinc(x):
    """
    >>> sinc(x - 0.5)
    """
    return torch.sinc(x)


def deg2rad(x):
    return torch.deg2rad(x)


radians = deg2rad


def rad2deg(x):
    return torch.rad2deg(x)


degrees = rad2deg


def negative(x):
    return -x


def positive(x):
    return x


def reciprocal(x, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, torch.reciprocal(torch.where(where, x, 1)))
    return torch.reciprocal(x)


def real(val):
    return torch.real(val)


def conjugate(x):
    return torch.conj(x)


conj = conjugate


def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    return torch.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


def i0(x):
    return torch.special.i0(x)


def imag(val):
    return torch.imag(val)


def angle(z):
    return torch.angle(z)


def real_if_close(a, tol=100):
    return torch.real(a)


def modf(x):
    return (torch.frac(x), torch.trunc(x))


def frexp(x):
    raise NotImplementedError("it splits numbers into mantissa and exponent; the exponent is piecewise constant")


def nextafter(x1, x2):
    raise NotImplementedError("the next number that can be represented has no gradient")


def emath(x):
    raise NotImplementedError("its type depends on the values: use the function of the same name in NumPy itself")


def _elsewhere(out, where, value):
    if where is None:
        raise NotImplementedError("out= writes into an array, which a graph cannot record")
    if out is None:
        raise NotImplementedError("where= leaves the other elements undefined: pass out= as well")
    return torch.where(where, value, out)
