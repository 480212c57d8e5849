"""scipy.ndimage in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "scipy.ndimage"


def gaussian_filter(
    input, sigma, order=0, output=None, mode="reflect", cval=0.0, truncate=4.0, *, radius=None, axes=None
):
    if axes is not None:
        raise NotImplementedError("axes= leaves some alone: blur axis by axis with gaussian_filter1d")
    if radius is not None:
        raise NotImplementedError("radius= cuts the blur off by elements: pass truncate=")
    if order != 0 or output is not None or mode != "reflect":
        raise NotImplementedError("only the plain blur, mirrored at the edges")
    if isinstance(sigma, (list, tuple)):
        raise NotImplementedError("one sigma for all axes: blur axis by axis with gaussian_filter1d")
    return _gaussian_filter(input, sigma, truncate)


def _gaussian_filter(input, sigma, truncate=4.0):
    for axis in range(len(input.shape)):
        input = _blurred(input, sigma, axis, truncate)
    return input


def gaussian_filter1d(
    input, sigma, axis=-1, order=0, output=None, mode="reflect", cval=0.0, truncate=4.0, *, radius=None
):
    if radius is not None:
        raise NotImplementedError("radius= cuts the blur off by elements: pass truncate=")
    if order != 0 or output is not None or mode != "reflect":
        raise NotImplementedError("only the plain blur, mirrored at the edges")
    return _blurred(input, sigma, axis, truncate)


def _blurred(input, sigma, axis=-1, truncate=4.0):
    radius = int(truncate * sigma + 0.5)
    offsets = tf.range(-radius, radius + 1)
    weights = tf.nn.softmax(-((tf.cast(offsets, input.dtype) / sigma) ** 2) / 2)
    size = tf.shape(input)[axis]
    positions = (tf.range(size)[:, None] + offsets) % (2 * size)
    mirrored = tf.minimum(positions, 2 * size - 1 - positions)
    axis = axis % len(input.shape)
    return tf.tensordot(tf.gather(input, mirrored, axis=axis), weights, axes=([axis + 1], [0]))
