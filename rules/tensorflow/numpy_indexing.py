"""NumPy's choosing of elements in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy"


def take(a, indices, axis=None):
    if axis is None:
        return tf.gather(tf.reshape(a, [-1]), indices)
    return tf.gather(a, indices, axis=axis)


def take_along_axis(arr, indices, axis=-1):
    return tf.experimental.numpy.take_along_axis(arr, indices, axis)


def compress(condition, a, axis=None):
    if axis is None:
        return tf.boolean_mask(tf.reshape(a, [-1]), condition)
    return tf.boolean_mask(a, condition, axis=axis)


def extract(condition, arr):
    return tf.boolean_mask(arr, condition)


def piecewise(x, condlist, funclist):
    choices = [f(x) if callable(f) else f * tf.ones_like(x) for f in funclist]
    value = choices[-1] if len(choices) > len(condlist) else tf.zeros_like(x)
    for condition, choice in zip(condlist, choices, strict=False):
        value = tf.where(condition, choice, value)
    return value


def select(condlist, choicelist, default=0):
    value = tf.convert_to_tensor(default, choicelist[-1].dtype)
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        value = tf.where(condition, choice, value)
    return value
