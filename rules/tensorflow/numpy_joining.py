"""NumPy's joining of arrays in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf

FOR = "numpy"


def concatenate(arrays, axis=0, out=None, *, dtype=None):
    if axis is None:
        return tf.concat([tf.reshape(each, [-1]) for each in arrays], axis=0)
    return tf.concat(arrays, axis=axis)


concat = concatenate


def stack(arrays, axis=0, out=None, *, dtype=None):
    return tf.stack(arrays, axis=axis)


def vstack(tup, *, dtype=None):
    if len(tup[0].shape) >= 2:
        return tf.concat(tup, axis=0)
    return tf.stack(tup)


def hstack(tup, *, dtype=None):
    if len(tup[0].shape) == 1:
        return tf.concat(tup, axis=0)
    return tf.concat(tup, axis=1)


def column_stack(tup):
    if len(tup[0].shape) == 1:
        return tf.stack(tup, axis=1)
    return tf.concat(tup, axis=1)


def append(arr, values, axis=None):
    if isinstance(values, (int, float)):
        return tf.concat([tf.reshape(arr, [-1]), [values]], axis=0)
    if axis is None:
        return tf.concat([tf.reshape(arr, [-1]), tf.reshape(values, [-1])], axis=0)
    return tf.concat([arr, values], axis=axis)


def row_stack(tup):
    if len(tup[0].shape) >= 2:
        return tf.concat(tup, axis=0)
    return tf.stack(tup)


def dstack(tup):
    if len(tup[0].shape) >= 3:
        return tf.concat(tup, axis=2)
    if len(tup[0].shape) == 2:
        return tf.stack(tup, axis=-1)
    return tf.stack(tup, axis=-1)[None]


def block(arrays):
    if isinstance(arrays[0], (list, tuple)):
        rows = [tf.concat(row, axis=-1) for row in arrays]
        return tf.stack(rows) if len(rows[0].shape) == 1 else tf.concat(rows, axis=-2)
    return tf.concat(arrays, axis=-1)


def r_(*pieces):
    assert all(tf.is_tensor(piece) and len(piece.shape) > 0 for piece in pieces)
    return tf.concat([*pieces], axis=0)


def r___of_numbers(*pieces):
    like = next(piece for piece in pieces if tf.is_tensor(piece))
    flat = [tf.convert_to_tensor(piece, like.dtype) for piece in pieces]
    return tf.concat([tf.reshape(piece, [-1]) if len(piece.shape) == 0 else piece for piece in flat], axis=0)


def c_(*pieces):
    if len(pieces[0].shape) == 1:
        assert all(len(piece.shape) == 1 for piece in pieces)
        return tf.stack([*pieces], axis=1)
    assert all(len(piece.shape) > 1 for piece in pieces)
    return tf.concat([*pieces], axis=-1)


def c___of_any_rank(*pieces):
    columns = [piece[:, None] if len(piece.shape) == 1 else piece for piece in pieces]
    return tf.concat(columns, axis=-1)


def insert(arr, obj, values, axis=None):
    if isinstance(obj, (list, tuple, slice)):
        raise NotImplementedError("only at one place at a time")
    return _insert(arr, obj, values, axis)


def _insert(arr, obj, values, axis=None):
    if axis is None:
        arr, axis = tf.reshape(arr, [-1]), 0
    values = tf.convert_to_tensor(values, dtype=arr.dtype)
    for _ in range(len(arr.shape) - len(values.shape)):
        values = values[None]
    values = tf.experimental.numpy.moveaxis(values, 0, axis)
    shape = tf.unstack(tf.shape(arr))
    size, shape[axis] = shape[axis], tf.shape(values)[axis]
    place = obj + size if obj < 0 else obj
    before, after = tf.split(arr, tf.stack([place, size - place]), axis=axis, num=2)
    return tf.concat([before, tf.broadcast_to(values, tf.stack(shape)), after], axis=axis)


def delete(arr, obj, axis=None):
    if isinstance(obj, int) and obj == 0 and axis == 0:
        return arr[1:]
    if isinstance(obj, int) and obj > 0 and axis == 0:
        return tf.concat([arr[:obj], arr[obj + 1 :]], axis=0)
    return _delete(arr, obj, axis)


def _delete(arr, obj, axis=None):
    if axis is None:
        arr, axis = tf.reshape(arr, [-1]), 0
    size = tf.shape(arr)[axis]
    gone = tf.range(size)[obj] if isinstance(obj, slice) else tf.math.floormod(tf.cast(obj, tf.int32), size)
    kept = tf.reduce_all(tf.range(size)[:, None] != tf.reshape(gone, [1, -1]), axis=1)
    return tf.gather(arr, tf.boolean_mask(tf.range(size), kept), axis=axis)


def resize(a, new_shape):
    if isinstance(new_shape, int):
        new_shape = [new_shape]
    return _resize(a, new_shape)


def _resize(a, new_shape):
    return tf.reshape(tf.gather(tf.reshape(a, [-1]), tf.range(math.prod(new_shape)) % tf.size(a)), new_shape)


def trim_zeros(filt, trim="fb"):
    raise NotImplementedError("how much it trims depends on the values: slice the tensor instead")
