"""NumPy's polynomials in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy"


def vander(x, N=None, increasing=False):
    if N is None or increasing:
        raise NotImplementedError("only with N given, and falling powers")
    return x[:, None] ** tf.cast(tf.range(N - 1, -1, -1), x.dtype)


def polyval(p, x):
    value = x * 0
    for coefficient in p if isinstance(p, (list, tuple)) else tf.unstack(p):
        value = value * x + coefficient
    return value


def polyadd(a1, a2):
    assert len(a1.shape) == 1 and len(a2.shape) == 1
    return _polyadd(a1, a2)


def polysub(a1, a2):
    return _polyadd(a1, -a2)


def _polyadd(a1, a2):
    length = tf.maximum(tf.size(a1), tf.size(a2))
    return tf.pad(a1, [[length - tf.size(a1), 0]]) + tf.pad(a2, [[length - tf.size(a2), 0]])


def polymul(a1, a2):
    padded = tf.pad(a1, [[tf.size(a2) - 1, tf.size(a2) - 1]])
    return tf.nn.conv1d(padded[None, :, None], tf.reverse(a2, [0])[:, None, None], 1, "VALID")[0, :, 0]


def polyder(p, m=1):
    for _ in range(m):
        p = p[:-1] * tf.cast(tf.range(tf.size(p) - 1, 0, -1), p.dtype)
    return p


def polyint(p, m=1, k=None):
    if k is not None:
        raise NotImplementedError("only with constants of integration that are zero")
    return _polyint(p, m)


def _polyint(p, m=1):
    for _ in range(m):
        p = tf.pad(p / tf.cast(tf.range(tf.size(p), 0, -1), p.dtype), [[0, 1]])
    return p


def polyfit(x, y, deg, rcond=None, full=False, w=None, cov=False):
    if full or cov:
        raise NotImplementedError("only the coefficients are supported")
    if rcond is not None or w is not None:
        raise NotImplementedError("only the plain fit, without rcond= and weights, is supported")
    return _polyfit(x, y, deg)


def _polyfit(x, y, deg):
    q, r = tf.linalg.qr(x[:, None] ** tf.cast(tf.range(deg, -1, -1), x.dtype))
    columns = y[:, None] if len(y.shape) == 1 else y
    fit = tf.linalg.triangular_solve(r, tf.matmul(q, columns, transpose_a=True), lower=False)
    return fit[:, 0] if len(y.shape) == 1 else fit


def roots(p):
    raise NotImplementedError("the order of roots is not fixed: write the loss on the polynomial's values")


def poly1d(c_or_r):
    raise NotImplementedError("it is a NumPy object: write np.polyval(coefficients, x) instead")
