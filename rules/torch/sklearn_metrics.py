"""The losses of sklearn.metrics in PyTorch, for arrays and the default averaging."""

from __future__ import annotations

import torch

FOR = "sklearn.metrics"


def mean_squared_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    if sample_weight is not None or multioutput != "uniform_average":
        raise NotImplementedError("only the plain mean is known here")
    return torch.mean(torch.square(y_true - y_pred))


def root_mean_squared_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    if sample_weight is not None or multioutput != "uniform_average":
        raise NotImplementedError("only the plain mean is known here")
    return torch.mean(torch.sqrt(torch.mean(torch.square(y_true - y_pred), dim=0)))


def mean_absolute_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    if sample_weight is not None or multioutput != "uniform_average":
        raise NotImplementedError("only the plain mean is known here")
    return torch.mean(torch.abs(y_true - y_pred))


def mean_squared_log_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    if sample_weight is not None or multioutput != "uniform_average":
        raise NotImplementedError("only the plain mean is known here")
    return torch.mean(torch.square(torch.log1p(y_true) - torch.log1p(y_pred)))


def mean_absolute_percentage_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    if sample_weight is not None or multioutput != "uniform_average":
        raise NotImplementedError("only the plain mean is known here")
    return torch.mean(torch.abs(y_true - y_pred) / torch.clamp(torch.abs(y_true), min=torch.finfo(torch.float64).eps))


def mean_pinball_loss(y_true, y_pred, *, sample_weight=None, alpha=0.5, multioutput="uniform_average"):
    if sample_weight is not None or multioutput != "uniform_average":
        raise NotImplementedError("only the plain mean is known here")
    return _mean_pinball_loss(y_true, y_pred, alpha)


def _mean_pinball_loss(y_true, y_pred, alpha=0.5):
    excess = y_true - y_pred
    return torch.mean(torch.where(excess >= 0, alpha * excess, (alpha - 1) * excess))


def r2_score(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    if sample_weight is not None or multioutput != "uniform_average":
        raise NotImplementedError("only the plain mean is known here")
    return _r2_score(y_true, y_pred)


def _r2_score(y_true, y_pred):
    left = torch.sum(torch.square(y_true - y_pred), dim=0)
    return torch.mean(1 - left / torch.sum(torch.square(y_true - torch.mean(y_true, dim=0)), dim=0))


def log_loss(y_true, y_pred, *, normalize=True, sample_weight=None, labels=None):
    if not normalize or sample_weight is not None:
        raise NotImplementedError("only the plain mean is known here")
    return _log_loss(y_true, y_pred)


def _log_loss(y_true, y_pred):
    eps = torch.finfo(y_pred.dtype).eps
    probability = torch.clamp(y_pred, eps, 1 - eps)
    if y_pred.ndim == 2:
        return torch.nn.functional.nll_loss(torch.log(probability), y_true.long())
    return torch.nn.functional.binary_cross_entropy(probability, y_true.to(y_pred.dtype))


def brier_score_loss(y_true, y_proba, *, sample_weight=None):
    if sample_weight is not None:
        raise NotImplementedError("only the plain mean is known here")
    return torch.mean(torch.square(y_true - y_proba))


def hinge_loss(y_true, pred_decision, *, labels=None, sample_weight=None):
    if sample_weight is not None:
        raise NotImplementedError("only the plain mean is known here")
    return torch.mean(torch.clamp(1 - torch.where(y_true > 0, pred_decision, -pred_decision), min=0))


def accuracy_score(y_true, y_pred):
    raise NotImplementedError("a count of hits does not move with the predictions: train on a soft loss")


f1_score = accuracy_score
precision_score = accuracy_score
recall_score = accuracy_score
jaccard_score = accuracy_score
matthews_corrcoef = accuracy_score
balanced_accuracy_score = accuracy_score
cohen_kappa_score = accuracy_score
fbeta_score = accuracy_score
hamming_loss = accuracy_score
zero_one_loss = accuracy_score
confusion_matrix = accuracy_score


def roc_auc_score(y_true, y_score):
    raise NotImplementedError("a ranking does not move with the predictions: train on a soft loss")


average_precision_score = roc_auc_score
