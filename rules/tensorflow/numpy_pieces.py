"""NumPy's splitting, and functions called with one number after another, in TensorFlow."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy"


def split(ary, indices_or_sections, axis=0):
    if isinstance(indices_or_sections, int):
        return tf.split(ary, indices_or_sections, axis=axis)
    return _split(ary, indices_or_sections, axis)


def _split(ary, indices, axis):
    # TensorFlow takes the sizes of the parts, NumPy the places between them.
    sizes = [after - before for before, after in zip([0, *indices[:-1]], indices, strict=True)]
    return tf.split(ary, [*sizes, -1], axis=axis)


def array_split(ary, indices_or_sections, axis=0):
    if isinstance(indices_or_sections, (list, tuple)):
        return _split(ary, indices_or_sections, axis)
    return _array_split(ary, indices_or_sections, axis)


def _array_split(ary, sections, axis=0):
    size, longer = divmod(ary.shape[axis], sections)
    return tf.split(ary, [size + (part < longer) for part in range(sections)], axis=axis)


def hsplit(ary, indices_or_sections):
    if len(ary.shape) == 1:
        return split(ary, indices_or_sections, 0)
    return split(ary, indices_or_sections, 1)


def vsplit(ary, indices_or_sections):
    return split(ary, indices_or_sections, 0)


def dsplit(ary, indices_or_sections):
    return split(ary, indices_or_sections, 2)


def unstack(x, *, axis=0):
    return tf.unstack(x, axis=axis)


def vectorize(pyfunc):
    return pyfunc


def frompyfunc(func, nin, nout):
    raise NotImplementedError("it calls a function number by number: call it with the tensor")
