"""The methods of NumPy's multiply in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy.multiply"


def reduce(array, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None:
        array = tf.where(where, array, 1)
    if initial is not None:
        return initial * reduce(array, axis, keepdims=keepdims)
    return tf.reduce_prod(array, axis=axis, keepdims=keepdims)


def accumulate(array, axis=0, dtype=None, out=None):
    return tf.math.cumprod(array, axis=axis)


def outer(a, b):
    return tf.tensordot(a, b, axes=0)


def at(a, indices, b=None):
    raise NotImplementedError("it writes into an array: multiply by np.where(places, b, 1) instead")


def reduceat(array, indices, axis=0):
    raise NotImplementedError("it reduces slices of unequal lengths: write the slices out")
