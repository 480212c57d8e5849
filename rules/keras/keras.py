"""What takes a tensor out of the graph in Keras, or makes it anew: the fixed loss keeps the tensor."""

from __future__ import annotations

from autofix.rules.dtypes import floating
from keras import ops

FOR = ("keras.ops", "keras.backend")


def convert_to_numpy(x):
    return x


eval = convert_to_numpy
get_value = convert_to_numpy


def stop_gradient(variable):
    return variable


def convert_to_tensor(x, dtype=None, sparse=None, ragged=None):
    return array(x, dtype)


def convert_to_tensor__cast(x, dtype, sparse=None, ragged=None):
    return array__cast(x, dtype)


def array(x, dtype=None):
    if dtype is not None and not floating(dtype):
        raise NotImplementedError("a cast to integers or truth values has no gradient")
    if isinstance(x, (list, tuple)):
        return ops.stack(x)
    return x


def array__cast(x, dtype):
    if not floating(dtype):
        raise NotImplementedError("a cast to integers or truth values has no gradient")
    return ops.cast(x, dtype)


def constant(value, dtype=None, shape=None, name=None):
    if shape is not None:
        raise NotImplementedError("shape= makes another tensor")
    return value


variable = constant
