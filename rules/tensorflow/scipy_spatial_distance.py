"""scipy.spatial.distance in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "scipy.spatial.distance"


def euclidean(u, v):
    return tf.norm(u - v)


def sqeuclidean(u, v):
    return tf.reduce_sum(tf.square(u - v))


def cityblock(u, v):
    return tf.reduce_sum(tf.abs(u - v))


def chebyshev(u, v):
    return tf.reduce_max(tf.abs(u - v))


def minkowski(u, v, p=2):
    return tf.norm(u - v, ord=p)


def cosine(u, v):
    return 1 - tf.tensordot(u, v, axes=1) / (tf.norm(u) * tf.norm(v))


def cdist(XA, XB, metric="euclidean"):
    if metric == "euclidean":
        return tf.norm(XA[:, None] - XB[None], axis=-1)
    if metric == "sqeuclidean":
        return tf.reduce_sum(tf.square(XA[:, None] - XB[None]), axis=-1)
    if metric == "cityblock":
        return tf.reduce_sum(tf.abs(XA[:, None] - XB[None]), axis=-1)
    raise NotImplementedError("only euclidean, sqeuclidean and cityblock are known here")
