"""The scores of sklearn.metrics that have no gradient."""

from __future__ import annotations

FOR = "sklearn.metrics"


def accuracy_score(y_true, y_pred):
    raise NotImplementedError("a count of matches is piecewise constant: train on a differentiable surrogate")


balanced_accuracy_score = accuracy_score
cohen_kappa_score = accuracy_score
confusion_matrix = accuracy_score
f1_score = accuracy_score
fbeta_score = accuracy_score
hamming_loss = accuracy_score
jaccard_score = accuracy_score
matthews_corrcoef = accuracy_score
precision_score = accuracy_score
precision_recall_fscore_support = accuracy_score
recall_score = accuracy_score
top_k_accuracy_score = accuracy_score
zero_one_loss = accuracy_score
classification_report = accuracy_score


def roc_auc_score(y_true, y_score):
    raise NotImplementedError("a ranking is piecewise constant: train on a differentiable surrogate")


average_precision_score = roc_auc_score
dcg_score = roc_auc_score
label_ranking_average_precision_score = roc_auc_score
ndcg_score = roc_auc_score
precision_recall_curve = roc_auc_score
roc_curve = roc_auc_score
