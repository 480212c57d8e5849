"""The Bernoulli distribution of scipy.stats in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "scipy.stats.bernoulli"


def logpmf(k, p, loc=0):
    if loc != 0:
        raise NotImplementedError("loc= shifts the outcomes: subtract it from them instead")
    if isinstance(k, int) and k == 1:
        return tf.math.log(p)
    return tf.math.log(tf.where(k == 1, p, 1 - p))


def pmf(k, p, loc=0):
    if loc != 0:
        raise NotImplementedError("loc= shifts the outcomes: subtract it from them instead")
    return tf.where(k == 1, p, 1 - p)
