"""The methods of NumPy's logical_or in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy.logical_or"


def reduce(array, axis=0, dtype=None, out=None, keepdims=False):
    return tf.reduce_any(array, axis=axis, keepdims=keepdims)
