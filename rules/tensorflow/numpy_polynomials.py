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
