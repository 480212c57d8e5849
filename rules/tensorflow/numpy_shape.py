"""NumPy's shaping of arrays in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy"


def reshape(a, shape, order="C", *, copy=None):
    if order == "F" and isinstance(shape, (list, tuple)) and len(shape) == 2:
        return tf.transpose(tf.reshape(tf.transpose(a), (shape[1], shape[0])))
    if order == "F" and isinstance(shape, (list, tuple)):
        return tf.transpose(tf.reshape(tf.transpose(a), shape[::-1]))
    if order == "F":
        return tf.reshape(tf.transpose(a), [shape])
    if order != "C":
        raise NotImplementedError("order= is about memory layout, which tensors do not have")
    if isinstance(shape, int):
        return tf.reshape(a, [shape])
    return tf.reshape(a, shape)


def ravel(a, order="C"):
    if order == "F":
        return tf.reshape(tf.transpose(a), [-1])
    if order != "C":
        raise NotImplementedError("order= is about memory layout, which tensors do not have")
    return tf.reshape(a, [-1])


def transpose(a, axes=None):
    return tf.transpose(a, perm=axes)


def expand_dims(a, axis):
    if isinstance(axis, (list, tuple)):
        return _expand_dims(a, axis)
    return tf.expand_dims(a, axis)


def _expand_dims(a, axis):
    for each in sorted(each % (len(a.shape) + len(axis)) for each in axis):
        a = tf.expand_dims(a, each)
    return a


def squeeze(a, axis=None):
    return tf.squeeze(a, axis=axis)


def swapaxes(a, axis1, axis2):
    return tf.experimental.numpy.swapaxes(a, axis1, axis2)


def moveaxis(a, source, destination):
    return tf.experimental.numpy.moveaxis(a, source, destination)


def atleast_1d(x):
    return tf.experimental.numpy.atleast_1d(x)


def atleast_2d(x):
    return tf.experimental.numpy.atleast_2d(x)


def flip(m, axis=None):
    if axis is None:
        return tf.reverse(m, axis=list(range(len(m.shape))))
    if isinstance(axis, int):
        return tf.reverse(m, axis=[axis])
    return tf.reverse(m, axis=axis)


def flipud(m):
    return tf.reverse(m, axis=[0])


def fliplr(m):
    return tf.reverse(m, axis=[1])


def roll(a, shift, axis=None):
    if axis is None:
        return tf.reshape(tf.roll(tf.reshape(a, [-1]), shift, axis=0), tf.shape(a))
    if isinstance(axis, (list, tuple)) and isinstance(shift, int):
        return tf.roll(a, [shift] * len(axis), axis=axis)
    return tf.roll(a, shift, axis=axis)


def broadcast_to(array, shape, subok=False):
    return tf.broadcast_to(array, shape)


def tile(A, reps):
    if isinstance(reps, int):
        return tf.tile(A, [1] * (len(A.shape) - 1) + [reps])
    if len(A.shape) == len(reps):
        return tf.tile(A, reps)
    return _tile(A, reps)


def _tile(A, reps):
    more = len(reps) - len(A.shape)
    if more > 0:
        A = tf.reshape(A, tf.concat([[1] * more, tf.shape(A)], axis=0))
    return tf.tile(A, [1] * -more + list(reps))


def repeat(a, repeats, axis=None):
    return tf.repeat(a, repeats, axis=axis)


def shape(a):
    assert a.shape.is_fully_defined()
    return a.shape


def shape__known_when_run(a):
    return tf.shape(a)


def ndim(a):
    return len(a.shape)


def size(a, axis=None):
    if axis is None:
        return tf.cast(tf.size(a), a.dtype)
    return tf.cast(tf.shape(a)[axis], a.dtype)


def size__as_integer(a, axis=None):
    if axis is None:
        return tf.size(a)
    return tf.shape(a)[axis]


def permute_dims(a, axes=None):
    return tf.transpose(a, perm=axes)


def matrix_transpose(x):
    return tf.linalg.matrix_transpose(x)


def rollaxis(a, axis, start=0):
    if start != 0:
        raise NotImplementedError("only to the front")
    return tf.experimental.numpy.moveaxis(a, axis, 0)


def atleast_3d(x):
    return tf.experimental.numpy.atleast_3d(x)


def rot90(m, k=1, axes=(0, 1)):
    return tf.experimental.numpy.rot90(m, k, axes)


def meshgrid(*xi, indexing="xy"):
    return tf.meshgrid(*xi, indexing=indexing)


def broadcast_arrays(*args):
    shape = tf.shape(args[0])
    for each in args[1:]:
        shape = tf.broadcast_dynamic_shape(shape, tf.shape(each))
    return [tf.broadcast_to(each, shape) for each in args]


def broadcast_shapes(*shapes):
    raise NotImplementedError("it operates on shapes, not on values; NumPy is fine here")
