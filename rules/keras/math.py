"""Python's math module in keras.ops."""

from __future__ import annotations

import math

from keras import ops

FOR = "math"


def exp(x):
    return ops.exp(x)


def exp2(x):
    return 2.0**x


def expm1(x):
    return ops.expm1(x)


def log(x, base=None):
    if base is None:
        return ops.log(x)
    return ops.log(x) / math.log(base)


def log1p(x):
    return ops.log1p(x)


def log2(x):
    return ops.log2(x)


def log10(x):
    return ops.log10(x)


def sqrt(x):
    return ops.sqrt(x)


def pow(x, y):
    return ops.power(x, y)


def fabs(x):
    return ops.abs(x)


def sin(x):
    return ops.sin(x)


def cos(x):
    return ops.cos(x)


def tan(x):
    return ops.tan(x)


def asin(x):
    return ops.arcsin(x)


def acos(x):
    return ops.arccos(x)


def atan(x):
    return ops.arctan(x)


def sinh(x):
    return ops.sinh(x)


def cosh(x):
    return ops.cosh(x)


def tanh(x):
    return ops.tanh(x)


def asinh(x):
    return ops.arcsinh(x)


def acosh(x):
    return ops.arccosh(x)


def atanh(x):
    return ops.arctanh(x)


def atan2(y, x):
    return ops.arctan2(y, x)


def hypot(x, y):
    if isinstance(y, (int, float)):
        return ops.sqrt(ops.square(x) + y**2)
    if isinstance(x, (int, float)):
        return ops.sqrt(x**2 + ops.square(y))
    return ops.sqrt(ops.square(x) + ops.square(y))


def degrees(x):
    return x * (180 / math.pi)


def radians(x):
    return x * (math.pi / 180)


def erf(x):
    return ops.erf(x)


def erfc(x):
    return ops.erfc(x)


def lgamma(x):
    raise NotImplementedError("keras.ops has no logarithm of the gamma function")


def prod(iterable, *, start=1):
    if start != 1:
        raise NotImplementedError("start= has no counterpart")
    if isinstance(iterable, (list, tuple)):
        return ops.prod(ops.stack(iterable))
    return ops.prod(iterable)


def fsum(seq):
    if isinstance(seq, (list, tuple)):
        return ops.sum(ops.stack(seq))
    return ops.sum(seq)


def dist(p, q):
    return ops.norm(p - q)


def isnan(x):
    return ops.isnan(x)


def isinf(x):
    return ops.isinf(x)


def isfinite(x):
    return ops.isfinite(x)


def cbrt(x):
    return ops.sign(x) * ops.abs(x) ** (1 / 3)


def gamma(x):
    raise NotImplementedError("keras.ops has no gamma function")


def ldexp(x, i):
    return x * 2.0**i


def copysign(x, y):
    if isinstance(y, (int, float)) and y >= 0:
        return ops.abs(x)
    if isinstance(y, (int, float)):
        return -ops.abs(x)
    raise NotImplementedError("Keras has no copysign: only a number's sign is supported")


def fmod(x, y):
    return x - ops.stop_gradient(ops.sign(x / y) * ops.floor(ops.abs(x / y))) * y


def remainder(x, y):
    return x - ops.stop_gradient(ops.round(x / y)) * y


def modf(x):
    return _modf(x)


def _modf(x):
    whole = ops.stop_gradient(ops.sign(x) * ops.floor(ops.abs(x)))
    return x - whole, whole


def isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0):
    return ops.abs(a - b) <= ops.maximum(rel_tol * ops.maximum(ops.abs(a), ops.abs(b)), abs_tol)


def sumprod(p, q):
    return ops.tensordot(p, q, axes=1)


def fma(x, y, z):
    return x * y + z
