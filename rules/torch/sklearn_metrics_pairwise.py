"""sklearn.metrics.pairwise in PyTorch."""

from __future__ import annotations

import torch

FOR = "sklearn.metrics.pairwise"


def cosine_similarity(X, Y=None):
    if Y is None:
        return _cosines(X)
    return torch.nn.functional.normalize(X, dim=1) @ torch.nn.functional.normalize(Y, dim=1).T


def _cosines(X):
    rows = torch.nn.functional.normalize(X, dim=1)
    return rows @ rows.T


def euclidean_distances(X, Y=None):
    if Y is None:
        return torch.linalg.norm(X[:, None] - X[None], dim=-1)
    return torch.linalg.norm(X[:, None] - Y[None], dim=-1)
