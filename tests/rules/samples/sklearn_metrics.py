"""sklearn.metrics: the scores that are differentiable."""

from __future__ import annotations

OF = ""
CALLS = """
metrics.mean_squared_error(x, y) => np.mean((x - y) ** 2)
metrics.root_mean_squared_error(x, y) => np.mean(np.sqrt(np.mean((x - y) ** 2, axis=0)))
metrics.mean_absolute_error(x, y) => np.mean(np.abs(x - y))
metrics.mean_squared_log_error(x, y) => np.mean((np.log1p(x) - np.log1p(y)) ** 2)
! metrics.accuracy_score(x, y)
! metrics.roc_auc_score(x, y)
metrics.mean_absolute_percentage_error(x, y) => np.mean(np.abs(x - y) / np.maximum(np.abs(x), np.finfo(float).eps))
metrics.mean_pinball_loss(x, y) => np.mean(np.maximum(0.5 * (x - y), -0.5 * (x - y)))
metrics.mean_pinball_loss(x, y, alpha=0.3) => np.mean(np.maximum(0.3 * (x - y), -0.7 * (x - y)))
metrics.r2_score(v, w) => 1 - np.sum((v - w) ** 2) / np.sum((v - np.mean(v)) ** 2)
metrics.r2_score(x, y) => np.mean(1 - np.sum((x - y) ** 2, 0) / np.sum((x - np.mean(x, 0)) ** 2, 0))
metrics.log_loss(b, v) => -np.mean(b * np.log(v) + (1 - b) * np.log(1 - v))
metrics.log_loss(i, x[:2]) => -np.mean(np.log(x[[0, 1], i]))
! metrics.log_loss(b, v, normalize=False)
metrics.brier_score_loss(b, v) => np.mean((b - v) ** 2)
metrics.hinge_loss(b, v) => np.mean(np.maximum(1 - (2 * b - 1) * v, 0))
metrics.hinge_loss(2 * b - 1, v) => np.mean(np.maximum(1 - (2 * b - 1) * v, 0))
pairwise.cosine_similarity(x, y) => x @ y.T / np.outer(np.linalg.norm(x, axis=1), np.linalg.norm(y, axis=1))
pairwise.cosine_similarity(x) => x @ x.T / np.outer(np.linalg.norm(x, axis=1), np.linalg.norm(x, axis=1))
pairwise.euclidean_distances(x, y) => distance.cdist(x, y)
torch ~ pairwise.euclidean_distances(x) => distance.cdist(x, x)
tf ! pairwise.euclidean_distances(x)
"""
