"""The methods and attributes of a NumPy array, on a tensor of Keras, which is that of its backend."""

from __future__ import annotations

from autofix.rules.dtypes import floating, numpy_name
from keras import ops

FOR = "ndarray"

# Reductions


def sum(self, axis=None, *, keepdims=False):
    return ops.sum(self, axis=axis, keepdims=keepdims)


def mean(self, axis=None, *, keepdims=False):
    return ops.mean(self, axis=axis, keepdims=keepdims)


def max(self, axis=None, *, keepdims=False):
    return ops.max(self, axis=axis, keepdims=keepdims)


def min(self, axis=None, *, keepdims=False):
    return ops.min(self, axis=axis, keepdims=keepdims)


def prod(self, axis=None, *, keepdims=False):
    return ops.prod(self, axis=axis, keepdims=keepdims)


def all(self, axis=None, *, keepdims=False):
    return ops.all(self, axis=axis, keepdims=keepdims)


def any(self, axis=None, *, keepdims=False):
    return ops.any(self, axis=axis, keepdims=keepdims)


def std(self, axis=None, *, ddof=0, keepdims=False, correction=None):
    if ddof == 0 and correction is None:
        return ops.std(self, axis=axis, keepdims=keepdims)
    return ops.sqrt(_variance(self, axis=axis, ddof=ddof if correction is None else correction, keepdims=keepdims))


def var(self, axis=None, *, ddof=0, keepdims=False, correction=None):
    if ddof == 0 and correction is None:
        return ops.var(self, axis=axis, keepdims=keepdims)
    return _variance(self, axis=axis, ddof=ddof if correction is None else correction, keepdims=keepdims)


def _variance(a, axis=None, ddof=0, keepdims=False):
    squares = ops.square(a - ops.mean(a, axis=axis, keepdims=True))
    count = ops.sum(ops.ones_like(a), axis=axis, keepdims=keepdims)
    return ops.sum(squares, axis=axis, keepdims=keepdims) / (count - ddof)


def cumsum(self, axis=None):
    return ops.cumsum(self, axis=axis)


def cumprod(self, axis=None):
    return ops.cumprod(self, axis=axis)


def trace(self, offset=0, axis1=0, axis2=1):
    return ops.sum(ops.diagonal(self, offset=offset, axis1=axis1, axis2=axis2), axis=-1)


# Elementwise


def clip(self, a_min=None, a_max=None, *, min=None, max=None):
    if a_min is None and min is not None:
        a_min = min
    if a_max is None and max is not None:
        a_max = max
    if a_min is None and a_max is None:
        return self
    if a_min is None:
        return ops.minimum(self, a_max)
    if a_max is None:
        return ops.maximum(self, a_min)
    return ops.clip(self, a_min, a_max)


def ptp(self, axis=None, *, keepdims=False):
    return ops.max(self, axis=axis, keepdims=keepdims) - ops.min(self, axis=axis, keepdims=keepdims)


def conj(self):
    return ops.conjugate(self)


def conjugate(self):
    return ops.conjugate(self)


def real(self):
    return ops.real(self)


def imag(self):
    return ops.imag(self)


# Products


def dot(self, b):
    if isinstance(b, (int, float)):
        return self * b
    return ops.dot(self, b)


# Shaping


def reshape(self, *shape):
    if len(shape) > 1:
        return ops.reshape(self, [*shape])
    if isinstance(shape[0], int):
        return ops.reshape(self, [shape[0]])
    return ops.reshape(self, shape[0])


def ravel(self):
    return ops.reshape(self, [-1])


def flatten(self):
    return ops.reshape(self, [-1])


def T(self):
    return ops.transpose(self)


def mT(self):
    return ops.swapaxes(self, -1, -2)


def transpose(self, *axes):
    if len(axes) == 0:
        return ops.transpose(self)
    if len(axes) > 1:
        return ops.transpose(self, axes=[*axes])
    return ops.transpose(self, axes=axes[0])


def squeeze(self, axis=None):
    return ops.squeeze(self, axis=axis)


def swapaxes(self, axis1, axis2):
    return ops.swapaxes(self, axis1, axis2)


def diagonal(self, offset=0, axis1=0, axis2=1):
    return ops.diagonal(self, offset=offset, axis1=axis1, axis2=axis2)


def repeat(self, repeats, axis=None):
    return ops.repeat(self, repeats, axis=axis)


def take(self, indices, axis=None):
    return ops.take(self, indices, axis=axis)


def choose(self, choices):
    return _choose(self, choices)


def _choose(self, choices):
    chosen = choices[0]
    for number, choice in enumerate(choices):
        chosen = ops.where(self == number, choice, chosen)
    return chosen


def flat(self):
    return ops.reshape(self, [-1])


def shape(self):
    return ops.shape(self)


def ndim(self):
    return len(self.shape)


def size(self):
    return ops.cast(ops.size(self), self.dtype)


def size__as_integer(self):
    return ops.size(self)


# What only re-wraps


def astype(self, dtype, *, copy=True):
    if floating(dtype):
        return self
    raise NotImplementedError("a cast to integers or Booleans has no gradient")


def astype__cast(self, dtype, *, copy=True):
    if numpy_name(dtype) == "float64":
        return ops.cast(self, "float64")
    if numpy_name(dtype) == "float32":
        return ops.cast(self, "float32")
    if numpy_name(dtype) == "float16":
        return ops.cast(self, "float16")
    if numpy_name(dtype) == "":
        return ops.cast(self, dtype)
    raise NotImplementedError("a cast to integers or Booleans has no gradient")


def copy(self):
    return ops.copy(self)


def item(self):
    assert len(self.shape) == 0
    return self


def item__of_one_element(self):
    return ops.squeeze(self)
