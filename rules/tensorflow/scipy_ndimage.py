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


def uniform_filter(input, size=3, output=None, mode="reflect", cval=0.0, origin=0, *, axes=None):
    if axes is not None or output is not None or mode != "reflect" or origin != 0:
        raise NotImplementedError("only the plain mean of neighbours, mirrored at the edges")
    if isinstance(size, (list, tuple)):
        raise NotImplementedError("one size for all axes: filter axis by axis with uniform_filter1d")
    return _averaged(input, size)


def _averaged(input, size):
    for axis in range(len(input.shape)):
        input = _along(input, [1 / size] * size, axis)
    return input


def uniform_filter1d(input, size, axis=-1, output=None, mode="reflect", cval=0.0, origin=0):
    if output is not None or mode != "reflect" or origin != 0:
        raise NotImplementedError("only the plain mean of neighbours, mirrored at the edges")
    return _along(input, [1 / size] * size, axis)


def sobel(input, axis=-1, output=None, mode="reflect", cval=0.0):
    if output is not None or mode != "reflect":
        raise NotImplementedError("only the plain filter, mirrored at the edges")
    return _slope(input, axis, [1, 2, 1])


def prewitt(input, axis=-1, output=None, mode="reflect", cval=0.0):
    if output is not None or mode != "reflect":
        raise NotImplementedError("only the plain filter, mirrored at the edges")
    return _slope(input, axis, [1, 1, 1])


def _slope(input, axis, beside):
    found = _along(input, [-1, 0, 1], axis)
    for other in range(len(input.shape)):
        if other != axis % len(input.shape):
            found = _along(found, beside, other)
    return found


def laplace(input, output=None, mode="reflect", cval=0.0, *, axes=None):
    if axes is not None or output is not None or mode != "reflect":
        raise NotImplementedError("only the plain filter, mirrored at the edges")
    return _laplace(input)


def _laplace(input):
    return sum(_along(input, [1, -2, 1], axis) for axis in range(len(input.shape)))


def correlate1d(input, weights, axis=-1, output=None, mode="reflect", cval=0.0, origin=0):
    if output is not None or mode != "reflect" or origin != 0:
        raise NotImplementedError("only the plain filter, mirrored at the edges")
    return _along(input, weights, axis)


def correlate(input, weights, output=None, mode="reflect", cval=0.0, origin=0, *, axes=None):
    if axes is not None or output is not None or mode != "reflect" or origin != 0:
        raise NotImplementedError("only the plain filter, mirrored at the edges")
    assert len(weights.shape) == 2
    return _correlated(input, weights)


def convolve(input, weights, output=None, mode="reflect", cval=0.0, origin=0, *, axes=None):
    if axes is not None or output is not None or mode != "reflect" or origin != 0:
        raise NotImplementedError("only the plain filter, mirrored at the edges")
    assert len(weights.shape) == 2 and weights.shape[0] % 2 == 1 and weights.shape[1] % 2 == 1
    return _correlated(input, tf.reverse(weights, [0, 1]))


def _correlated(input, weights):
    rows, columns = tf.unstack(tf.shape(input))
    height, width = tf.unstack(tf.shape(weights))
    windows = tf.gather(tf.gather(input, _mirrored(rows, height)), _mirrored(columns, width), axis=2)
    return tf.tensordot(windows, weights, axes=([1, 3], [0, 1]))


def _along(input, weights, axis=-1):
    weights = tf.convert_to_tensor(weights, input.dtype)
    windows = _mirrored(tf.shape(input)[axis], tf.size(weights))
    axis = axis % len(input.shape)
    return tf.tensordot(tf.gather(input, windows, axis=axis), weights, axes=([axis + 1], [0]))


def _mirrored(size, count):
    positions = (tf.range(size)[:, None] + tf.range(count) - count // 2) % (2 * size)
    return tf.minimum(positions, 2 * size - 1 - positions)
