"""The losses of sklearn.metrics in keras.ops."""

from __future__ import annotations

from keras import ops

FOR = "sklearn.metrics"

# Errors of regression: a mean over the samples, weighted or not, then over the outputs


def mean_squared_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average", squared=True):
    if not squared:
        return root_mean_squared_error(y_true, y_pred, sample_weight=sample_weight, multioutput=multioutput)
    return _averaged(ops.square(y_true - y_pred), sample_weight, multioutput)


def root_mean_squared_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    return _over_outputs(ops.sqrt(_over_samples(ops.square(y_true - y_pred), sample_weight)), multioutput)


def mean_absolute_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    return _averaged(ops.abs(y_true - y_pred), sample_weight, multioutput)


def mean_squared_log_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average", squared=True):
    if not squared:
        return root_mean_squared_log_error(y_true, y_pred, sample_weight=sample_weight, multioutput=multioutput)
    return _averaged(ops.square(ops.log1p(y_true) - ops.log1p(y_pred)), sample_weight, multioutput)


def root_mean_squared_log_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    squares = ops.square(ops.log1p(y_true) - ops.log1p(y_pred))
    return _over_outputs(ops.sqrt(_over_samples(squares, sample_weight)), multioutput)


def mean_absolute_percentage_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    return _averaged(ops.abs(y_true - y_pred) / ops.maximum(ops.abs(y_true), 2**-52), sample_weight, multioutput)


def mean_pinball_loss(y_true, y_pred, *, sample_weight=None, alpha=0.5, multioutput="uniform_average"):
    return _averaged(_pinball(y_true - y_pred, alpha), sample_weight, multioutput)


def _pinball(excess, alpha=0.5):
    return ops.where(excess >= 0, alpha * excess, (alpha - 1) * excess)


def median_absolute_error(y_true, y_pred, *, multioutput="uniform_average", sample_weight=None):
    if sample_weight is not None:
        raise NotImplementedError("a weighted median has no counterpart here")
    return _over_outputs(_median(ops.abs(y_true - y_pred)), multioutput)


def _median(a):
    ordered = ops.sort(a, axis=0)
    middle = ops.shape(a)[0] - 1
    return (ordered[middle // 2] + ordered[(middle + 1) // 2]) / 2


def max_error(y_true, y_pred):
    return ops.max(ops.abs(y_true - y_pred))


def _averaged(errors, sample_weight=None, multioutput="uniform_average"):
    if sample_weight is None and multioutput == "uniform_average":
        return ops.mean(errors)
    return _over_outputs(_over_samples(errors, sample_weight), multioutput)


def _over_samples(errors, sample_weight=None):
    if sample_weight is None:
        return ops.mean(errors, axis=0)
    return ops.tensordot(sample_weight, errors, axes=1) / ops.sum(sample_weight)


def _over_outputs(errors, multioutput="uniform_average"):
    if multioutput == "raw_values" or (multioutput == "uniform_average" and len(errors.shape) == 0):
        return errors
    if multioutput == "uniform_average":
        return ops.mean(errors)
    raise NotImplementedError("multioutput= other than uniform_average and raw_values: weigh the raw values yourself")


# Shares of the variance


def r2_score(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average", force_finite=True):
    if sample_weight is not None:
        raise NotImplementedError("sample_weight= of a share of the variance has no counterpart here")
    if multioutput == "variance_weighted":
        return 1 - ops.sum(ops.square(y_true - y_pred)) / ops.sum(_squares(y_true))
    return _over_outputs(1 - ops.sum(ops.square(y_true - y_pred), axis=0) / _squares(y_true), multioutput)


def _squares(y):
    return ops.sum(ops.square(y - ops.mean(y, axis=0)), axis=0)


def explained_variance_score(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average", force_finite=True):
    if sample_weight is not None:
        raise NotImplementedError("sample_weight= of a share of the variance has no counterpart here")
    if multioutput == "variance_weighted":
        return 1 - ops.sum(_squares(y_true - y_pred)) / ops.sum(_squares(y_true))
    return _over_outputs(1 - _squares(y_true - y_pred) / _squares(y_true), multioutput)


def d2_absolute_error_score(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    if sample_weight is not None:
        raise NotImplementedError("a weighted median has no counterpart here")
    return _over_outputs(1 - ops.sum(ops.abs(y_true - y_pred), axis=0) / _spread(y_true), multioutput)


def _spread(y):
    return ops.sum(ops.abs(y - _median(y)), axis=0)


# Deviances


def _xlogy(x, y):
    return x * ops.log(ops.where(x == 0, ops.ones_like(y), y))


def mean_poisson_deviance(y_true, y_pred, *, sample_weight=None):
    return _averaged(2 * (_xlogy(y_true, y_true / y_pred) - y_true + y_pred), sample_weight)


def mean_gamma_deviance(y_true, y_pred, *, sample_weight=None):
    return _averaged(2 * (ops.log(y_pred / y_true) + y_true / y_pred - 1), sample_weight)


def mean_tweedie_deviance(y_true, y_pred, *, sample_weight=None, power=0):
    if power == 0:
        return _averaged(ops.square(y_true - y_pred), sample_weight)
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
    eps = 2**-52 if "float64" in str(y_pred.dtype) else 2**-23
    probability = ops.clip(y_pred, eps, 1 - eps)
    if len(y_pred.shape) == 2:
        chosen = ops.take_along_axis(probability, ops.cast(y_true, "int32")[:, None], axis=1)
        return -ops.mean(ops.log(chosen))
    label = ops.cast(y_true, y_pred.dtype)
    return -ops.mean(label * ops.log(probability) + (1 - label) * ops.log(1 - probability))


def brier_score_loss(y_true, y_proba, *, sample_weight=None, pos_label=None, scale_by_half="auto"):
    if pos_label is not None:
        raise NotImplementedError("pos_label= renames the classes: pass 0 and 1 instead")
    if scale_by_half not in ("auto", True):
        raise NotImplementedError("scale_by_half=False is twice the score")
    return _averaged(ops.square(ops.cast(y_true, y_proba.dtype) - y_proba), sample_weight)


def hinge_loss(y_true, pred_decision, *, labels=None, sample_weight=None):
    if labels is not None:
        raise NotImplementedError("labels= are for more than two classes")
    return _averaged(ops.maximum(1 - ops.where(y_true > 0, pred_decision, -pred_decision), 0), sample_weight)
