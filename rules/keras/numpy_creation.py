"""NumPy's constants, and what makes arrays of plain numbers or after another array, in keras.ops."""

from __future__ import annotations

import numpy as np
from autofix.rules.dtypes import floating, numpy_name
from keras import ops

FOR = "numpy"


def zeros_like(a, dtype=None, order="K", subok=True):
    return ops.zeros_like(a)


def ones_like(a, dtype=None, order="K", subok=True):
    return ops.ones_like(a)


def full_like(a, fill_value, dtype=None, order="K", subok=True):
    return fill_value * ops.ones_like(a)


def full(shape, fill_value, dtype=None, order="C", *, device=None):
    if isinstance(fill_value, (int, float)):
        raise NotImplementedError("it is computed from plain numbers and needs no gradient; NumPy is fine here")
    if isinstance(shape, int):
        return ops.broadcast_to(fill_value, [shape])
    return ops.broadcast_to(fill_value, shape)


def finfo(dtype):
    if floating(dtype) and numpy_name(dtype) == "":
        return np.finfo(dtype.as_numpy_dtype)
    raise NotImplementedError("the limits of a type are constants; NumPy is fine here")


def zeros(shape):
    raise NotImplementedError("it is computed from plain numbers and needs no gradient; NumPy is fine here")


ones = zeros
empty = zeros
indices = zeros


def arange(start, stop=None, step=None):
    raise NotImplementedError("it is computed from plain numbers and needs no gradient; NumPy is fine here")


def linspace(start, stop, num=50, endpoint=True):
    raise NotImplementedError("it is computed from plain numbers and needs no gradient; NumPy is fine here")


logspace = linspace
geomspace = linspace


def eye(N, M=None, k=0):
    raise NotImplementedError("it is computed from plain numbers and needs no gradient; NumPy is fine here")


identity = eye
tri = eye


def triu_indices(n, k=0, m=None):
    raise NotImplementedError("indices computed from plain numbers need no gradient; NumPy is fine here")


tril_indices = triu_indices
diag_indices = triu_indices


def iinfo(type):
    raise NotImplementedError("the limits of a type are constants; NumPy is fine here")


def pi():
    raise NotImplementedError("a constant has no gradient; NumPy is fine here")


e = pi
euler_gamma = pi
inf = pi
Inf = pi
PINF = pi
NINF = pi
Infinity = pi
nan = pi
NaN = pi
NAN = pi
infty = pi


def newaxis():
    raise NotImplementedError("it is None under another name, which tensors take as an index; leave it as it is")


def empty_like(prototype):
    raise NotImplementedError("an array to write into cannot be recorded in a graph; write np.stack or np.where")


def hanning(M):
    raise NotImplementedError("it is computed from plain numbers and needs no gradient; NumPy is fine here")


hamming = hanning
blackman = hanning
bartlett = hanning


def kaiser(M, beta):
    raise NotImplementedError("it is computed from plain numbers and needs no gradient; NumPy is fine here")


def mgrid(*slices):
    raise NotImplementedError("it is computed from plain numbers and needs no gradient; NumPy is fine here")


ogrid = mgrid


def fromfunction(function, shape):
    raise NotImplementedError("it calls a function with arrays of indices: call it with tensors of indices instead")


def ndarray(shape):
    raise NotImplementedError("an array to write into cannot be recorded in a graph; write np.stack or np.where")
