"""NumPy's functions of one value in keras.ops."""

from __future__ import annotations

import math

from keras import ops

FOR = "numpy"


def abs(x):
    return ops.abs(x)


absolute = abs
fabs = abs


def square(x):
    return ops.square(x)


def sqrt(x, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, ops.sqrt(ops.where(where, x, 1)))
    return ops.sqrt(x)


def cbrt(x):
    return ops.sign(x) * ops.abs(x) ** (1 / 3)


def exp(x):
    return ops.exp(x)


def exp2(x):
    return 2.0**x


def expm1(x):
    return ops.expm1(x)


def log(x, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, ops.log(ops.where(where, x, 1)))
    return ops.log(x)


def log1p(x, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, ops.log1p(ops.where(where, x, 1)))
    return ops.log1p(x)


def log2(x, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, ops.log2(ops.where(where, x, 1)))
    return ops.log2(x)


def log10(x, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, ops.log10(ops.where(where, x, 1)))
    return ops.log10(x)


def sin(x):
    return ops.sin(x)


def cos(x):
    return ops.cos(x)


def tan(x):
    return ops.tan(x)


def sinh(x):
    return ops.sinh(x)


def cosh(x):
    return ops.cosh(x)


def tanh(x):
    return ops.tanh(x)


def arcsin(x):
    return ops.arcsin(x)


asin = arcsin


def arccos(x):
    return ops.arccos(x)


acos = arccos


def arctan(x):
    return ops.arctan(x)


atan = arctan


def arcsinh(x):
    return ops.arcsinh(x)


asinh = arcsinh


def arccosh(x):
    return ops.arccosh(x)


acosh = arccosh


def arctanh(x):
    return ops.arctanh(x)


atanh = arctanh


def sinc(x):
    return ops.where(x == 0, ops.ones_like(x), ops.sin(math.pi * x) / ops.where(x == 0, ops.ones_like(x), math.pi * x))


def deg2rad(x):
    return x * (math.pi / 180)


radians = deg2rad


def rad2deg(x):
    return x * (180 / math.pi)


degrees = rad2deg


def negative(x):
    return -x


def positive(x):
    return x


def reciprocal(x, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, 1 / ops.where(where, x, 1))
    return 1 / x


def real(val):
    return ops.real(val)


def imag(val):
    return ops.imag(val)


def conjugate(x):
    return ops.conjugate(x)


conj = conjugate


def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    return ops.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


def modf(x):
    whole = ops.sign(x) * ops.floor(ops.abs(x))
    return (x - whole, whole)


def frexp(x):
    raise NotImplementedError("it takes the bits of a number apart: its exponent moves in steps, without a gradient")


def nextafter(x1, x2):
    raise NotImplementedError("the next number that can be represented has no gradient")


def emath(x):
    raise NotImplementedError("its type depends on the values: use the function of the same name in NumPy itself")


def _elsewhere(out, where, value):
    if where is None:
        raise NotImplementedError("out= writes into an array; a graph has no place for that")
    if out is None:
        raise NotImplementedError("where= leaves the other elements undefined: give out= as well")
    return ops.where(where, value, out)
