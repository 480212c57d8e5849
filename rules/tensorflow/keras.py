"""What takes a tensor out of the graph in Keras's back ends: the mended loss keeps the tensor."""

from __future__ import annotations

FOR = ("keras.backend", "tensorflow.keras.backend", "keras.ops", "tensorflow.keras.ops")


def eval(x):
    return x


get_value = eval
convert_to_numpy = eval


def stop_gradient(variables):
    return variables


def constant(value, dtype=None, shape=None, name=None):
    if shape is not None:
        raise NotImplementedError("shape= creates another tensor")
    return value


variable = constant


def convert_to_tensor(x, dtype=None, sparse=None):
    return x
