"""The methods and attributes of a NumPy array, on a tensor of TensorFlow, which has hardly any."""

from __future__ import annotations

import tensorflow as tf
from autofix.rules.dtypes import floating, numpy_name

FOR = "ndarray"

# Reductions


def sum(self, axis=None, *, keepdims=False):
    return tf.reduce_sum(self, axis=axis, keepdims=keepdims)


def mean(self, axis=None, *, keepdims=False):
    return tf.reduce_mean(self, axis=axis, keepdims=keepdims)


def max(self, axis=None, *, keepdims=False):
    return tf.reduce_max(self, axis=axis, keepdims=keepdims)


def min(self, axis=None, *, keepdims=False):
    return tf.reduce_min(self, axis=axis, keepdims=keepdims)


def prod(self, axis=None, *, keepdims=False):
    return tf.reduce_prod(self, axis=axis, keepdims=keepdims)


def all(self, axis=None, *, keepdims=False):
    return tf.reduce_all(self, axis=axis, keepdims=keepdims)


def any(self, axis=None, *, keepdims=False):
    return tf.reduce_any(self, axis=axis, keepdims=keepdims)


def std(self, axis=None, *, ddof=0, keepdims=False, correction=None):
    if ddof == 0 and correction is None:
        return tf.math.reduce_std(self, axis=axis, keepdims=keepdims)
    return tf.sqrt(_variance(self, axis=axis, ddof=ddof if correction is None else correction, keepdims=keepdims))


def var(self, axis=None, *, ddof=0, keepdims=False, correction=None):
    if ddof == 0 and correction is None:
        return tf.math.reduce_variance(self, axis=axis, keepdims=keepdims)
    return _variance(self, axis=axis, ddof=ddof if correction is None else correction, keepdims=keepdims)


def _variance(a, axis=None, ddof=0, keepdims=False):
    squares = tf.square(a - tf.reduce_mean(a, axis=axis, keepdims=True))
    count = tf.reduce_sum(tf.ones_like(a), axis=axis, keepdims=keepdims)
    return tf.reduce_sum(squares, axis=axis, keepdims=keepdims) / (count - ddof)


def cumsum(self, axis=None):
    if axis is None:
        return tf.cumsum(tf.reshape(self, [-1]))
    return tf.cumsum(self, axis=axis)


def cumprod(self, axis=None):
    if axis is None:
        return tf.math.cumprod(tf.reshape(self, [-1]))
    return tf.math.cumprod(self, axis=axis)


def trace(self, offset=0, axis1=0, axis2=1):
    if offset == 0 and len(self.shape) == 2:
        return tf.linalg.trace(self)
    raise NotImplementedError("only the main diagonal of a matrix")


# Elementwise


def clip(self, a_min=None, a_max=None, *, min=None, max=None):
    if a_min is None and min is not None:
        a_min = min
    if a_max is None and max is not None:
        a_max = max
    if a_min is None and a_max is None:
        return self
    if a_min is None:
        return tf.minimum(self, a_max)
    if a_max is None:
        return tf.maximum(self, a_min)
    return tf.clip_by_value(self, a_min, a_max)


def ptp(self, axis=None, *, keepdims=False):
    return tf.reduce_max(self, axis=axis, keepdims=keepdims) - tf.reduce_min(self, axis=axis, keepdims=keepdims)


def conj(self):
    return tf.math.conj(self)


def conjugate(self):
    return tf.math.conj(self)


def real(self):
    return tf.math.real(self)


def imag(self):
    return tf.math.imag(self)


# Products


def dot(self, b):
    if isinstance(b, (int, float)):
        return self * b
    if len(self.shape) == 1 and len(b.shape) == 1:
        return tf.tensordot(self, b, axes=1)
    if len(self.shape) == 2 and len(b.shape) == 2:
        return tf.matmul(self, b)
    if len(b.shape) == 1:
        return tf.tensordot(self, b, axes=1)
    return tf.tensordot(self, b, axes=([-1], [-2]))


# Shaping


def reshape(self, *shape):
    if len(shape) > 1:
        return tf.reshape(self, [*shape])
    if isinstance(shape[0], int):
        return tf.reshape(self, [shape[0]])
    return tf.reshape(self, shape[0])


def ravel(self):
    return tf.reshape(self, [-1])


def flatten(self):
    return tf.reshape(self, [-1])


def T(self):
    return tf.transpose(self)


def mT(self):
    return tf.linalg.matrix_transpose(self)


def transpose(self, *axes):
    if len(axes) == 0:
        return tf.transpose(self)
    if len(axes) > 1:
        return tf.transpose(self, perm=[*axes])
    return tf.transpose(self, perm=axes[0])


def squeeze(self, axis=None):
    return tf.squeeze(self, axis=axis)


def swapaxes(self, axis1, axis2):
    return tf.experimental.numpy.swapaxes(self, axis1, axis2)


def diagonal(self, offset=0, axis1=0, axis2=1):
    if len(self.shape) == 2:
        return tf.linalg.diag_part(self, k=offset)
    raise NotImplementedError("only the diagonal of a matrix")


def repeat(self, repeats, axis=None):
    return tf.repeat(self, repeats, axis=axis)


def take(self, indices, axis=None):
    if axis is None:
        return tf.gather(tf.reshape(self, [-1]), indices)
    return tf.gather(self, indices, axis=axis)


def compress(self, condition, axis=None):
    if axis is None:
        return tf.boolean_mask(tf.reshape(self, [-1]), condition)
    return tf.boolean_mask(self, condition, axis=axis)


def choose(self, choices):
    return _choose(self, choices)


def _choose(self, choices):
    chosen = choices[0]
    for number, choice in enumerate(choices):
        chosen = tf.where(self == number, choice, chosen)
    return chosen


def flat(self):
    return tf.reshape(self, [-1])


def shape(self):
    assert self.shape.is_fully_defined()
    return self.shape


def shape__known_when_run(self):
    return tf.shape(self)


def ndim(self):
    return len(self.shape)


def size(self):
    return tf.cast(tf.size(self), self.dtype)


def size__as_integer(self):
    return tf.size(self)


# What only re-wraps


def astype(self, dtype, *, copy=True):
    if floating(dtype):
        return self
    raise NotImplementedError("a cast to integers or Booleans has no gradient")


def astype__cast(self, dtype, *, copy=True):
    if numpy_name(dtype) == "float64":
        return tf.cast(self, tf.float64)
    if numpy_name(dtype) == "float32":
        return tf.cast(self, tf.float32)
    if numpy_name(dtype) == "float16":
        return tf.cast(self, tf.float16)
    if numpy_name(dtype) == "":
        return tf.cast(self, dtype)
    raise NotImplementedError("a cast to integers or Booleans has no gradient")


def copy(self):
    return tf.identity(self)


def item(self):
    assert self.shape.rank == 0
    return self


def item__of_one_element(self):
    return tf.squeeze(self)
