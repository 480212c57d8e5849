"""Python's operators where Keras's backends do not mean what NumPy means. `like` is a tensor of the wanted type."""

from __future__ import annotations

import numpy as np
from autofix.rules.dtypes import integers, truths
from keras import ops

FOR = "operator"

# Arithmetic: a tensor of truth values makes truth values of what it meets, one of integers refuses floating numbers


def add(a, b, like=None):
    return _beside(a, b, like) + _beside(b, a, like)


def sub(a, b, like=None):
    return _beside(a, b, like) - _beside(b, a, like)


def mul(a, b, like=None):
    return _beside(a, b, like) * _beside(b, a, like)


def truediv(a, b, like=None):
    return _beside(a, b, like) / _beside(b, a, like)


def _beside(a, other, like):
    if truths(a) and not truths(other):
        return as_number(a, like)
    if integers(a) and not isinstance(a, (int, np.ndarray)) and not integers(other):
        return ops.cast(a, "float32" if like is None else like.dtype)
    return a


def as_number(a, like=None):
    if not truths(a) and not integers(a):
        return a
    if like is None:
        return ops.cast(a, "float32")
    return ops.cast(a, like.dtype)


def matmul(a, b, like=None):
    return ops.matmul(as_tensor(a, like), as_tensor(b, like))


def as_tensor(a, like=None):
    if not isinstance(a, np.ndarray):
        return a
    if like is None:
        return ops.convert_to_tensor(a, "float32")
    return ops.convert_to_tensor(a, like.dtype)


# Indices


def getitem_indices(a, indices, axis):
    return ops.take(a, indices, axis=axis)


def getitem_backwards(a, axes):
    return ops.flip(a, axis=axes)


def getitem_pairs(a, first, second):
    return _getitem_pairs(a, first, second)


def _getitem_pairs(a, first, second):
    rows, columns, *rest = ops.shape(a)
    places = ops.cast(first, "int32") % rows * columns + ops.cast(second, "int32") % columns
    return ops.take(ops.reshape(a, [rows * columns, *rest]), places, axis=0)


def getitem_tuple(a, indices):
    first, second = indices
    return _getitem_pairs(a, first, second)


def getitem_of_each_row(a, indices):
    assert len(a.shape) == 2
    return ops.take_along_axis(a, ops.expand_dims(indices, 1), axis=1)[:, 0]


def getitem_of_identity(n, indices, like=None):
    if like is None:
        return ops.one_hot(indices, n)
    return ops.one_hot(indices, n, dtype=like.dtype)


# Assignments


def setitem_mask(a, mask, value):
    if isinstance(value, (int, float)):
        return ops.where(mask, value, a)
    assert len(value.shape) == 0 or value.shape == a.shape
    return ops.where(mask, value, a)


def setitem(a, index, value):
    raise NotImplementedError("keras.ops assigns no elements: write the new tensor with np.where and a mask")
