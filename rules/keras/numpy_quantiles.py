"""NumPy's medians, quantiles and percentiles in keras.ops."""

from __future__ import annotations

from keras import ops

FOR = "numpy"


def median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    return ops.median(a, axis=axis, keepdims=keepdims)


def quantile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *, weights=None):
    if weights is not None:
        raise NotImplementedError("a quantile with weights has no counterpart")
    if method not in ("linear", "lower", "higher", "midpoint", "nearest"):
        raise NotImplementedError("this method of estimating a quantile has no counterpart")
    q = ops.convert_to_tensor(q, a.dtype)
    return ops.quantile(a, q, axis=axis, method=method, keepdims=keepdims)


def percentile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *, weights=None):
    if weights is not None:
        raise NotImplementedError("a percentile with weights has no counterpart")
    if method not in ("linear", "lower", "higher", "midpoint", "nearest"):
        raise NotImplementedError("this method of estimating a percentile has no counterpart")
    q = ops.convert_to_tensor(q, a.dtype)
    return ops.quantile(a, q / 100, axis=axis, method=method, keepdims=keepdims)
