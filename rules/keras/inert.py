"""What NumPy does to targets, which have no gradient: here a cast to integers, or an index, is right."""

from __future__ import annotations

from autofix.rules.dtypes import numpy_name
from keras import ops

FOR = ("inert ndarray", "inert numpy")


def astype(self, dtype):
    if numpy_name(dtype) == "bool":
        return ops.cast(self, "bool")
    if "int" in numpy_name(dtype):
        return ops.cast(self, "int64")
    raise NotImplementedError("only casts to integers and Booleans")


def argsort(a, axis=-1, kind=None):
    return ops.argsort(a, axis=axis)


def argmax(a, axis=None):
    return ops.argmax(a, axis=axis)


def argmin(a, axis=None):
    return ops.argmin(a, axis=axis)
