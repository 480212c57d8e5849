"""NumPy's splitting, and functions called with one number after another, in keras.ops."""

from __future__ import annotations

from keras import ops

FOR = "numpy"


def split(ary, indices_or_sections, axis=0):
    return ops.split(ary, indices_or_sections, axis=axis)


def hsplit(ary, indices_or_sections):
    if len(ary.shape) == 1:
        return split(ary, indices_or_sections, 0)
    return split(ary, indices_or_sections, 1)


def vsplit(ary, indices_or_sections):
    return split(ary, indices_or_sections, 0)


def dsplit(ary, indices_or_sections):
    return split(ary, indices_or_sections, 2)


def unstack(x, *, axis=0):
    return ops.unstack(x, axis=axis)


def vectorize(pyfunc):
    return pyfunc


def frompyfunc(func, nin, nout):
    raise NotImplementedError("it calls a function with one plain number after another: call it with the tensor")
