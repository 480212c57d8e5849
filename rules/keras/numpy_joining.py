"""NumPy's joining of arrays in keras.ops."""

from __future__ import annotations

from keras import ops

FOR = "numpy"


def concatenate(arrays, axis=0, out=None, *, dtype=None):
    if axis is None:
        return ops.concatenate([ops.reshape(each, [-1]) for each in arrays], axis=0)
    return ops.concatenate(arrays, axis=axis)


concat = concatenate


def stack(arrays, axis=0, out=None, *, dtype=None):
    return ops.stack(arrays, axis=axis)


def vstack(tup, *, dtype=None):
    if len(tup[0].shape) >= 2:
        return ops.concatenate(tup, axis=0)
    return ops.stack(tup)


row_stack = vstack


def hstack(tup, *, dtype=None):
    if len(tup[0].shape) == 1:
        return ops.concatenate(tup, axis=0)
    return ops.concatenate(tup, axis=1)


def column_stack(tup):
    if len(tup[0].shape) == 1:
        return ops.stack(tup, axis=1)
    return ops.concatenate(tup, axis=1)


def append(arr, values, axis=None):
    return ops.append(arr, values, axis=axis)
