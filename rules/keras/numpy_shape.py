"""NumPy's shaping of arrays in keras.ops."""

from __future__ import annotations

from keras import ops

FOR = "numpy"


def reshape(a, shape, order="C", *, copy=None):
    if order == "F" and isinstance(shape, (list, tuple)) and len(shape) == 2:
        return ops.transpose(ops.reshape(ops.transpose(a), (shape[1], shape[0])))
    if order == "F" and isinstance(shape, (list, tuple)):
        return ops.transpose(ops.reshape(ops.transpose(a), shape[::-1]))
    if order == "F":
        return ops.reshape(ops.transpose(a), [shape])
    if order != "C":
        raise NotImplementedError("order= is a matter of memory layout, which tensors do not have")
    if isinstance(shape, int):
        return ops.reshape(a, [shape])
    return ops.reshape(a, shape)


def ravel(a, order="C"):
    if order == "F":
        return ops.reshape(ops.transpose(a), [-1])
    if order != "C":
        raise NotImplementedError("order= is a matter of memory layout, which tensors do not have")
    return ops.reshape(a, [-1])


def transpose(a, axes=None):
    return ops.transpose(a, axes=axes)


def expand_dims(a, axis):
    return ops.expand_dims(a, axis)


def squeeze(a, axis=None):
    return ops.squeeze(a, axis=axis)


def swapaxes(a, axis1, axis2):
    return ops.swapaxes(a, axis1, axis2)


def moveaxis(a, source, destination):
    return ops.moveaxis(a, source, destination)


def atleast_1d(x):
    if len(x.shape) > 0:
        return x
    return ops.reshape(x, [1])


def flip(m, axis=None):
    return ops.flip(m, axis=axis)


def flipud(m):
    return ops.flip(m, axis=0)


def fliplr(m):
    return ops.flip(m, axis=1)


def roll(a, shift, axis=None):
    if isinstance(axis, (list, tuple)) and isinstance(shift, int):
        return ops.roll(a, [shift] * len(axis), axis=axis)
    return ops.roll(a, shift, axis=axis)


def broadcast_to(array, shape, subok=False):
    return ops.broadcast_to(array, shape)


def tile(A, reps):
    return ops.tile(A, reps)


def repeat(a, repeats, axis=None):
    return ops.repeat(a, repeats, axis=axis)


def shape(a):
    return ops.shape(a)


def ndim(a):
    return len(a.shape)


def size(a, axis=None):
    if axis is None:
        return ops.cast(ops.size(a), a.dtype)
    return ops.cast(ops.shape(a)[axis], a.dtype)


def size__as_integer(a, axis=None):
    if axis is None:
        return ops.size(a)
    return ops.shape(a)[axis]


def permute_dims(a, axes=None):
    return ops.transpose(a, axes=axes)


def matrix_transpose(x):
    return ops.swapaxes(x, -1, -2)


def rollaxis(a, axis, start=0):
    if start != 0:
        raise NotImplementedError("only to the front")
    return ops.moveaxis(a, axis, 0)


def meshgrid(*xi, indexing="xy"):
    return ops.meshgrid(*xi, indexing=indexing)


def broadcast_shapes(*shapes):
    raise NotImplementedError("it speaks of shapes, not of values: it may stay NumPy")
