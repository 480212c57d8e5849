"""The methods of NumPy's add in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy.add"


def reduce(array, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None:
        array = tf.where(where, array, 0)
    if initial is not None:
        return initial + reduce(array, axis, keepdims=keepdims)
    return tf.reduce_sum(array, axis=axis, keepdims=keepdims)


def accumulate(array, axis=0, dtype=None, out=None):
    return tf.cumsum(array, axis=axis)


def outer(a, b):
    if len(a.shape) == 1 and len(b.shape) == 1:
        return a[:, None] + b
    return tf.reshape(a, tf.concat([tf.shape(a), [1] * len(b.shape)], axis=0)) + b


def at(a, indices, b=None):
    raise NotImplementedError(
        "it writes into an array: add np.where(places, b, 0) instead, or sum over a mask for each place"
    )


def reduceat(array, indices, axis=0):
    raise NotImplementedError("it reduces slices of unequal lengths: write the slices out")
