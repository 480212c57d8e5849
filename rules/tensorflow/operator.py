"""Python's operators where TensorFlow does not mean what NumPy means. `like` is a tensor of the type that is wanted."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from autofix.rules.dtypes import integers, truths

FOR = "operator"

# Arithmetic: a tensor of truth values makes truth values of what it meets, one of integers refuses floating numbers


def add(a, b, like=None):
    return _beside(a, b, like) + _beside(b, a, like)


def sub(a, b, like=None):
    return _beside(a, b, like) - _beside(b, a, like)


def mul(a, b, like=None):
    return _beside(a, b, like) * _beside(b, a, like)


def truediv(a, b, like=None):
    return _beside(a, b, like) / _beside(b, a, like)


def _beside(a, other, like):
    if truths(a) and not truths(other):
        return as_number(a, like)
    if integers(a) and isinstance(a, tf.Tensor) and not integers(other):
        return tf.cast(a, tf.keras.backend.floatx() if like is None else like.dtype)
    return a


def as_number(a, like=None):
    if not truths(a) and not integers(a):
        return a
    if like is None:
        return tf.cast(a, tf.keras.backend.floatx())
    return tf.cast(a, like.dtype)


def matmul(a, b, like=None):
    if len(a.shape) == 1 or len(b.shape) == 1:
        return tf.tensordot(as_tensor(a, like), as_tensor(b, like), axes=1)
    return as_tensor(a, like) @ as_tensor(b, like)


def as_tensor(a, like=None):
    if not isinstance(a, np.ndarray):
        return a
    if like is None:
        return tf.cast(a, tf.keras.backend.floatx())
    return tf.cast(a, like.dtype)


# Indices


def getitem_indices(a, indices, axis):
    assert tf.reduce_all(tf.convert_to_tensor(indices) >= 0)
    if axis == 0:
        return tf.gather(a, indices)
    return tf.gather(a, indices, axis=axis)


def getitem_indices__from_the_end(a, indices, axis):
    return tf.gather(a, tf.cast(indices, tf.int32) % tf.shape(a)[axis], axis=axis)


def getitem_mask(a, mask, axis):
    return tf.boolean_mask(a, mask, axis=axis)


def getitem_pairs(a, first, second):
    return tf.gather_nd(a, tf.stack([first, second], axis=-1))


def getitem_pairs__of_two_types(a, first, second):
    return tf.gather_nd(a, tf.stack([tf.cast(first, tf.int64), tf.cast(second, tf.int64)], axis=-1))


def getitem_tuple(a, indices):
    return tf.gather_nd(a, tf.stack(indices, axis=-1))


def getitem_triples(a, first, second, third):
    return tf.gather_nd(a, tf.stack([first, second, third], axis=-1))


def getitem_of_each_row(a, indices):
    return tf.gather(a, indices, axis=1, batch_dims=1)


def getitem_of_identity(n, indices, like=None):
    assert tf.reduce_all(tf.convert_to_tensor(indices) >= 0)
    if like is None:
        return tf.one_hot(indices, n, dtype=tf.keras.backend.floatx())
    return tf.one_hot(indices, n, dtype=like.dtype)


# Assignments


def setitem_mask(a, mask, value):
    if isinstance(value, (int, float)):
        return tf.where(mask, tf.cast(value, a.dtype), a)
    assert value.shape.rank == 0 or value.shape == a.shape
    return tf.where(mask, value, a)


def setitem_mask__of_as_many(a, mask, value):
    if isinstance(value, (int, float)):
        raise NotImplementedError("one number for every element")
    assert value.shape.rank == 1 and value.shape != a.shape
    return tf.tensor_scatter_nd_update(a, tf.where(mask), value)


def setitem(a, index, value):
    positions = tf.reshape(tf.range(tf.size(a)), tf.shape(a))[index]
    values = tf.broadcast_to(tf.cast(value, a.dtype), tf.shape(positions))
    flat = tf.tensor_scatter_nd_update(tf.reshape(a, [-1]), tf.reshape(positions, [-1, 1]), tf.reshape(values, [-1]))
    return tf.reshape(flat, tf.shape(a))
