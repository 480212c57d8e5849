"""scipy.integrate in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "scipy.integrate"


def trapezoid(y, x=None, dx=1.0, axis=-1):
    if axis != -1 and x is not None and len(x.shape) == len(y.shape):
        x = tf.experimental.numpy.moveaxis(x, axis, -1)
    width = dx if x is None else x[..., 1:] - x[..., :-1]
    if axis != -1:
        y = tf.experimental.numpy.moveaxis(y, axis, -1)
    return tf.reduce_sum((y[..., 1:] + y[..., :-1]) / 2 * width, axis=-1)
