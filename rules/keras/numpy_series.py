"""NumPy's functions along an axis: sums so far, differences, areas, order in keras.ops."""

from __future__ import annotations

from keras import ops

FOR = "numpy"


def cumsum(a, axis=None, dtype=None, out=None):
    return ops.cumsum(a, axis=axis)


def cumprod(a, axis=None, dtype=None, out=None):
    return ops.cumprod(a, axis=axis)


cumproduct = cumprod


def diff(a, n=1, axis=-1, prepend=None, append=None):
    if prepend is not None or append is not None:
        return _diff_with_ends(a, n, axis, prepend, append)
    return ops.diff(a, n=n, axis=axis)


def _diff_with_ends(a, n=1, axis=-1, prepend=None, append=None):
    first = ops.take(a, [0], axis=axis)
    ends = [ops.ones_like(first) * end if isinstance(end, (int, float)) else end for end in (prepend, append)]
    whole = ops.concatenate([part for part in (ends[0], a, ends[1]) if part is not None], axis=axis)
    return ops.diff(whole, n=n, axis=axis)


def trapezoid(y, x=None, dx=1.0, axis=-1):
    if axis != -1 and x is not None and len(x.shape) == len(y.shape):
        x = ops.moveaxis(x, axis, -1)
    width = dx if x is None else x[..., 1:] - x[..., :-1]
    if axis != -1:
        y = ops.moveaxis(y, axis, -1)
    return ops.sum((y[..., 1:] + y[..., :-1]) / 2 * width, axis=-1)


trapz = trapezoid


def sort(a, axis=-1, kind=None, order=None, *, stable=None):
    if order is not None:
        raise NotImplementedError("order= names the fields of records, which tensors do not have")
    if axis is None:
        return ops.sort(ops.reshape(a, [-1]))
    return ops.sort(a, axis=axis)


def interp(x, xp, fp, left=None, right=None, period=None):
    if period is not None:
        raise NotImplementedError("period= has no counterpart: take the remainder of x first")
    if left is not None or right is not None:
        return _interp_with_ends(x, xp, fp, left, right)
    return _interp(x, xp, fp)


def _interp(x, xp, fp):
    x = ops.convert_to_tensor(x)
    xp, fp = ops.cast(xp, x.dtype), ops.cast(fp, x.dtype)
    flat = ops.clip(ops.reshape(x, [-1]), xp[0], xp[-1])
    i = ops.clip(ops.searchsorted(xp, flat), 1, ops.shape(xp)[0] - 1)
    slope = (ops.take(fp, i) - ops.take(fp, i - 1)) / (ops.take(xp, i) - ops.take(xp, i - 1))
    return ops.reshape(ops.take(fp, i - 1) + slope * (flat - ops.take(xp, i - 1)), ops.shape(x))


def _interp_with_ends(x, xp, fp, left=None, right=None):
    value = _interp(x, xp, fp)
    value = value if left is None else ops.where(x < xp[0], left, value)
    return value if right is None else ops.where(x > xp[-1], right, value)


def msort(a):
    return ops.sort(a, axis=0)


def ediff1d(ary):
    return ops.diff(ops.reshape(ary, [-1]))
