"""NumPy's joining of arrays in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy"


def concatenate(arrays, axis=0):
    if axis is None:
        raise NotImplementedError("axis=None flattens every array first")
    return tf.concat(arrays, axis=axis)


concat = concatenate


def stack(arrays, axis=0):
    return tf.stack(arrays, axis=axis)


def vstack(tup):
    if len(tup[0].shape) >= 2:
        return tf.concat(tup, axis=0)
    return tf.stack(tup)


def hstack(tup):
    if len(tup[0].shape) == 1:
        return tf.concat(tup, axis=0)
    return tf.concat(tup, axis=1)


def column_stack(tup):
    if len(tup[0].shape) == 1:
        return tf.stack(tup, axis=1)
    return tf.concat(tup, axis=1)


def append(arr, values, axis=None):
    if axis is None:
        return tf.concat([tf.reshape(arr, [-1]), tf.reshape(values, [-1])], axis=0)
    return tf.concat([arr, values], axis=axis)


def row_stack(tup):
    if len(tup[0].shape) >= 2:
        return tf.concat(tup, axis=0)
    return tf.stack(tup)


def dstack(tup):
    if len(tup[0].shape) >= 3:
        return tf.concat(tup, axis=2)
    return tf.stack(tup, axis=-1)
