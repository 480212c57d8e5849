"""The methods of NumPy's logical_and in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy.logical_and"


def reduce(array, axis=0, dtype=None, out=None, keepdims=False):
    return tf.reduce_all(array, axis=axis, keepdims=keepdims)
