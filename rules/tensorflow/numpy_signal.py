"""NumPy's padding, convolution and finite differences in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy"


def pad(array, pad_width, mode="constant", *, constant_values=0):
    if mode in ("edge", "reflect", "symmetric", "wrap"):
        return _pad_by_index(array, pad_width, mode)
    if mode != "constant":
        raise NotImplementedError("this mode of padding has no counterpart")
    if isinstance(pad_width, int):
        return tf.pad(array, [[pad_width, pad_width]] * len(array.shape), constant_values=constant_values)
    if isinstance(pad_width[0], int):
        return tf.pad(array, [pad_width] * len(array.shape), constant_values=constant_values)
    if len(pad_width) == 1:
        return tf.pad(array, [pad_width[0]] * len(array.shape), constant_values=constant_values)
    return tf.pad(array, pad_width, constant_values=constant_values)


def _pad_by_index(array, pad_width, mode):
    widths = tf.broadcast_to(pad_width, [len(array.shape), 2])
    for axis in range(len(array.shape)):
        size = tf.shape(array)[axis]
        index = tf.range(-widths[axis, 0], size + widths[axis, 1])
        if mode == "edge":
            index = tf.clip_by_value(index, 0, size - 1)
        elif mode == "wrap":
            index = index % size
        elif mode == "reflect":
            index = tf.minimum(index % (2 * size - 2), -index % (2 * size - 2))
        else:
            index = tf.minimum(index % (2 * size), (-1 - index) % (2 * size))
        array = tf.gather(array, index, axis=axis)
    return array


def convolve(a, v, mode="full"):
    return _convolve(a, v, mode)


def correlate(a, v, mode="valid"):
    return _convolve(a, tf.reverse(v, [0]), mode)


def _convolve(a, v, mode):
    shorter, longer = tf.minimum(tf.size(a), tf.size(v)), tf.maximum(tf.size(a), tf.size(v))
    padded = tf.pad(a, [[tf.size(v) - 1, tf.size(v) - 1]])
    sums = tf.nn.conv1d(padded[None, :, None], tf.reverse(v, [0])[:, None, None], 1, "VALID")[0, :, 0]
    if mode == "valid":
        return sums[shorter - 1 : longer]
    if mode == "same":
        return sums[(shorter - 1) // 2 :][:longer]
    return sums


def gradient(f, *varargs, axis=None, edge_order=1):
    if edge_order != 1 or len(varargs) > 1:
        raise NotImplementedError("only one spacing, and differences of first order at the ends, are supported")
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("one axis at a time")
    if len(varargs) == 0:
        return _differences(f, axis)
    if not isinstance(varargs[0], (int, float)):
        raise NotImplementedError("only an even spacing is supported")
    return _differences(f, axis, varargs[0])


def _differences(f, axis=None, spacing=1.0):
    if axis is None and len(f.shape) > 1:
        return [_differences(f, each, spacing) for each in range(len(f.shape))]
    axis = 0 if axis is None else axis % len(f.shape)
    place = tf.range(tf.shape(f)[axis])
    after, before = tf.minimum(place + 1, tf.shape(f)[axis] - 1), tf.maximum(place - 1, 0)
    width = spacing * tf.cast(after - before, f.dtype)
    rise = tf.gather(f, after, axis=axis) - tf.gather(f, before, axis=axis)
    return rise / tf.reshape(width, [-1] + [1] * (len(f.shape) - 1 - axis))
