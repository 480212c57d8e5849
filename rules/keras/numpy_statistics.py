"""NumPy's covariances, and its reductions that skip NaN, in keras.ops."""

from __future__ import annotations

import math

from keras import ops

FOR = "numpy"


def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None):
    if fweights is not None or aweights is not None:
        raise NotImplementedError("weights of observations have no counterpart here")
    if y is not None and len(m.shape) == 1:
        m = ops.stack([m, y])
    elif y is not None and rowvar:
        m = ops.concatenate([m, y], axis=0)
    elif y is not None:
        m = ops.concatenate([m, y], axis=1)
    if not rowvar:
        m = ops.transpose(m)
    if bias and ddof is None:
        ddof = 0
    if ddof is None:
        ddof = 1
    return ops.squeeze(_covariance(m, ddof))


def corrcoef(x, y=None, rowvar=True, *, dtype=None):
    if y is not None and len(x.shape) == 1:
        x = ops.stack([x, y])
    elif y is not None and rowvar:
        x = ops.concatenate([x, y], axis=0)
    elif y is not None:
        x = ops.concatenate([x, y], axis=1)
    if not rowvar:
        x = ops.transpose(x)
    assert len(x.shape) == 2
    return _correlation(x)


def _covariance(m, ddof):
    rows = ops.reshape(m, [-1, ops.shape(m)[-1]])
    centred = rows - ops.mean(rows, axis=1, keepdims=True)
    return ops.matmul(centred, ops.transpose(centred)) / ops.cast(ops.shape(rows)[1] - ddof, m.dtype)


def _correlation(x):
    covariance = _covariance(x, 0)
    deviation = ops.sqrt(ops.diagonal(covariance))
    return covariance / deviation[:, None] / deviation[None, :]


def nanmax(a, axis=None, *, keepdims=False):
    return ops.max(_instead_of_nan(a, -math.inf), axis=axis, keepdims=keepdims)


def nanmin(a, axis=None, *, keepdims=False):
    return ops.min(_instead_of_nan(a, math.inf), axis=axis, keepdims=keepdims)


def nanprod(a, axis=None, *, keepdims=False):
    return ops.prod(_instead_of_nan(a, 1), axis=axis, keepdims=keepdims)


def _instead_of_nan(a, number):
    return ops.where(ops.isnan(a), number, a)


def nanvar(a, axis=None, *, ddof=0, keepdims=False):
    return _variance_of_numbers(a, axis=axis, ddof=ddof, keepdims=keepdims)


def nanstd(a, axis=None, *, ddof=0, keepdims=False):
    return ops.sqrt(_variance_of_numbers(a, axis=axis, ddof=ddof, keepdims=keepdims))


def _variance_of_numbers(a, axis=None, ddof=0, keepdims=False):
    present = ops.cast(~ops.isnan(a), a.dtype)
    values = _instead_of_nan(a, 0)
    mean = ops.sum(values, axis=axis, keepdims=True) / ops.sum(present, axis=axis, keepdims=True)
    squares = ops.sum(ops.square(values - mean) * present, axis=axis, keepdims=keepdims)
    return squares / (ops.sum(present, axis=axis, keepdims=keepdims) - ddof)
