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


def accuracy_score(y_true, y_pred):
    raise NotImplementedError("a count of hits does not move with the predictions: train on a soft loss")


f1_score = accuracy_score
precision_score = accuracy_score
recall_score = accuracy_score
jaccard_score = accuracy_score
matthews_corrcoef = accuracy_score
confusion_matrix = accuracy_score


def roc_auc_score(y_true, y_score):
    raise NotImplementedError("a ranking does not move with the predictions: train on a soft loss")


average_precision_score = roc_auc_score
