"""The normal distribution of vectors of scipy.stats in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf

FOR = "scipy.stats.multivariate_normal"


def logpdf(x, mean=None, cov=1, allow_singular=False):
    if allow_singular:
        raise NotImplementedError("a singular covariance has no Cholesky factor")
    if mean is None:
        raise NotImplementedError("without mean= there is one dimension only: give it, or take scipy.stats.norm")
    if isinstance(cov, (int, float)):
        return -tf.reduce_sum(tf.square(x - mean) / cov + math.log(2 * math.pi * cov), axis=-1) / 2
    return _logpdf(x, mean, cov)


def _logpdf(x, mean, cov):
    lower = tf.linalg.cholesky(cov)
    whitened = tf.linalg.matvec(tf.linalg.inv(lower), x - mean)
    volume = tf.reduce_sum(tf.math.log(2 * math.pi * tf.square(tf.linalg.diag_part(lower))))
    return -(tf.reduce_sum(tf.square(whitened), axis=-1) + volume) / 2


def pdf(x, mean=None, cov=1, allow_singular=False):
    return tf.exp(logpdf(x, mean, cov, allow_singular))
