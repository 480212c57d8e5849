"""scipy.spatial.distance in PyTorch."""

from __future__ import annotations

import torch

FOR = "scipy.spatial.distance"


def euclidean(u, v):
    return torch.linalg.norm(u - v)


def sqeuclidean(u, v):
    return torch.sum(torch.square(u - v))


def cityblock(u, v):
    return torch.sum(torch.abs(u - v))


def chebyshev(u, v):
    return torch.max(torch.abs(u - v))


def minkowski(u, v, p=2):
    return torch.linalg.norm(u - v, ord=p)


def cosine(u, v):
    return 1 - torch.dot(u, v) / (torch.linalg.norm(u) * torch.linalg.norm(v))


def cdist(XA, XB, metric="euclidean"):
    if metric == "euclidean":
        return torch.linalg.norm(XA[:, None] - XB[None], dim=-1)
    if metric == "sqeuclidean":
        return torch.sum(torch.square(XA[:, None] - XB[None]), dim=-1)
    if metric == "cityblock":
        return torch.sum(torch.abs(XA[:, None] - XB[None]), dim=-1)
    raise NotImplementedError("only euclidean, sqeuclidean and cityblock are known here")
