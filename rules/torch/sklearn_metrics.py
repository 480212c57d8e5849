"""The losses of sklearn.metrics in PyTorch."""

from __future__ import annotations

import torch

FOR = "sklearn.metrics"

# Errors of regression: a mean over the samples, weighted or not, then over the outputs


def mean_squared_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average", squared=True):
    if not squared:
        return root_mean_squared_error(y_true, y_pred, sample_weight=sample_weight, multioutput=multioutput)
    return _averaged(torch.square(y_true - y_pred), sample_weight, multioutput)


def root_mean_squared_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    return _over_outputs(torch.sqrt(_over_samples(torch.square(y_true - y_pred), sample_weight)), multioutput)


def mean_absolute_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    return _averaged(torch.abs(y_true - y_pred), sample_weight, multioutput)


def mean_squared_log_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average", squared=True):
    if not squared:
        return root_mean_squared_log_error(y_true, y_pred, sample_weight=sample_weight, multioutput=multioutput)
    return _averaged(torch.square(torch.log1p(y_true) - torch.log1p(y_pred)), sample_weight, multioutput)


def root_mean_squared_log_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    squares = torch.square(torch.log1p(y_true) - torch.log1p(y_pred))
    return _over_outputs(torch.sqrt(_over_samples(squares, sample_weight)), multioutput)


def mean_absolute_percentage_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    errors = torch.abs(y_true - y_pred) / torch.clamp(torch.abs(y_true), min=torch.finfo(torch.float64).eps)
    return _averaged(errors, sample_weight, multioutput)


def mean_pinball_loss(y_true, y_pred, *, sample_weight=None, alpha=0.5, multioutput="uniform_average"):
    return _averaged(_pinball(y_true - y_pred, alpha), sample_weight, multioutput)


def _pinball(excess, alpha=0.5):
    return torch.where(excess >= 0, alpha * excess, (alpha - 1) * excess)


def median_absolute_error(y_true, y_pred, *, multioutput="uniform_average", sample_weight=None):
    if sample_weight is not None:
        raise NotImplementedError("a weighted median has no counterpart here")
    return _over_outputs(_median(torch.abs(y_true - y_pred)), multioutput)


def _median(a):
    return torch.quantile(a, 0.5, dim=0)


def max_error(y_true, y_pred):
    return torch.max(torch.abs(y_true - y_pred))


def _averaged(errors, sample_weight=None, multioutput="uniform_average"):
    if sample_weight is None and multioutput == "uniform_average":
        return torch.mean(errors)
    return _over_outputs(_over_samples(errors, sample_weight), multioutput)


def _over_samples(errors, sample_weight=None):
    if sample_weight is None:
        return torch.mean(errors, dim=0)
    return sample_weight @ errors / torch.sum(sample_weight)


def _over_outputs(errors, multioutput="uniform_average"):
    if multioutput == "raw_values" or (multioutput == "uniform_average" and errors.ndim == 0):
        return errors
    if multioutput == "uniform_average":
        return torch.mean(errors)
    raise NotImplementedError("multioutput= other than uniform_average and raw_values: weigh the raw values yourself")


# Shares of the variance


def r2_score(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average", force_finite=True):
    if sample_weight is not None:
        raise NotImplementedError("sample_weight= of a share of the variance has no counterpart here")
    if multioutput == "variance_weighted":
        return 1 - torch.sum(torch.square(y_true - y_pred)) / torch.sum(_squares(y_true))
    return _over_outputs(1 - torch.sum(torch.square(y_true - y_pred), dim=0) / _squares(y_true), multioutput)


def _squares(y):
    return torch.sum(torch.square(y - torch.mean(y, dim=0)), dim=0)


def explained_variance_score(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average", force_finite=True):
    if sample_weight is not None:
        raise NotImplementedError("sample_weight= of a share of the variance has no counterpart here")
    if multioutput == "variance_weighted":
        return 1 - torch.sum(_squares(y_true - y_pred)) / torch.sum(_squares(y_true))
    return _over_outputs(1 - _squares(y_true - y_pred) / _squares(y_true), multioutput)


def d2_absolute_error_score(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    if sample_weight is not None:
        raise NotImplementedError("a weighted median has no counterpart here")
    return _over_outputs(1 - torch.sum(torch.abs(y_true - y_pred), dim=0) / _spread(y_true), multioutput)


def _spread(y):
    return torch.sum(torch.abs(y - _median(y)), dim=0)


# Deviances


def mean_poisson_deviance(y_true, y_pred, *, sample_weight=None):
    return _averaged(2 * (torch.xlogy(y_true, y_true / y_pred) - y_true + y_pred), sample_weight)


def mean_gamma_deviance(y_true, y_pred, *, sample_weight=None):
    return _averaged(2 * (torch.log(y_pred / y_true) + y_true / y_pred - 1), sample_weight)


def mean_tweedie_deviance(y_true, y_pred, *, sample_weight=None, power=0):
    if power == 0:
        return _averaged(torch.square(y_true - y_pred), sample_weight)
    if power == 1:
        return mean_poisson_deviance(y_true, y_pred, sample_weight=sample_weight)
    if power == 2:
        return mean_gamma_deviance(y_true, y_pred, sample_weight=sample_weight)
    if power > 1:
        return _averaged(_tweedie(y_true, y_pred, power), sample_weight)
    raise NotImplementedError("a power below 1 takes the positive part of y_true")


def _tweedie(y_true, y_pred, power):
    constant = y_true ** (2 - power) / ((1 - power) * (2 - power))
    return 2 * (constant - y_true * y_pred ** (1 - power) / (1 - power) + y_pred ** (2 - power) / (2 - power))


# Probabilities and decisions


def log_loss(y_true, y_pred, *, normalize=True, sample_weight=None, labels=None):
    if labels is not None:
        raise NotImplementedError("labels= renames the classes: pass their numbers instead")
    if sample_weight is not None:
        raise NotImplementedError("sample_weight= of log_loss: take cross entropies without a mean and weigh them")
    if not normalize:
        raise NotImplementedError("normalize=False is the mean times the number of samples")
    return _log_loss(y_true, y_pred)


def _log_loss(y_true, y_pred):
    eps = torch.finfo(y_pred.dtype).eps
    probability = torch.clamp(y_pred, eps, 1 - eps)
    if y_pred.ndim == 2:
        return torch.nn.functional.nll_loss(torch.log(probability), y_true.long())
    return torch.nn.functional.binary_cross_entropy(probability, y_true.to(y_pred.dtype))


def brier_score_loss(y_true, y_proba, *, sample_weight=None, pos_label=None, scale_by_half="auto"):
    if pos_label is not None:
        raise NotImplementedError("pos_label= renames the classes: pass 0 and 1 instead")
    if scale_by_half not in ("auto", True):
        raise NotImplementedError("scale_by_half=False is twice the score")
    return _averaged(torch.square(y_true - y_proba), sample_weight)


def hinge_loss(y_true, pred_decision, *, labels=None, sample_weight=None):
    if labels is not None:
        raise NotImplementedError("labels= are for more than two classes")
    return _averaged(torch.clamp(1 - torch.where(y_true > 0, pred_decision, -pred_decision), min=0), sample_weight)
