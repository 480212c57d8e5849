"""The Poisson distribution of scipy.stats in TensorFlow."""

from __future__ import annotations

import tensorflow as tf
from autofix.rules.tensorflow._density import _lgamma

FOR = "scipy.stats.poisson"


def logpmf(k, mu, loc=0):
    if loc != 0:
        raise NotImplementedError("loc= shifts the counts: subtract it from them instead")
    assert isinstance(k, (int, float)) or k.dtype.is_floating
    return k * tf.math.log(mu) - mu - _lgamma(k + 1)


def logpmf__of_integers(k, mu, loc=0):
    if loc != 0 or isinstance(k, (int, float)):
        raise NotImplementedError("loc= shifts the counts: subtract it from them instead")
    return tf.cast(k, mu.dtype) * tf.math.log(mu) - mu - tf.math.lgamma(tf.cast(k, mu.dtype) + 1)


def pmf(k, mu, loc=0):
    assert isinstance(k, (int, float)) or k.dtype.is_floating
    return tf.exp(logpmf(k, mu, loc))


def pmf__of_integers(k, mu, loc=0):
    return tf.exp(logpmf__of_integers(k, mu, loc))
