"""Arrays of plain numbers that a name holds in turn with values of a prediction. `like` is a tensor of their type."""

from __future__ import annotations

import tensorflow as tf
from autofix.rules.dtypes import floating

FOR = "operator"


def ones(shape, dtype=None, *, like):
    if dtype is not None and not floating(dtype):
        raise NotImplementedError("it holds integers or Booleans, which have no gradient")
    if isinstance(shape, int):
        return tf.ones([shape], dtype=like.dtype)
    return tf.ones(shape, dtype=like.dtype)


def zeros(shape, dtype=None, *, like):
    if dtype is not None and not floating(dtype):
        raise NotImplementedError("it holds integers or Booleans, which have no gradient")
    if isinstance(shape, int):
        return tf.zeros([shape], dtype=like.dtype)
    return tf.zeros(shape, dtype=like.dtype)
