"""scipy.spatial.distance in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "scipy.spatial.distance"


def euclidean(u, v, w=None):
    if w is None:
        return tf.norm(u - v)
    return tf.sqrt(tf.reduce_sum(w * tf.square(u - v)))


def sqeuclidean(u, v, w=None):
    if w is None:
        return tf.reduce_sum(tf.square(u - v))
    return tf.reduce_sum(w * tf.square(u - v))


def cityblock(u, v, w=None):
    if w is None:
        return tf.reduce_sum(tf.abs(u - v))
    return tf.reduce_sum(w * tf.abs(u - v))


def chebyshev(u, v, w=None):
    if w is not None:
        raise NotImplementedError("w= only selects elements: select them first")
    return tf.reduce_max(tf.abs(u - v))


def minkowski(u, v, p=2, w=None):
    if w is None:
        return tf.norm(u - v, ord=p)
    return tf.reduce_sum(w * tf.abs(u - v) ** p) ** (1 / p)


def cosine(u, v, w=None):
    if w is None:
        return 1 - tf.tensordot(u, v, axes=1) / (tf.norm(u) * tf.norm(v))
    return 1 - tf.reduce_sum(w * u * v) / tf.sqrt(tf.reduce_sum(w * tf.square(u)) * tf.reduce_sum(w * tf.square(v)))


def correlation(u, v, w=None, centered=True):
    if not centered:
        return cosine(u, v, w)
    if w is not None:
        raise NotImplementedError("weights of a correlation: centre both vectors and take the weighted cosine")
    return _correlation(u, v)


def _correlation(u, v):
    u = u - tf.reduce_mean(u)
    v = v - tf.reduce_mean(v)
    return 1 - tf.reduce_sum(u * v) / (tf.norm(u) * tf.norm(v))


def braycurtis(u, v, w=None):
    if w is None:
        return tf.reduce_sum(tf.abs(u - v)) / tf.reduce_sum(tf.abs(u + v))
    return tf.reduce_sum(w * tf.abs(u - v)) / tf.reduce_sum(w * tf.abs(u + v))


def canberra(u, v, w=None):
    if w is None:
        return tf.reduce_sum(tf.abs(u - v) / (tf.abs(u) + tf.abs(v)))
    return tf.reduce_sum(w * tf.abs(u - v) / (tf.abs(u) + tf.abs(v)))


def mahalanobis(u, v, VI):
    return tf.sqrt(tf.reduce_sum((u - v)[:, None] * VI * (u - v)))


def jensenshannon(p, q, base=None, *, axis=0, keepdims=False):
    if base is not None:
        raise NotImplementedError("base= is a factor: divide the squared distance by log(base)")
    return _jensenshannon(p, q, axis, keepdims)


def _jensenshannon(p, q, axis=0, keepdims=False):
    p = p / tf.reduce_sum(p, axis=axis, keepdims=True)
    q = q / tf.reduce_sum(q, axis=axis, keepdims=True)
    divergence = tf.math.xlogy(p, 2 * p / (p + q)) + tf.math.xlogy(q, 2 * q / (p + q))
    return tf.sqrt(tf.reduce_sum(divergence, axis=axis, keepdims=keepdims) / 2)


def hamming(u, v, w=None):
    raise NotImplementedError("a count of unequal elements is piecewise constant: it has no gradient")


def cdist(XA, XB, metric="euclidean", *, p=2):
    return _distances(XA[:, None], XB[None], metric, p)


def pdist(X, metric="euclidean", *, p=2):
    if metric not in ("euclidean", "sqeuclidean", "cityblock", "manhattan", "l1", "chebyshev", "minkowski", "cosine"):
        raise NotImplementedError("only the metrics that cdist has a rule for")
    return _pdist(X, metric, p)


def _pdist(X, metric, p=2):
    order = tf.range(tf.shape(X)[0])
    pairs = tf.where(order[:, None] < order)
    return _distances(tf.gather(X, pairs[:, 0]), tf.gather(X, pairs[:, 1]), metric, p)


def _distances(a, b, metric, p=2):
    if metric == "euclidean":
        return tf.norm(a - b, axis=-1)
    if metric == "sqeuclidean":
        return tf.reduce_sum(tf.square(a - b), axis=-1)
    if metric in ("cityblock", "manhattan", "l1"):
        return tf.reduce_sum(tf.abs(a - b), axis=-1)
    if metric == "chebyshev":
        return tf.reduce_max(tf.abs(a - b), axis=-1)
    if metric == "minkowski":
        return tf.norm(a - b, ord=p, axis=-1)
    if metric == "cosine":
        return 1 - tf.reduce_sum(a * b, axis=-1) / (tf.norm(a, axis=-1) * tf.norm(b, axis=-1))
    raise NotImplementedError("only the metrics euclidean, sqeuclidean, cityblock, chebyshev, minkowski and cosine")
