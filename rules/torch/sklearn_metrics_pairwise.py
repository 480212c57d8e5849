"""sklearn.metrics.pairwise in PyTorch."""

from __future__ import annotations

import torch

FOR = "sklearn.metrics.pairwise"


def cosine_similarity(X, Y=None, dense_output=True):
    if Y is None:
        return _cosines(X)
    return torch.nn.functional.normalize(X, dim=1) @ torch.nn.functional.normalize(Y, dim=1).T


def _cosines(X):
    rows = torch.nn.functional.normalize(X, dim=1)
    return rows @ rows.T


def euclidean_distances(X, Y=None, *, squared=False):
    if squared:
        return _squared(X, X if Y is None else Y)
    if Y is None:
        return torch.linalg.norm(X[:, None] - X[None], dim=-1)
    return torch.linalg.norm(X[:, None] - Y[None], dim=-1)


def cosine_distances(X, Y=None):
    return 1 - cosine_similarity(X, Y)


def rbf_kernel(X, Y=None, gamma=None):
    if gamma is None:
        return torch.exp(-_squared(X, X if Y is None else Y) / X.shape[1])
    return torch.exp(-gamma * _squared(X, X if Y is None else Y))


def laplacian_kernel(X, Y=None, gamma=None):
    if gamma is None:
        return torch.exp(-manhattan_distances(X, X if Y is None else Y) / X.shape[1])
    return torch.exp(-gamma * manhattan_distances(X, X if Y is None else Y))


def _squared(X, Y):
    return torch.sum(torch.square(X[:, None] - Y[None]), dim=-1)


def manhattan_distances(X, Y=None):
    return torch.sum(torch.abs(X[:, None] - (X if Y is None else Y)[None]), dim=-1)


def linear_kernel(X, Y=None):
    return X @ (X if Y is None else Y).T


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
