"""The Laplace distribution of scipy.stats in TensorFlow."""

from __future__ import annotations

import tensorflow as tf
from autofix.rules.tensorflow._density import _log, _standard

FOR = "scipy.stats.laplace"


def logpdf(x, loc=0, scale=1):
    return -tf.abs(_standard(x, loc, scale)) - _log(2 * scale)


def pdf(x, loc=0, scale=1):
    return tf.exp(-tf.abs(_standard(x, loc, scale))) / (2 * scale)
