"""The log-normal distribution of scipy.stats in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf
from autofix.rules.tensorflow._density import _log, _scaled, _standard

FOR = "scipy.stats.lognorm"


def logpdf(x, s, loc=0, scale=1):
    return _scaled(_log_density(_standard(x, loc, scale), s), scale)


def _log_density(x, s):
    return -tf.square(tf.math.log(x) / s) / 2 - tf.math.log(x) - _log(s * math.sqrt(2 * math.pi))


def pdf(x, s, loc=0, scale=1):
    return tf.exp(_scaled(_log_density(_standard(x, loc, scale), s), scale))
