"""scipy.signal in TensorFlow."""

from __future__ import annotations

import tensorflow as tf
from autofix.rules.tensorflow.numpy_signal import _convolve

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


def convolve(in1, in2, mode="full", method="auto"):
    if len(in1.shape) == 1:
        assert in1.shape[0] >= in2.shape[0]
        return _convolve(in1, in2, mode)
    assert len(in1.shape) == 2
    return _convolve2d(in1, in2, mode)


def fftconvolve(in1, in2, mode="full", axes=None):
    if axes is not None:
        raise NotImplementedError("axes= convolves along some axes only: write it with the fft of the framework")
    if len(in1.shape) == 1:
        assert in1.shape[0] >= in2.shape[0]
        return _convolve(in1, in2, mode)
    assert len(in1.shape) == 2
    return _convolve2d(in1, in2, mode)


def correlate(in1, in2, mode="full", method="auto"):
    if len(in1.shape) == 1:
        assert in1.shape[0] >= in2.shape[0]
        return _convolve(in1, tf.reverse(in2, [0]), mode)
    assert len(in1.shape) == 2
    return _convolve2d(in1, tf.reverse(in2, [0, 1]), mode)
