"""Python's math module in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf

FOR = "math"


def exp(x):
    return tf.exp(x)


def exp2(x):
    return 2.0**x


def expm1(x):
    return tf.math.expm1(x)


def log(x, base=None):
    if base is None:
        return tf.math.log(x)
    return tf.math.log(x) / math.log(base)


def log1p(x):
    return tf.math.log1p(x)


def log2(x):
    return tf.math.log(x) / math.log(2)


def log10(x):
    return tf.math.log(x) / math.log(10)


def sqrt(x):
    return tf.sqrt(x)


def pow(x, y):
    return tf.pow(x, y)


def fabs(x):
    return tf.abs(x)


def sin(x):
    return tf.sin(x)


def cos(x):
    return tf.cos(x)


def tan(x):
    return tf.tan(x)


def asin(x):
    return tf.asin(x)


def acos(x):
    return tf.acos(x)


def atan(x):
    return tf.atan(x)


def sinh(x):
    return tf.sinh(x)


def cosh(x):
    return tf.cosh(x)


def tanh(x):
    return tf.tanh(x)


def asinh(x):
    return tf.asinh(x)


def acosh(x):
    return tf.acosh(x)


def atanh(x):
    return tf.atanh(x)


def atan2(y, x):
    if isinstance(y, (int, float)):
        return tf.atan2(tf.constant(y, x.dtype), x)
    return tf.atan2(y, x)


def hypot(x, y):
    if isinstance(y, (int, float)):
        return tf.sqrt(tf.square(x) + y**2)
    if isinstance(x, (int, float)):
        return tf.sqrt(x**2 + tf.square(y))
    return tf.sqrt(tf.square(x) + tf.square(y))


def degrees(x):
    return x * (180 / math.pi)


def radians(x):
    return x * (math.pi / 180)


def erf(x):
    return tf.math.erf(x)


def erfc(x):
    return tf.math.erfc(x)


def lgamma(x):
    return tf.math.lgamma(x)


def prod(iterable, *, start=1):
    if start != 1:
        raise NotImplementedError("start= has no counterpart")
    if isinstance(iterable, (list, tuple)):
        return tf.reduce_prod(tf.stack(iterable))
    return tf.reduce_prod(iterable)


def fsum(seq):
    if isinstance(seq, (list, tuple)):
        return tf.reduce_sum(tf.stack(seq))
    return tf.reduce_sum(seq)


def dist(p, q):
    return tf.norm(p - q)


def isnan(x):
    return tf.math.is_nan(x)


def isinf(x):
    return tf.math.is_inf(x)


def isfinite(x):
    return tf.math.is_finite(x)


def cbrt(x):
    return tf.sign(x) * tf.abs(x) ** (1 / 3)


def gamma(x):
    return tf.exp(tf.math.lgamma(x))


def ldexp(x, i):
    return x * 2.0**i


def copysign(x, y):
    if isinstance(y, (int, float)) and y >= 0:
        return tf.abs(x)
    if isinstance(y, (int, float)):
        return -tf.abs(x)
    raise NotImplementedError("TensorFlow has no copysign: only a number's sign is supported")


def fmod(x, y):
    return x - tf.stop_gradient(tf.sign(x / y) * tf.floor(tf.abs(x / y))) * y


def remainder(x, y):
    return x - tf.stop_gradient(tf.round(x / y)) * y


def modf(x):
    return _modf(x)


def _modf(x):
    whole = tf.stop_gradient(tf.sign(x) * tf.floor(tf.abs(x)))
    return x - whole, whole


def isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0):
    return tf.abs(a - b) <= tf.maximum(rel_tol * tf.maximum(tf.abs(a), tf.abs(b)), abs_tol)


def sumprod(p, q):
    return tf.tensordot(p, q, axes=1)


def fma(x, y, z):
    return x * y + z
