"""What cuts or makes anew a tensor of TensorFlow: the mended loss keeps the old one."""

from __future__ import annotations

import tensorflow as tf
from autofix.rules.dtypes import floating

FOR = ("tensorflow", "tensorflow.compat.v1")


def constant(value, dtype=None, shape=None, name=None):
    if shape is not None:
        raise NotImplementedError("shape= creates another tensor")
    if dtype is not None and not floating(dtype):
        raise NotImplementedError("a cast to integers or Booleans has no gradient")
    if isinstance(value, (list, tuple)):
        return tf.stack(value)
    return value


def constant__cast(value, dtype, shape=None, name=None):
    if shape is not None:
        raise NotImplementedError("shape= creates another tensor")
    if not floating(dtype):
        raise NotImplementedError("a cast to integers or Booleans has no gradient")
    return tf.cast(value, dtype)


def convert_to_tensor(value, dtype=None, dtype_hint=None, name=None):
    return constant(value, dtype)


def convert_to_tensor__cast(value, dtype, dtype_hint=None, name=None):
    return constant__cast(value, dtype)


def Variable(initial_value, trainable=None, validate_shape=True, caching_device=None, name=None, *, dtype=None):
    return constant(initial_value, dtype)


def Variable__cast(initial_value, trainable=None, validate_shape=True, caching_device=None, name=None, *, dtype):
    return constant__cast(initial_value, dtype)


def stop_gradient(input, name=None):
    return input


def numpy_function(func, inp, Tout):
    raise NotImplementedError("tf.numpy_function has no gradient: write its body with TensorFlow's functions")


def py_function(func, inp, Tout):
    raise NotImplementedError("write the body of tf.py_function with TensorFlow's functions")
