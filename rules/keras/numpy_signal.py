"""NumPy's padding, convolutions and slopes in keras.ops."""

from __future__ import annotations

from keras import ops

FOR = "numpy"


def pad(array, pad_width, mode="constant", *, constant_values=0):
    if mode in ("edge", "reflect", "symmetric", "wrap"):
        return _pad_by_index(array, pad_width, mode)
    if mode != "constant":
        raise NotImplementedError("this mode of padding has no counterpart")
    if isinstance(pad_width, int):
        return ops.pad(array, [(pad_width, pad_width)] * len(array.shape), constant_values=constant_values)
    if isinstance(pad_width[0], int):
        return ops.pad(array, [pad_width] * len(array.shape), constant_values=constant_values)
    if len(pad_width) == 1:
        return ops.pad(array, [pad_width[0]] * len(array.shape), constant_values=constant_values)
    return ops.pad(array, pad_width, constant_values=constant_values)


def _pad_by_index(array, pad_width, mode):
    widths = ops.broadcast_to(pad_width, [len(array.shape), 2])
    for axis in range(len(array.shape)):
        size = ops.shape(array)[axis]
        index = ops.arange(-widths[axis, 0], size + widths[axis, 1])
        if mode == "edge":
            index = ops.clip(index, 0, size - 1)
        elif mode == "wrap":
            index = index % size
        elif mode == "reflect":
            index = ops.minimum(index % (2 * size - 2), -index % (2 * size - 2))
        else:
            index = ops.minimum(index % (2 * size), (-1 - index) % (2 * size))
        array = ops.take(array, index, axis=axis)
    return array


def convolve(a, v, mode="full"):
    raise NotImplementedError("keras.ops has no plain convolution of two arrays: use ops.conv")


def correlate(a, v, mode="valid"):
    return ops.correlate(a, v, mode=mode)


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
    size = ops.shape(f)[axis]
    place = ops.arange(size)
    after, before = ops.minimum(place + 1, size - 1), ops.maximum(place - 1, 0)
    width = spacing * ops.cast(after - before, f.dtype)
    rise = ops.take(f, after, axis=axis) - ops.take(f, before, axis=axis)
    return rise / ops.reshape(width, [-1] + [1] * (len(f.shape) - 1 - axis))
