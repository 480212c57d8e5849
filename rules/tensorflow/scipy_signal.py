"""scipy.signal in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "scipy.signal"


def convolve2d(in1, in2, mode="full", boundary="fill", fillvalue=0):
    if boundary != "fill" or fillvalue != 0:
        raise NotImplementedError("only zeros beyond the edges: pad the image first, and pass mode='valid'")
    return _convolve2d(in1, in2, mode)


def _convolve2d(in1, in2, mode="full"):
    rows, columns = tf.unstack(tf.shape(in2))
    kernel = tf.reverse(in2, axis=[0, 1])[:, :, None, None]
    if mode != "valid":
        in1 = tf.pad(in1, [[rows - 1, rows - 1], [columns - 1, columns - 1]])
    full = tf.nn.conv2d(in1[None, :, :, None], kernel, strides=1, padding="VALID")[0, :, :, 0]
    if mode != "same":
        return full
    height, width = tf.unstack(tf.shape(full))
    top, left = (rows - 1) // 2, (columns - 1) // 2
    return full[top : height - (rows - 1 - top), left : width - (columns - 1 - left)]
