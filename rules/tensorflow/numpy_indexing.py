"""NumPy's choosing of elements in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy"


def take(a, indices, axis=None, out=None, mode="raise"):
    if mode != "raise":
        raise NotImplementedError("mode= handles indices out of range, which has no counterpart")
    assert tf.reduce_all(tf.convert_to_tensor(indices) >= 0)
    if axis is None:
        return tf.gather(tf.reshape(a, [-1]), indices)
    return tf.gather(a, indices, axis=axis)


def take__from_the_end(a, indices, axis=None, out=None, mode="raise"):
    if mode != "raise":
        raise NotImplementedError("mode= handles indices out of range, which has no counterpart")
    if axis is None:
        return tf.gather(tf.reshape(a, [-1]), tf.math.floormod(tf.cast(indices, tf.int32), tf.size(a)))
    return tf.gather(a, tf.math.floormod(tf.cast(indices, tf.int32), tf.shape(a)[axis]), axis=axis)


def take_along_axis(arr, indices, axis=-1):
    return tf.experimental.numpy.take_along_axis(arr, indices, axis)


def compress(condition, a, axis=None):
    if axis is None:
        return tf.boolean_mask(tf.reshape(a, [-1]), condition)
    return tf.boolean_mask(a, condition, axis=axis)


def extract(condition, arr):
    return tf.boolean_mask(arr, condition)


def piecewise(x, condlist, funclist, *args):
    if len(args) > 0:
        raise NotImplementedError("further arguments of the functions: give functions that need none")
    choices = [f(x) if callable(f) else f * tf.ones_like(x) for f in funclist]
    value = choices[-1] if len(choices) > len(condlist) else tf.zeros_like(x)
    for condition, choice in zip(condlist, choices, strict=False):
        value = tf.where(condition, choice, value)
    return value


def select(condlist, choicelist, default=0):
    value = tf.convert_to_tensor(default, choicelist[-1].dtype)
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        value = tf.where(condition, choice, value)
    return value


def choose(a, choices):
    return tf.experimental.numpy.take_along_axis(tf.stack(choices), a[None], 0)[0]


def triu_indices_from(arr, k=0):
    raise NotImplementedError("a pair of index arrays: use tf.boolean_mask with a mask of tf.linalg.band_part")


tril_indices_from = triu_indices_from


def diag_indices_from(arr):
    raise NotImplementedError("indices of a shape have no gradient: write np.diagonal instead")


def unravel_index(indices, shape):
    raise NotImplementedError("indices are piecewise constant: they have no gradient")


ravel_multi_index = unravel_index


def ix_(*args):
    raise NotImplementedError("an index computed from plain numbers needs no gradient; NumPy is fine here")


s_ = ix_
index_exp = ix_


def mask_indices(n, mask_func, k=0):
    raise NotImplementedError("an index computed from plain numbers needs no gradient; NumPy is fine here")


def ndindex(*shape):
    raise NotImplementedError("indices have no gradient: the loop may stay, its body takes the tensor's elements")


def ndenumerate(arr):
    raise NotImplementedError("it iterates over plain numbers: write the loop as one operation")


def copyto(dst, src):
    raise NotImplementedError("it writes into an array: write dst = np.where(mask, src, dst), or dst = src, instead")


def place(arr, mask, vals):
    raise NotImplementedError("it writes into an array: write arr = np.where(mask, value, arr) instead")


putmask = place


def put(a, ind, v):
    raise NotImplementedError("it writes into an array: write a new one, with np.where and a mask of the places")


def put_along_axis(arr, indices, values, axis):
    raise NotImplementedError("it writes into an array: write a new one, with np.where and a mask of the places")


def fill_diagonal(a, val):
    raise NotImplementedError("it writes into an array: write a = np.where(np.eye(n, dtype=bool), val, a) instead")
