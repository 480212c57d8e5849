"""The methods of NumPy's minimum in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy.minimum"


def reduce(array, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=None):
    if where is not None and initial is None:
        raise NotImplementedError("where= needs initial=, in NumPy too: the smallest of no elements is not defined")
    if where is not None:
        array = tf.where(where, array, initial)
    if initial is not None:
        return tf.minimum(reduce(array, axis, keepdims=keepdims), initial)
    return tf.reduce_min(array, axis=axis, keepdims=keepdims)


def accumulate(array, axis=0, dtype=None, out=None):
    raise NotImplementedError("TensorFlow has no running minimum")


def outer(a, b):
    if len(a.shape) == 1 and len(b.shape) == 1:
        return tf.minimum(a[:, None], b)
    return tf.minimum(tf.reshape(a, tf.concat([tf.shape(a), [1] * len(b.shape)], axis=0)), b)


def at(a, indices, b=None):
    raise NotImplementedError("it writes into an array: write np.minimum(a, np.where(places, b, a)) instead")


def reduceat(array, indices, axis=0):
    raise NotImplementedError("it reduces slices of unequal lengths: write the slices out")
