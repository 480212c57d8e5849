"""The Dirichlet distribution of scipy.stats in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "scipy.stats.dirichlet"


def logpdf(x, alpha):
    return (
        tf.reduce_sum(tf.math.xlogy(alpha - 1, x))
        + tf.math.lgamma(tf.reduce_sum(alpha))
        - tf.reduce_sum(tf.math.lgamma(alpha))
    )


def pdf(x, alpha):
    return tf.exp(logpdf(x, alpha))
