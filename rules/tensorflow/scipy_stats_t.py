"""Student's distribution of scipy.stats in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf
from autofix.rules.tensorflow._density import _lgamma, _log, _scaled, _standard

FOR = "scipy.stats.t"


def logpdf(x, df, loc=0, scale=1):
    return _scaled(_log_density(x, df, loc, scale), scale)


def _log_density(x, df, loc=0, scale=1):
    return (
        _lgamma((df + 1) / 2)
        - _lgamma(df / 2)
        - _log(df * math.pi) / 2
        - (df + 1) / 2 * tf.math.log1p(tf.square(_standard(x, loc, scale)) / df)
    )


def pdf(x, df, loc=0, scale=1):
    return tf.exp(_scaled(_log_density(x, df, loc, scale), scale))
