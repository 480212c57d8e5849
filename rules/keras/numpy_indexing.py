"""NumPy's choosing of elements in keras.ops."""

from __future__ import annotations

from keras import ops

FOR = "numpy"


def take(a, indices, axis=None, out=None, mode="raise"):
    if mode != "raise":
        raise NotImplementedError("mode= treats indices out of range, for which the frameworks have no counterpart")
    return ops.take(a, indices, axis=axis)


def take_along_axis(arr, indices, axis=-1):
    return ops.take_along_axis(arr, indices, axis=axis)


def piecewise(x, condlist, funclist, *args):
    if len(args) > 0:
        raise NotImplementedError("further arguments of the functions: give functions that need none")
    choices = [f(x) if callable(f) else f * ops.ones_like(x) for f in funclist]
    value = choices[-1] if len(choices) > len(condlist) else ops.zeros_like(x)
    for condition, choice in zip(condlist, choices, strict=False):
        value = ops.where(condition, choice, value)
    return value


def select(condlist, choicelist, default=0):
    value = ops.convert_to_tensor(default, choicelist[-1].dtype)
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        value = ops.where(condition, choice, value)
    return value


def triu_indices_from(arr, k=0):
    raise NotImplementedError("a pair of index arrays: multiply by a mask of np.triu(np.ones(shape)) instead")


tril_indices_from = triu_indices_from


def diag_indices_from(arr):
    raise NotImplementedError("indices of a shape carry no gradient: write np.diagonal instead")


def copyto(dst, src):
    raise NotImplementedError("it writes into an array: write dst = np.where(mask, src, dst), or dst = src, instead")


def place(arr, mask, vals):
    raise NotImplementedError("it writes into an array: write arr = np.where(mask, value, arr) instead")


putmask = place


def put(a, ind, v):
    raise NotImplementedError("it writes into an array: write a new one, with np.where and a mask of the places")


def fill_diagonal(a, val):
    raise NotImplementedError("it writes into an array: write a = np.where(np.eye(n, dtype=bool), val, a) instead")
