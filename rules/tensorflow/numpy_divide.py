"""The methods of NumPy's divide in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = ("numpy.divide", "numpy.true_divide")


def outer(a, b):
    if len(a.shape) == 1 and len(b.shape) == 1:
        return a[:, None] / b
    return tf.reshape(a, tf.concat([tf.shape(a), [1] * len(b.shape)], axis=0)) / b


def at(a, indices, b=None):
    raise NotImplementedError("it writes into an array: write the new one with np.where")


def reduceat(array, indices, axis=0):
    raise NotImplementedError("it reduces slices of unequal lengths: write the slices out")
