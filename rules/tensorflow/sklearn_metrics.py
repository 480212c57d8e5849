"""The losses of sklearn.metrics in TensorFlow, for arrays and the default averaging."""

from __future__ import annotations

import tensorflow as tf

FOR = "sklearn.metrics"


def mean_squared_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    if sample_weight is not None or multioutput != "uniform_average":
        raise NotImplementedError("only the plain mean is known here")
    return tf.reduce_mean(tf.square(y_true - y_pred))


def root_mean_squared_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    if sample_weight is not None or multioutput != "uniform_average":
        raise NotImplementedError("only the plain mean is known here")
    return tf.reduce_mean(tf.sqrt(tf.reduce_mean(tf.square(y_true - y_pred), axis=0)))


def mean_absolute_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    if sample_weight is not None or multioutput != "uniform_average":
        raise NotImplementedError("only the plain mean is known here")
    return tf.reduce_mean(tf.abs(y_true - y_pred))


def mean_squared_log_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    if sample_weight is not None or multioutput != "uniform_average":
        raise NotImplementedError("only the plain mean is known here")
    return tf.reduce_mean(tf.square(tf.math.log1p(y_true) - tf.math.log1p(y_pred)))


def mean_absolute_percentage_error(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    if sample_weight is not None or multioutput != "uniform_average":
        raise NotImplementedError("only the plain mean is known here")
    return tf.reduce_mean(tf.abs(y_true - y_pred) / tf.maximum(tf.abs(y_true), 2**-52))


def mean_pinball_loss(y_true, y_pred, *, sample_weight=None, alpha=0.5, multioutput="uniform_average"):
    if sample_weight is not None or multioutput != "uniform_average":
        raise NotImplementedError("only the plain mean is known here")
    return _mean_pinball_loss(y_true, y_pred, alpha)


def _mean_pinball_loss(y_true, y_pred, alpha=0.5):
    excess = y_true - y_pred
    return tf.reduce_mean(tf.where(excess >= 0, alpha * excess, (alpha - 1) * excess))


def r2_score(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    if sample_weight is not None or multioutput != "uniform_average":
        raise NotImplementedError("only the plain mean is known here")
    return _r2_score(y_true, y_pred)


def _r2_score(y_true, y_pred):
    left = tf.reduce_sum(tf.square(y_true - y_pred), axis=0)
    return tf.reduce_mean(1 - left / tf.reduce_sum(tf.square(y_true - tf.reduce_mean(y_true, axis=0)), axis=0))


def log_loss(y_true, y_pred, *, normalize=True, sample_weight=None, labels=None):
    if not normalize or sample_weight is not None:
        raise NotImplementedError("only the plain mean is known here")
    return _log_loss(y_true, y_pred)


def _log_loss(y_true, y_pred):
    eps = 2**-52 if y_pred.dtype == tf.float64 else 2**-23
    probability = tf.clip_by_value(y_pred, eps, 1 - eps)
    if len(y_pred.shape) == 2:
        chosen = tf.gather(probability, tf.cast(y_true, tf.int32), batch_dims=1)
        return -tf.reduce_mean(tf.math.log(chosen))
    label = tf.cast(y_true, y_pred.dtype)
    return -tf.reduce_mean(label * tf.math.log(probability) + (1 - label) * tf.math.log(1 - probability))


def brier_score_loss(y_true, y_proba, *, sample_weight=None):
    if sample_weight is not None:
        raise NotImplementedError("only the plain mean is known here")
    return tf.reduce_mean(tf.square(tf.cast(y_true, y_proba.dtype) - y_proba))


def hinge_loss(y_true, pred_decision, *, labels=None, sample_weight=None):
    if sample_weight is not None:
        raise NotImplementedError("only the plain mean is known here")
    return tf.reduce_mean(tf.maximum(1 - tf.where(y_true > 0, pred_decision, -pred_decision), 0))


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
