"""What only wraps an array again, or casts it, of NumPy, in PyTorch."""

from __future__ import annotations

import torch
from autofix.rules.dtypes import floating, numpy_name

FOR = "numpy"


def array(object, dtype=None, *, copy=True, order="K", subok=False, ndmin=0):
    if ndmin != 0:
        raise NotImplementedError("ndmin= adds axes in front: write np.atleast_2d or np.expand_dims")
    if isinstance(object, (list, tuple)):
        return torch.stack(object)
    if dtype is None or floating(dtype):
        return object
    raise NotImplementedError("a cast to integers or Booleans has no gradient")


def asarray(a, dtype=None, order="K", *, device=None, copy=None):
    return array(a, dtype)


asanyarray = asarray
ascontiguousarray = asarray
asfarray = asarray


def array__cast(object, dtype, *, copy=True, order="K", subok=False):
    if isinstance(object, (list, tuple)):
        return _cast(torch.stack(object), dtype)
    return _cast(object, dtype)


def asarray__cast(a, dtype, order="K", *, device=None, copy=None):
    return _cast(a, dtype)


def astype(x, dtype, *, copy=True, device=None):
    if floating(dtype):
        return x
    raise NotImplementedError("a cast to integers or Booleans has no gradient")


def astype__cast(x, dtype, *, copy=True, device=None):
    return _cast(x, dtype)


def _cast(x, dtype):
    if dtype is None:
        raise NotImplementedError("there is no cast")
    if numpy_name(dtype) == "float64":
        return x.double()
    if numpy_name(dtype) == "float32":
        return x.float()
    if numpy_name(dtype) == "float16":
        return x.half()
    if numpy_name(dtype) == "":
        return x.to(dtype)
    raise NotImplementedError("a cast to integers or Booleans has no gradient")


def copy(a, order="K", subok=False):
    return torch.clone(a)


def float64(x):
    return x


def float64__cast(x):
    return x.double()


def float32(x):
    return x


def float32__cast(x):
    return x.float()


def float16(x):
    return x


float_ = float64
double = float64
single = float32
half = float16


def asscalar(a):
    return a


def complex64(x):
    return x.to(torch.complex64)


csingle = complex64


def complex128(x):
    return x.to(torch.complex128)


cdouble = complex128


def int32(x):
    raise NotImplementedError("a cast to integers has no gradient")


int64 = int32
int8 = int32
int16 = int32
uint8 = int32
int_ = int32
intp = int32
uint16 = int32
uint32 = int32
uint64 = int32


def bool_(x):
    raise NotImplementedError("a Boolean has no gradient")


def asfortranarray(a):
    return a


asarray_chkfinite = asfortranarray
