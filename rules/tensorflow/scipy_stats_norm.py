"""The normal distribution of scipy.stats in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf
from autofix.rules.tensorflow._density import _standard

FOR = "scipy.stats.norm"


def cdf(x, loc=0, scale=1):
    return tf.math.erfc(-_standard(x, loc, scale) / math.sqrt(2)) / 2


def sf(x, loc=0, scale=1):
    return tf.math.erfc(_standard(x, loc, scale) / math.sqrt(2)) / 2


def logcdf(x, loc=0, scale=1):
    return tf.math.log(tf.math.erfc(-_standard(x, loc, scale) / math.sqrt(2)) / 2)


def logsf(x, loc=0, scale=1):
    return tf.math.log(tf.math.erfc(_standard(x, loc, scale) / math.sqrt(2)) / 2)


def ppf(q, loc=0, scale=1):
    return tf.math.ndtri(q) * scale + loc


def pdf(x, loc=0, scale=1):
    if isinstance(scale, (int, float)) and scale == 1:
        return tf.exp(-tf.square(_standard(x, loc, scale)) / 2) / math.sqrt(2 * math.pi)
    return tf.exp(-tf.square(_standard(x, loc, scale)) / 2) / (scale * math.sqrt(2 * math.pi))


def logpdf(x, loc=0, scale=1):
    if isinstance(scale, (int, float)) and scale == 1:
        return -tf.square(_standard(x, loc, scale)) / 2 - math.log(2 * math.pi) / 2
    if isinstance(scale, (int, float)):
        return -tf.square(_standard(x, loc, scale)) / 2 - math.log(scale * math.sqrt(2 * math.pi))
    return -tf.square(_standard(x, loc, scale)) / 2 - tf.math.log(scale * math.sqrt(2 * math.pi))
