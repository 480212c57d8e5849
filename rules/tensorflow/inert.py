"""What NumPy does to targets, which have no gradient: here a cast to integers, or an index, is right."""

from __future__ import annotations

import tensorflow as tf
from autofix.rules.dtypes import numpy_name

FOR = ("inert ndarray", "inert numpy")


def astype(self, dtype):
    if numpy_name(dtype) == "bool":
        return tf.cast(self, tf.bool)
    if "int" in numpy_name(dtype):
        return tf.cast(self, tf.int64)
    raise NotImplementedError("only casts to integers and Booleans")


def argsort(a, axis=-1, kind=None):
    if kind is not None:
        return tf.argsort(a, axis=axis, stable=True)
    return tf.argsort(a, axis=axis)


def argmax(a, axis=None):
    if axis is None:
        return tf.argmax(tf.reshape(a, [-1]))
    return tf.argmax(a, axis=axis)


def argmin(a, axis=None):
    if axis is None:
        return tf.argmin(tf.reshape(a, [-1]))
    return tf.argmin(a, axis=axis)
