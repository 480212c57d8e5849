"""What only wraps an array again, or casts it, of NumPy, in keras.ops."""

from __future__ import annotations

from autofix.rules.dtypes import floating, numpy_name
from keras import ops

FOR = "numpy"


def array(object, dtype=None, *, copy=True, order="K", subok=False, ndmin=0):
    if ndmin != 0:
        raise NotImplementedError("ndmin= adds axes in front: write np.atleast_2d or np.expand_dims")
    if isinstance(object, (list, tuple)):
        return ops.stack(object)
    if dtype is None or floating(dtype):
        return object
    raise NotImplementedError("a cast to integers or truth values has no gradient")


def asarray(a, dtype=None, order="K", *, device=None, copy=None):
    return array(a, dtype)


asanyarray = asarray
ascontiguousarray = asarray
asfarray = asarray


def array__cast(object, dtype, *, copy=True, order="K", subok=False):
    if isinstance(object, (list, tuple)):
        return _cast(ops.stack(object), dtype)
    return _cast(object, dtype)


def asarray__cast(a, dtype, order="K", *, device=None, copy=None):
    return _cast(a, dtype)


def astype(x, dtype, *, copy=True, device=None):
    if floating(dtype):
        return x
    raise NotImplementedError("a cast to integers or truth values has no gradient")


def astype__cast(x, dtype, *, copy=True, device=None):
    return _cast(x, dtype)


def _cast(x, dtype):
    if dtype is None:
        raise NotImplementedError("no cast is asked for")
    if numpy_name(dtype) == "float64":
        return ops.cast(x, "float64")
    if numpy_name(dtype) == "float32":
        return ops.cast(x, "float32")
    if numpy_name(dtype) == "float16":
        return ops.cast(x, "float16")
    if numpy_name(dtype) == "":
        return ops.cast(x, dtype)
    raise NotImplementedError("a cast to integers or truth values has no gradient")


def copy(a, order="K", subok=False):
    return ops.copy(a)


def float64(x):
    return x


def float64__cast(x):
    return ops.cast(x, "float64")


def float32(x):
    return x


def float32__cast(x):
    return ops.cast(x, "float32")


def float16(x):
    return x


float_ = float64
double = float64
single = float32
half = float16


def asscalar(a):
    return a


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
    raise NotImplementedError("a truth value has no gradient")
