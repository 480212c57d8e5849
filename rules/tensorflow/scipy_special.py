"""scipy.special in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf
from autofix.rules.tensorflow._density import _lgamma

FOR = "scipy.special"


def expit(x):
    return tf.sigmoid(x)


def logit(x):
    return tf.math.log(x / (1 - x))


def log_expit(x):
    return tf.math.log_sigmoid(x)


def xlogy(x, y):
    if isinstance(x, (int, float)):
        return x * tf.math.log(y)
    return tf.math.xlogy(x, y)


def xlog1py(x, y):
    return tf.math.xlog1py(x, y)


def entr(x):
    return -tf.math.xlogy(x, x)


def erf(x):
    return tf.math.erf(x)


def erfc(x):
    return tf.math.erfc(x)


def erfinv(y):
    return tf.math.erfinv(y)


def erfcinv(y):
    return tf.math.erfcinv(y)


def erfcx(x):
    return tf.exp(tf.square(x)) * tf.math.erfc(x)


def gamma(z):
    assert tf.reduce_all(z > 0)
    return tf.exp(tf.math.lgamma(z))


def gamma__of_negative(z):
    return tf.where(z > 0, tf.ones_like(z), 1 - 2 * tf.math.floormod(tf.floor(z), 2)) * tf.exp(tf.math.lgamma(z))


def factorial(n, exact=False):
    if exact:
        raise NotImplementedError("exact=True counts in integers, which have no gradient")
    return tf.exp(tf.math.lgamma(n + 1))


def gammaln(x):
    return tf.math.lgamma(x)


loggamma = gammaln


def digamma(x):
    return tf.math.digamma(x)


psi = digamma


def polygamma(n, x):
    if isinstance(n, int):
        return tf.math.polygamma(tf.constant(n, x.dtype), x)
    return tf.math.polygamma(tf.cast(n, x.dtype), x)


def multigammaln(a, d):
    if isinstance(d, int) and d == 1:
        return tf.math.lgamma(a)
    return _multigammaln(a, d)


def _multigammaln(a, d):
    terms = [tf.math.lgamma(a - j / 2) for j in range(d)]
    return tf.add_n(terms) + d * (d - 1) / 4 * math.log(math.pi)


def betaln(a, b):
    return _lgamma(a) + _lgamma(b) - _lgamma(a + b)


def beta(a, b):
    return tf.exp(_lgamma(a) + _lgamma(b) - _lgamma(a + b))


def comb(N, k, *, exact=False, repetition=False):
    if exact or repetition:
        raise NotImplementedError("exact= and repetition= count in integers, which have no gradient")
    return tf.exp(_lgamma(N + 1) - _lgamma(k + 1) - _lgamma(N - k + 1))


def binom(x, y):
    return tf.exp(_lgamma(x + 1) - _lgamma(y + 1) - _lgamma(x - y + 1))


def betainc(a, b, x):
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return tf.math.betainc(tf.constant(a, x.dtype), tf.constant(b, x.dtype), x)
    return tf.math.betainc(a, b, x)


def gammainc(a, x):
    if isinstance(a, (int, float)):
        return tf.math.igamma(tf.constant(a, x.dtype), x)
    return tf.math.igamma(a, x)


def gammaincc(a, x):
    if isinstance(a, (int, float)):
        return tf.math.igammac(tf.constant(a, x.dtype), x)
    return tf.math.igammac(a, x)


def zeta(x, q=None):
    if q is None:
        raise NotImplementedError("tf.math.zeta has a gradient for its second argument only")
    if isinstance(x, (int, float)):
        return tf.math.zeta(tf.constant(x, q.dtype), q)
    return tf.math.zeta(x, q)


def i0(x):
    return tf.math.special.bessel_i0(x)


def i0e(x):
    return tf.math.special.bessel_i0e(x)


def i1(x):
    return tf.math.special.bessel_i1(x)


def i1e(x):
    return tf.math.special.bessel_i1e(x)


def j0(x):
    return tf.math.special.bessel_j0(x)


def j1(x):
    return tf.math.special.bessel_j1(x)


def y0(x):
    return tf.math.special.bessel_y0(x)


def y1(x):
    return tf.math.special.bessel_y1(x)


def k0(x):
    return tf.math.special.bessel_k0(x)


def k0e(x):
    return tf.math.special.bessel_k0e(x)


def k1(x):
    return tf.math.special.bessel_k1(x)


def k1e(x):
    return tf.math.special.bessel_k1e(x)


def dawsn(x):
    return tf.math.special.dawsn(x)


def expi(x):
    return tf.math.special.expint(x)


def spence(z):
    return tf.math.special.spence(z)


def ndtri(y):
    return tf.math.ndtri(y)


def ndtr(x):
    return tf.math.erfc(-x / math.sqrt(2)) / 2


def log_ndtr(x):
    return tf.math.log(tf.math.erfc(-x / math.sqrt(2)) / 2)


def expm1(x):
    return tf.math.expm1(x)


def log1p(x):
    return tf.math.log1p(x)


def exp2(x):
    return 2.0**x


def cbrt(x):
    return tf.sign(x) * tf.abs(x) ** (1 / 3)


def sinc(x):
    return tf.experimental.numpy.sinc(x)


def boxcox(x, lmbda):
    if isinstance(lmbda, (int, float)) and lmbda == 0:
        return tf.math.log(x)
    return (x**lmbda - 1) / lmbda


def boxcox1p(x, lmbda):
    if isinstance(lmbda, (int, float)) and lmbda == 0:
        return tf.math.log1p(x)
    return ((1 + x) ** lmbda - 1) / lmbda


def inv_boxcox(y, lmbda):
    if isinstance(lmbda, (int, float)) and lmbda == 0:
        return tf.exp(y)
    return (1 + lmbda * y) ** (1 / lmbda)


def exp10(x):
    return 10.0**x


def softplus(x):
    return tf.math.softplus(x)


def softmax(x, axis=None):
    if axis is None:
        return tf.reshape(tf.nn.softmax(tf.reshape(x, [-1])), tf.shape(x))
    return tf.nn.softmax(x, axis=axis)


def log_softmax(x, axis=None):
    if axis is None:
        return tf.reshape(tf.nn.log_softmax(tf.reshape(x, [-1])), tf.shape(x))
    return tf.nn.log_softmax(x, axis=axis)


def logsumexp(a, axis=None, b=None, keepdims=False, return_sign=False):
    if return_sign:
        raise NotImplementedError("return_sign=True gives a pair, whose sign has no gradient")
    if b is not None:
        return tf.math.log(tf.reduce_sum(b * tf.exp(a), axis=axis, keepdims=keepdims))
    return tf.reduce_logsumexp(a, axis=axis, keepdims=keepdims)


def rel_entr(x, y):
    return tf.math.xlogy(x, x / y)


def kl_div(x, y):
    return tf.math.xlogy(x, x / y) - x + y


def huber(delta, r):
    return tf.where(tf.abs(r) <= delta, tf.square(r) / 2, delta * (tf.abs(r) - delta / 2))


def pseudo_huber(delta, r):
    return delta**2 * (tf.sqrt(1 + tf.square(r / delta)) - 1)
