"""scipy.spatial.distance in PyTorch."""

from __future__ import annotations

import torch

FOR = "scipy.spatial.distance"


def euclidean(u, v, w=None):
    if w is None:
        return torch.linalg.norm(u - v)
    return torch.sqrt(torch.sum(w * torch.square(u - v)))


def sqeuclidean(u, v, w=None):
    if w is None:
        return torch.sum(torch.square(u - v))
    return torch.sum(w * torch.square(u - v))


def cityblock(u, v, w=None):
    if w is None:
        return torch.sum(torch.abs(u - v))
    return torch.sum(w * torch.abs(u - v))


def chebyshev(u, v, w=None):
    if w is not None:
        raise NotImplementedError("w= only selects elements: select them first")
    return torch.max(torch.abs(u - v))


def minkowski(u, v, p=2, w=None):
    if w is None:
        return torch.linalg.norm(u - v, ord=p)
    return torch.sum(w * torch.abs(u - v) ** p) ** (1 / p)


def cosine(u, v, w=None):
    if w is None:
        return 1 - torch.dot(u, v) / (torch.linalg.norm(u) * torch.linalg.norm(v))
    return 1 - torch.sum(w * u * v) / torch.sqrt(torch.sum(w * torch.square(u)) * torch.sum(w * torch.square(v)))


def correlation(u, v, w=None, centered=True):
    if not centered:
        return cosine(u, v, w)
    if w is not None:
        raise NotImplementedError("weights of a correlation: centre both vectors and take the weighted cosine")
    return _correlation(u, v)


def _correlation(u, v):
    u = u - torch.mean(u)
    v = v - torch.mean(v)
    return 1 - torch.sum(u * v) / (torch.linalg.norm(u) * torch.linalg.norm(v))


def braycurtis(u, v, w=None):
    if w is None:
        return torch.sum(torch.abs(u - v)) / torch.sum(torch.abs(u + v))
    return torch.sum(w * torch.abs(u - v)) / torch.sum(w * torch.abs(u + v))


def canberra(u, v, w=None):
    if w is None:
        return torch.sum(torch.abs(u - v) / (torch.abs(u) + torch.abs(v)))
    return torch.sum(w * torch.abs(u - v) / (torch.abs(u) + torch.abs(v)))


def mahalanobis(u, v, VI):
    return torch.sqrt(torch.sum((u - v)[:, None] * VI * (u - v)))


def jensenshannon(p, q, base=None, *, axis=0, keepdims=False):
    if base is not None:
        raise NotImplementedError("base= is a factor: divide the squared distance by log(base)")
    return _jensenshannon(p, q, axis, keepdims)


def _jensenshannon(p, q, axis=0, keepdims=False):
    p = p / torch.sum(p, dim=axis, keepdim=True)
    q = q / torch.sum(q, dim=axis, keepdim=True)
    divergence = torch.xlogy(p, 2 * p / (p + q)) + torch.xlogy(q, 2 * q / (p + q))
    return torch.sqrt(torch.sum(divergence, dim=axis, keepdim=keepdims) / 2)


def hamming(u, v, w=None):
    raise NotImplementedError("a count of unequal elements is piecewise constant: it has no gradient")


def cdist(XA, XB, metric="euclidean", *, p=2):
    return _distances(XA[:, None], XB[None], metric, p)


def pdist(X, metric="euclidean", *, p=2):
    if metric == "euclidean":
        return torch.nn.functional.pdist(X)
    if metric == "minkowski":
        return torch.nn.functional.pdist(X, p=p)
    if metric == "cityblock":
        return torch.nn.functional.pdist(X, p=1)
    if metric not in ("sqeuclidean", "manhattan", "l1", "chebyshev", "cosine"):
        raise NotImplementedError("only the metrics that cdist has a rule for")
    return _pdist(X, metric, p)


def _pdist(X, metric, p=2):
    i, j = torch.triu_indices(len(X), len(X), offset=1)
    return _distances(X[i], X[j], metric, p)


def _distances(a, b, metric, p=2):
    if metric == "euclidean":
        return torch.linalg.norm(a - b, dim=-1)
    if metric == "sqeuclidean":
        return torch.sum(torch.square(a - b), dim=-1)
    if metric in ("cityblock", "manhattan", "l1"):
        return torch.sum(torch.abs(a - b), dim=-1)
    if metric == "chebyshev":
        return torch.amax(torch.abs(a - b), dim=-1)
    if metric == "minkowski":
        return torch.linalg.norm(a - b, ord=p, dim=-1)
    if metric == "cosine":
        return 1 - torch.sum(a * b, dim=-1) / (torch.linalg.norm(a, dim=-1) * torch.linalg.norm(b, dim=-1))
    raise NotImplementedError("only the metrics euclidean, sqeuclidean, cityblock, chebyshev, minkowski and cosine")
