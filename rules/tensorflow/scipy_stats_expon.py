"""The exponential distribution of scipy.stats in TensorFlow."""

from __future__ import annotations

import tensorflow as tf
from autofix.rules.tensorflow._density import _scaled, _standard

FOR = "scipy.stats.expon"


def logpdf(x, loc=0, scale=1):
    return _scaled(-_standard(x, loc, scale), scale)


def pdf(x, loc=0, scale=1):
    # Below loc the density is zero, which a loss may well meet.
    return tf.where(x >= loc, tf.exp(logpdf(x, loc, scale)), 0.0)


def logsf(x, loc=0, scale=1):
    return -_standard(x, loc, scale)


def cdf(x, loc=0, scale=1):
    return tf.where(x >= loc, -tf.math.expm1(-_standard(x, loc, scale)), 0.0)
