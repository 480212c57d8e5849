"""scipy.stats: what has no gradient."""

from __future__ import annotations

FOR = "scipy.stats"


def pearsonr(x, y):
    raise NotImplementedError("it also gives a p-value, which has no counterpart: take np.corrcoef(x, y)[0, 1]")


def spearmanr(a, b=None):
    raise NotImplementedError("a ranking is piecewise constant: it has no gradient")


rankdata = spearmanr
kendalltau = spearmanr


def mode(a, axis=0):
    raise NotImplementedError("the most frequent value is found by counting, which has no gradient")
