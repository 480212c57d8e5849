"""The beta distribution of scipy.stats in TensorFlow."""

from __future__ import annotations

import tensorflow as tf
from autofix.rules.tensorflow._density import _lgamma, _scaled, _standard

FOR = "scipy.stats.beta"


def logpdf(x, a, b, loc=0, scale=1):
    return _scaled(_log_density(_standard(x, loc, scale), a, b), scale)


def _log_density(x, a, b):
    return (a - 1) * tf.math.log(x) + (b - 1) * tf.math.log1p(-x) + _lgamma(a + b) - _lgamma(a) - _lgamma(b)


def pdf(x, a, b, loc=0, scale=1):
    return tf.exp(_scaled(_log_density(_standard(x, loc, scale), a, b), scale))
