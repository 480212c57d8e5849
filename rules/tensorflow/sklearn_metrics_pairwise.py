"""sklearn.metrics.pairwise in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "sklearn.metrics.pairwise"


def cosine_similarity(X, Y=None):
    if Y is None:
        return _cosines(X)
    return tf.matmul(tf.math.l2_normalize(X, axis=1), tf.math.l2_normalize(Y, axis=1), transpose_b=True)


def _cosines(X):
    rows = tf.math.l2_normalize(X, axis=1)
    return tf.matmul(rows, rows, transpose_b=True)


def euclidean_distances(X, Y=None):
    if Y is None:
        raise NotImplementedError("the distance of a row to itself has a gradient of NaN in tf.norm")
    return tf.norm(X[:, None] - Y[None], axis=-1)
