"""sklearn.metrics.pairwise in keras.ops."""

from __future__ import annotations

from keras import ops

FOR = "sklearn.metrics.pairwise"


def cosine_similarity(X, Y=None, dense_output=True):
    if Y is None:
        return _cosines(X)
    return ops.matmul(_unit(X), ops.transpose(_unit(Y)))


def _cosines(X):
    rows = _unit(X)
    return ops.matmul(rows, ops.transpose(rows))


def _unit(X):
    return X / ops.norm(X, axis=1, keepdims=True)


def euclidean_distances(X, Y=None, *, squared=False):
    if squared:
        return _squared(X, X if Y is None else Y)
    if Y is None:
        raise NotImplementedError("the distance of a row to itself has a gradient of NaN in ops.norm")
    return ops.norm(X[:, None] - Y[None], axis=-1)


def cosine_distances(X, Y=None):
    return 1 - cosine_similarity(X, Y)


def rbf_kernel(X, Y=None, gamma=None):
    if gamma is None:
        return ops.exp(-_squared(X, X if Y is None else Y) / X.shape[1])
    return ops.exp(-gamma * _squared(X, X if Y is None else Y))


def laplacian_kernel(X, Y=None, gamma=None):
    if gamma is None:
        return ops.exp(-manhattan_distances(X, X if Y is None else Y) / X.shape[1])
    return ops.exp(-gamma * manhattan_distances(X, X if Y is None else Y))


def _squared(X, Y):
    return ops.sum(ops.square(X[:, None] - Y[None]), axis=-1)


def manhattan_distances(X, Y=None):
    return ops.sum(ops.abs(X[:, None] - (X if Y is None else Y)[None]), axis=-1)


def linear_kernel(X, Y=None):
    return ops.matmul(X, ops.transpose(X if Y is None else Y))


def polynomial_kernel(X, Y=None, degree=3, gamma=None, coef0=1):
    if gamma is None:
        return (linear_kernel(X, Y) / X.shape[1] + coef0) ** degree
    return (gamma * linear_kernel(X, Y) + coef0) ** degree


def pairwise_distances(X, Y=None, metric="euclidean"):
    if metric in ("euclidean", "l2"):
        return euclidean_distances(X, Y)
    if metric == "sqeuclidean":
        return _squared(X, X if Y is None else Y)
    if metric in ("manhattan", "cityblock", "l1"):
        return manhattan_distances(X, Y)
    if metric == "cosine":
        return cosine_distances(X, Y)
    raise NotImplementedError("only the metrics euclidean, sqeuclidean, manhattan and cosine are supported")
