"""scipy.special in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf

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


def gammaln(x):
    return tf.math.lgamma(x)


loggamma = gammaln


def digamma(x):
    return tf.math.digamma(x)


psi = digamma


def ndtr(x):
    return tf.math.erfc(-x / math.sqrt(2)) / 2


def log_ndtr(x):
    return tf.math.log(tf.math.erfc(-x / math.sqrt(2)) / 2)


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
    if b is not None or return_sign:
        raise NotImplementedError("tf.reduce_logsumexp takes no weights and gives no sign")
    return tf.reduce_logsumexp(a, axis=axis, keepdims=keepdims)


def rel_entr(x, y):
    return tf.math.xlogy(x, x / y)


def kl_div(x, y):
    return tf.math.xlogy(x, x / y) - x + y


def huber(delta, r):
    return tf.where(tf.abs(r) <= delta, tf.square(r) / 2, delta * (tf.abs(r) - delta / 2))


def pseudo_huber(delta, r):
    return delta**2 * (tf.sqrt(1 + tf.square(r / delta)) - 1)
