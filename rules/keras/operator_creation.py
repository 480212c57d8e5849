"""Arrays of plain numbers that a name holds in turn with values of a prediction. `like` is a tensor of their type."""

from __future__ import annotations

from autofix.rules.dtypes import floating
from keras import ops

FOR = "operator"


def ones(shape, dtype=None, *, like):
    if dtype is not None and not floating(dtype):
        raise NotImplementedError("it holds integers or Booleans, which have no gradient")
    if isinstance(shape, int):
        return ops.ones([shape], dtype=like.dtype)
    return ops.ones(shape, dtype=like.dtype)


def zeros(shape, dtype=None, *, like):
    if dtype is not None and not floating(dtype):
        raise NotImplementedError("it holds integers or Booleans, which have no gradient")
    if isinstance(shape, int):
        return ops.zeros([shape], dtype=like.dtype)
    return ops.zeros(shape, dtype=like.dtype)
