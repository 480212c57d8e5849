"""scipy.spatial.distance in keras.ops."""

from __future__ import annotations

from keras import ops

FOR = "scipy.spatial.distance"


def euclidean(u, v, w=None):
    if w is None:
        return ops.norm(u - v)
    return ops.sqrt(ops.sum(w * ops.square(u - v)))


def sqeuclidean(u, v, w=None):
    if w is None:
        return ops.sum(ops.square(u - v))
    return ops.sum(w * ops.square(u - v))


def cityblock(u, v, w=None):
    if w is None:
        return ops.sum(ops.abs(u - v))
    return ops.sum(w * ops.abs(u - v))


def chebyshev(u, v, w=None):
    if w is not None:
        raise NotImplementedError("w= only selects elements: select them first")
    return ops.max(ops.abs(u - v))


def minkowski(u, v, p=2, w=None):
    if w is None:
        return ops.norm(u - v, ord=p)
    return ops.sum(w * ops.abs(u - v) ** p) ** (1 / p)


def cosine(u, v, w=None):
    if w is None:
        return 1 - ops.dot(u, v) / (ops.norm(u) * ops.norm(v))
    return 1 - ops.sum(w * u * v) / ops.sqrt(ops.sum(w * ops.square(u)) * ops.sum(w * ops.square(v)))


def correlation(u, v, w=None, centered=True):
    if not centered:
        return cosine(u, v, w)
    if w is not None:
        raise NotImplementedError("weights of a correlation: centre both vectors and take the weighted cosine")
    return _correlation(u, v)


def _correlation(u, v):
    u = u - ops.mean(u)
    v = v - ops.mean(v)
    return 1 - ops.sum(u * v) / (ops.norm(u) * ops.norm(v))


def braycurtis(u, v, w=None):
    if w is None:
        return ops.sum(ops.abs(u - v)) / ops.sum(ops.abs(u + v))
    return ops.sum(w * ops.abs(u - v)) / ops.sum(w * ops.abs(u + v))


def canberra(u, v, w=None):
    if w is None:
        return ops.sum(ops.abs(u - v) / (ops.abs(u) + ops.abs(v)))
    return ops.sum(w * ops.abs(u - v) / (ops.abs(u) + ops.abs(v)))


def mahalanobis(u, v, VI):
    return ops.sqrt(ops.sum((u - v)[:, None] * VI * (u - v)))


def hamming(u, v, w=None):
    raise NotImplementedError("a count of unequal elements is piecewise constant: it has no gradient")


def cdist(XA, XB, metric="euclidean", *, p=2):
    return _distances(XA[:, None], XB[None], metric, p)


def _distances(a, b, metric, p=2):
    if metric == "euclidean":
        return ops.norm(a - b, axis=-1)
    if metric == "sqeuclidean":
        return ops.sum(ops.square(a - b), axis=-1)
    if metric in ("cityblock", "manhattan", "l1"):
        return ops.sum(ops.abs(a - b), axis=-1)
    if metric == "chebyshev":
        return ops.max(ops.abs(a - b), axis=-1)
    if metric == "minkowski":
        return ops.norm(a - b, ord=p, axis=-1)
    if metric == "cosine":
        return 1 - ops.sum(a * b, axis=-1) / (ops.norm(a, axis=-1) * ops.norm(b, axis=-1))
    raise NotImplementedError("only the metrics euclidean, sqeuclidean, cityblock, chebyshev, minkowski and cosine")
