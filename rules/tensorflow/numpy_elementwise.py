"""NumPy's functions of one value in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf

FOR = "numpy"


def abs(x):
    return tf.abs(x)


absolute = abs
fabs = abs


def square(x):
    return tf.square(x)


def sqrt(x, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, tf.sqrt(tf.where(where, x, 1)))
    return tf.sqrt(x)


def cbrt(x):
    return tf.sign(x) * tf.abs(x) ** (1 / 3)


def exp(x):
    return tf.exp(x)


def exp2(x):
    return 2.0**x


def expm1(x):
    return tf.math.expm1(x)


def log(x, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, tf.math.log(tf.where(where, x, 1)))
    return tf.math.log(x)


def log1p(x, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, tf.math.log1p(tf.where(where, x, 1)))
    return tf.math.log1p(x)


def log2(x, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, tf.math.log(tf.where(where, x, 1)) / math.log(2))
    return tf.math.log(x) / math.log(2)


def log10(x, out=None, *, where=None):
    if out is not None or where is not None:
        return _elsewhere(out, where, tf.math.log(tf.where(where, x, 1)) / math.log(10))
    return tf.math.log(x) / math.log(10)


def sin(x):
    return tf.sin(x)


def cos(x):
    return tf.cos(x)


def tan(x):
    return tf.tan(x)


def sinh(x):
    return tf.sinh(x)


def cosh(x):
    return tf.cosh(x)


def tanh(x):
    return tf.tanh(x)


def arcsin(x):
    return tf.asin(x)


asin = arcsin


def arccos(x):
    return tf.acos(x)


acos = arccos


def arctan(x):
    return tf.atan(x)


atan = arctan


def arcsinh(x):
    return tf.asinh(x)


asinh = arcsinh


def arccosh(x):
    return tf.acosh(x)


acosh = arccosh


def arctanh(x):
    return tf.atanh(x)


atanh = arctanh


def sinc(x):
    return tf.where(x == 0, tf.ones_like(x), tf.sin(math.pi * x) / tf.where(x == 0, tf.ones_like(x), math.pi * x))


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
        return _elsewhere(out, where, 1 / tf.where(where, x, 1))
    return 1 / x


def real(val):
    return tf.math.real(val)


def conjugate(x):
    return tf.math.conj(x)


conj = conjugate


def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    highest = x.dtype.max if posinf is None else posinf
    lowest = x.dtype.min if neginf is None else neginf
    finite = tf.where(tf.math.is_finite(x), x, tf.zeros_like(x))
    infinite = tf.where(x > 0, tf.constant(highest, x.dtype), tf.constant(lowest, x.dtype))
    return tf.where(tf.math.is_nan(x), tf.constant(nan, x.dtype), tf.where(tf.math.is_inf(x), infinite, finite))


def i0(x):
    return tf.math.bessel_i0(x)


def imag(val):
    return tf.math.imag(val)


def angle(z):
    return tf.math.angle(z)


def real_if_close(a, tol=100):
    return tf.math.real(a)


def modf(x):
    whole = tf.sign(x) * tf.floor(tf.abs(x))
    return (x - whole, whole)


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
    return tf.where(where, value, out)
