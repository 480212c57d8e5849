"""scipy.special in keras.ops."""

from __future__ import annotations

import math

from keras import ops

FOR = "scipy.special"


def expit(x):
    return ops.sigmoid(x)


def logit(x):
    return ops.log(x / (1 - x))


def log_expit(x):
    return ops.log_sigmoid(x)


def xlogy(x, y):
    return _xlogy(x, y)


def _xlogy(x, y):
    x = ops.convert_to_tensor(x, y.dtype)
    return x * ops.log(ops.where(x == 0, ops.ones_like(y), y))


def xlog1py(x, y):
    return _xlogy(x, 1 + y)


def entr(x):
    return -_xlogy(x, x)


def erf(x):
    return ops.erf(x)


def erfc(x):
    return ops.erfc(x)


def erfinv(y):
    return ops.erfinv(y)


def ndtr(x):
    return ops.erfc(-x / math.sqrt(2)) / 2


def log_ndtr(x):
    return ops.log(ops.erfc(-x / math.sqrt(2)) / 2)


def gammaln(x):
    raise NotImplementedError("keras.ops has no logarithm of the gamma function")


loggamma = gammaln


def gamma(z):
    raise NotImplementedError("keras.ops has no gamma function")


def digamma(x):
    raise NotImplementedError("keras.ops has no digamma function")


psi = digamma


def expm1(x):
    return ops.expm1(x)


def log1p(x):
    return ops.log1p(x)


def exp2(x):
    return 2.0**x


def exp10(x):
    return 10.0**x


def cbrt(x):
    return ops.sign(x) * ops.abs(x) ** (1 / 3)


def softplus(x):
    return ops.softplus(x)


def softmax(x, axis=None):
    if axis is None:
        return ops.reshape(ops.softmax(ops.reshape(x, [-1])), ops.shape(x))
    return ops.softmax(x, axis=axis)


def log_softmax(x, axis=None):
    if axis is None:
        return ops.reshape(ops.log_softmax(ops.reshape(x, [-1])), ops.shape(x))
    return ops.log_softmax(x, axis=axis)


def logsumexp(a, axis=None, b=None, keepdims=False, return_sign=False):
    if return_sign:
        raise NotImplementedError("return_sign=True gives a pair, whose sign has no gradient")
    if b is not None:
        return ops.log(ops.sum(b * ops.exp(a), axis=axis, keepdims=keepdims))
    return ops.logsumexp(a, axis=axis, keepdims=keepdims)


def rel_entr(x, y):
    return _xlogy(x, x / y)


def kl_div(x, y):
    return _xlogy(x, x / y) - x + y


def huber(delta, r):
    return ops.where(ops.abs(r) <= delta, ops.square(r) / 2, delta * (ops.abs(r) - delta / 2))


def pseudo_huber(delta, r):
    return delta**2 * (ops.sqrt(1 + ops.square(r / delta)) - 1)
