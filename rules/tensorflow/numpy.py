"""NumPy's functions in TensorFlow."""

from __future__ import annotations

import math

import tensorflow as tf
from autofix.rules.dtypes import floating, numpy_name

FOR = "numpy"

# Elementwise


def abs(x):
    return tf.abs(x)


absolute = abs
fabs = abs


def square(x):
    return tf.square(x)


def sqrt(x):
    return tf.sqrt(x)


def cbrt(x):
    return tf.sign(x) * tf.abs(x) ** (1 / 3)


def exp(x):
    return tf.exp(x)


def exp2(x):
    return 2.0**x


def expm1(x):
    return tf.math.expm1(x)


def log(x):
    return tf.math.log(x)


def log1p(x):
    return tf.math.log1p(x)


def log2(x):
    return tf.math.log(x) / math.log(2)


def log10(x):
    return tf.math.log(x) / math.log(10)


def sin(x):
    return tf.sin(x)


def cos(x):
    return tf.cos(x)


def tan(x):
    return tf.tan(x)


def sinh(x):
    return tf.sinh(x)


def cosh(x):
    return tf.cosh(x)


def tanh(x):
    return tf.tanh(x)


def arcsin(x):
    return tf.asin(x)


asin = arcsin


def arccos(x):
    return tf.acos(x)


acos = arccos


def arctan(x):
    return tf.atan(x)


atan = arctan


def arcsinh(x):
    return tf.asinh(x)


asinh = arcsinh


def arccosh(x):
    return tf.acosh(x)


acosh = arccosh


def arctanh(x):
    return tf.atanh(x)


atanh = arctanh


def sinc(x):
    return tf.where(x == 0, tf.ones_like(x), tf.sin(math.pi * x) / tf.where(x == 0, tf.ones_like(x), math.pi * x))


def deg2rad(x):
    return x * (math.pi / 180)


radians = deg2rad


def rad2deg(x):
    return x * (180 / math.pi)


degrees = rad2deg


def negative(x):
    return -x


def positive(x):
    return x


def reciprocal(x):
    return 1 / x


def real(val):
    return tf.math.real(val)


def conjugate(x):
    return tf.math.conj(x)


conj = conjugate


def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    highest = x.dtype.max if posinf is None else posinf
    lowest = x.dtype.min if neginf is None else neginf
    finite = tf.where(tf.math.is_finite(x), x, tf.zeros_like(x))
    infinite = tf.where(x > 0, tf.constant(highest, x.dtype), tf.constant(lowest, x.dtype))
    return tf.where(tf.math.is_nan(x), tf.constant(nan, x.dtype), tf.where(tf.math.is_inf(x), infinite, finite))


# Two operands


def add(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 + x2
    return tf.add(x1, x2)


def subtract(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 - x2
    return tf.subtract(x1, x2)


def multiply(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 * x2
    return tf.multiply(x1, x2)


def divide(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 / x2
    return tf.divide(x1, x2)


true_divide = divide


def power(x1, x2):
    if isinstance(x1, (int, float)):
        return x1**x2
    return tf.pow(x1, x2)


pow = power


float_power = power


def mod(x1, x2):
    return tf.math.floormod(x1, x2)


remainder = mod


def fmod(x1, x2):
    return x1 - x2 * tf.where(x1 * x2 < 0, -tf.floor(-x1 / x2), tf.floor(x1 / x2))


def maximum(x1, x2):
    if isinstance(x1, (int, float)):
        return tf.maximum(x2, x1)
    return tf.maximum(x1, x2)


def minimum(x1, x2):
    if isinstance(x1, (int, float)):
        return tf.minimum(x2, x1)
    return tf.minimum(x1, x2)


def fmax(x1, x2):
    if isinstance(x2, (int, float)):
        return tf.maximum(tf.where(tf.math.is_nan(x1), tf.constant(x2, x1.dtype), x1), x2)
    if isinstance(x1, (int, float)):
        return tf.maximum(tf.where(tf.math.is_nan(x2), tf.constant(x1, x2.dtype), x2), x1)
    return tf.where(tf.math.is_nan(x1), x2, tf.where(tf.math.is_nan(x2), x1, tf.maximum(x1, x2)))


def fmin(x1, x2):
    if isinstance(x2, (int, float)):
        return tf.minimum(tf.where(tf.math.is_nan(x1), tf.constant(x2, x1.dtype), x1), x2)
    if isinstance(x1, (int, float)):
        return tf.minimum(tf.where(tf.math.is_nan(x2), tf.constant(x1, x2.dtype), x2), x1)
    return tf.where(tf.math.is_nan(x1), x2, tf.where(tf.math.is_nan(x2), x1, tf.minimum(x1, x2)))


def hypot(x1, x2):
    if isinstance(x2, (int, float)):
        return tf.sqrt(tf.square(x1) + x2**2)
    if isinstance(x1, (int, float)):
        return tf.sqrt(x1**2 + tf.square(x2))
    return tf.sqrt(tf.square(x1) + tf.square(x2))


def arctan2(x1, x2):
    if isinstance(x1, (int, float)):
        return tf.atan2(tf.constant(x1, x2.dtype), x2)
    return tf.atan2(x1, x2)


atan2 = arctan2


def logaddexp(x1, x2):
    if isinstance(x1, (int, float)):
        return tf.maximum(x2, x1) + tf.math.softplus(-tf.abs(x2 - x1))
    return tf.maximum(x1, x2) + tf.math.softplus(-tf.abs(x1 - x2))


def logaddexp2(x1, x2):
    if isinstance(x1, (int, float)):
        return tf.maximum(x2, x1) + tf.math.softplus(-tf.abs(x2 - x1) * math.log(2)) / math.log(2)
    return tf.maximum(x1, x2) + tf.math.softplus(-tf.abs(x1 - x2) * math.log(2)) / math.log(2)


def clip(a, a_min=None, a_max=None, *, min=None, max=None):
    if a_min is None and min is not None:
        a_min = min
    if a_max is None and max is not None:
        a_max = max
    if a_min is None and a_max is None:
        return a
    if a_min is None:
        return tf.minimum(a, a_max)
    if a_max is None:
        return tf.maximum(a, a_min)
    return tf.clip_by_value(a, a_min, a_max)


def where(condition, x=None, y=None):
    if x is None:
        raise NotImplementedError("np.where with one argument gives indices, which have no gradient")
    return tf.where(condition, x, y)


def where__number_first(condition, x, y):
    if not isinstance(x, (int, float)):
        raise NotImplementedError("TensorFlow converts the second of two branches by itself")
    return tf.where(condition, tf.constant(x, y.dtype), y)


# Conditions: no gradient of their own, but they choose among values that have one


def greater(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 > x2
    return tf.greater(x1, x2)


def greater_equal(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 >= x2
    return tf.greater_equal(x1, x2)


def less(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 < x2
    return tf.less(x1, x2)


def less_equal(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 <= x2
    return tf.less_equal(x1, x2)


def equal(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 == x2
    return tf.equal(x1, x2)


def not_equal(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 != x2
    return tf.not_equal(x1, x2)


def logical_and(x1, x2):
    return tf.logical_and(x1, x2)


def logical_or(x1, x2):
    return tf.logical_or(x1, x2)


def logical_xor(x1, x2):
    return tf.math.logical_xor(x1, x2)


def logical_not(x):
    return tf.logical_not(x)


def isnan(x):
    return tf.math.is_nan(x)


def isinf(x):
    return tf.math.is_inf(x)


def isfinite(x):
    return tf.math.is_finite(x)


# Reductions


def sum(a, axis=None, *, keepdims=False):
    return tf.reduce_sum(a, axis=axis, keepdims=keepdims)


def mean(a, axis=None, *, keepdims=False):
    return tf.reduce_mean(a, axis=axis, keepdims=keepdims)


def max(a, axis=None, *, keepdims=False):
    return tf.reduce_max(a, axis=axis, keepdims=keepdims)


amax = max


def min(a, axis=None, *, keepdims=False):
    return tf.reduce_min(a, axis=axis, keepdims=keepdims)


amin = min


def prod(a, axis=None, *, keepdims=False):
    return tf.reduce_prod(a, axis=axis, keepdims=keepdims)


def all(a, axis=None, *, keepdims=False):
    return tf.reduce_all(a, axis=axis, keepdims=keepdims)


def any(a, axis=None, *, keepdims=False):
    return tf.reduce_any(a, axis=axis, keepdims=keepdims)


def ptp(a, axis=None, *, keepdims=False):
    return tf.reduce_max(a, axis=axis, keepdims=keepdims) - tf.reduce_min(a, axis=axis, keepdims=keepdims)


def std(a, axis=None, *, ddof=0, keepdims=False, correction=None):
    if ddof == 0 and correction is None:
        return tf.math.reduce_std(a, axis=axis, keepdims=keepdims)
    return tf.sqrt(_variance(a, axis=axis, ddof=ddof if correction is None else correction, keepdims=keepdims))


def var(a, axis=None, *, ddof=0, keepdims=False, correction=None):
    if ddof == 0 and correction is None:
        return tf.math.reduce_variance(a, axis=axis, keepdims=keepdims)
    return _variance(a, axis=axis, ddof=ddof if correction is None else correction, keepdims=keepdims)


def _variance(a, axis=None, ddof=0, keepdims=False):
    squares = tf.square(a - tf.reduce_mean(a, axis=axis, keepdims=True))
    count = tf.reduce_sum(tf.ones_like(a), axis=axis, keepdims=keepdims)
    return tf.reduce_sum(squares, axis=axis, keepdims=keepdims) / (count - ddof)


def nansum(a, axis=None, *, keepdims=False):
    return tf.reduce_sum(tf.where(tf.math.is_nan(a), tf.zeros_like(a), a), axis=axis, keepdims=keepdims)


def nanmean(a, axis=None, *, keepdims=False):
    missing = tf.math.is_nan(a)
    count = tf.reduce_sum(tf.where(missing, tf.zeros_like(a), tf.ones_like(a)), axis=axis, keepdims=keepdims)
    return tf.reduce_sum(tf.where(missing, tf.zeros_like(a), a), axis=axis, keepdims=keepdims) / count


def average(a, axis=None, weights=None, returned=False, *, keepdims=False):
    if returned:
        raise NotImplementedError("returned=True gives a tuple")
    if weights is None:
        return mean(a, axis=axis, keepdims=keepdims)
    if axis is None:
        return tf.reduce_sum(a * weights, keepdims=keepdims) / tf.reduce_sum(weights, keepdims=keepdims)
    return _average(a, axis, weights, keepdims)


def _average(a, axis, weights, keepdims=False):
    weights = tf.convert_to_tensor(weights, dtype=a.dtype)
    if len(weights.shape) != len(a.shape):
        weights = tf.reshape(weights, [-1 if dim == axis % len(a.shape) else 1 for dim in range(len(a.shape))])
        weights = weights * tf.ones_like(a)
    total = tf.reduce_sum(weights, axis=axis, keepdims=keepdims)
    return tf.reduce_sum(a * weights, axis=axis, keepdims=keepdims) / total


def median(a, axis=None, *, keepdims=False):
    return _quantile(a, 0.5, axis=axis, keepdims=keepdims)


def quantile(a, q, axis=None, *, method="linear", keepdims=False):
    if method != "linear":
        raise NotImplementedError("only the linear method is known here")
    if isinstance(q, (list, tuple)):
        raise NotImplementedError("one quantile at a time")
    return _quantile(a, q, axis=axis, keepdims=keepdims)


def percentile(a, q, axis=None, *, method="linear", keepdims=False):
    if method != "linear":
        raise NotImplementedError("only the linear method is known here")
    if isinstance(q, (list, tuple)):
        raise NotImplementedError("one percentile at a time")
    return _quantile(a, q / 100, axis=axis, keepdims=keepdims)


def _quantile(a, q, axis=None, keepdims=False):
    if axis is None:
        flat = _quantile(tf.reshape(a, [-1]), q, axis=0)
        return tf.reshape(flat, [1] * len(a.shape)) if keepdims else flat
    ordered = tf.sort(a, axis=axis)
    position = tf.convert_to_tensor(q, a.dtype) * tf.cast(tf.shape(a)[axis] - 1, a.dtype)
    below, above = tf.floor(position), tf.math.ceil(position)
    lower = tf.gather(ordered, tf.cast(below, tf.int32), axis=axis)
    upper = tf.gather(ordered, tf.cast(above, tf.int32), axis=axis)
    between = lower + (upper - lower) * (position - below)
    return tf.expand_dims(between, axis) if keepdims else between


def cumsum(a, axis=None):
    if axis is None:
        return tf.cumsum(tf.reshape(a, [-1]))
    return tf.cumsum(a, axis=axis)


def cumprod(a, axis=None):
    if axis is None:
        return tf.math.cumprod(tf.reshape(a, [-1]))
    return tf.math.cumprod(a, axis=axis)


def diff(a, n=1, axis=-1):
    if n == 1 and axis == -1:
        return a[..., 1:] - a[..., :-1]
    if n == 1 and axis == 0:
        return a[1:] - a[:-1]
    return _diff(a, n, axis)


def _diff(a, n=1, axis=-1):
    for _ in range(n):
        after = tf.range(1, tf.shape(a)[axis])
        a = tf.gather(a, after, axis=axis) - tf.gather(a, after - 1, axis=axis)
    return a


def trapezoid(y, x=None, dx=1.0, axis=-1):
    if axis != -1:
        raise NotImplementedError("only along the last axis")
    width = dx if x is None else x[..., 1:] - x[..., :-1]
    return tf.reduce_sum((y[..., 1:] + y[..., :-1]) / 2 * width, axis=-1)


trapz = trapezoid


def sort(a, axis=-1, *, kind=None, stable=None):
    if axis is None:
        return tf.sort(tf.reshape(a, [-1]))
    return tf.sort(a, axis=axis)


def interp(x, xp, fp, left=None, right=None):
    if left is not None or right is not None:
        raise NotImplementedError("left= and right= have no counterpart")
    x = tf.convert_to_tensor(x)
    xp, fp = tf.cast(xp, x.dtype), tf.cast(fp, x.dtype)
    flat = tf.clip_by_value(tf.reshape(x, [-1]), xp[0], xp[-1])
    i = tf.clip_by_value(tf.searchsorted(xp, flat), 1, tf.shape(xp)[0] - 1)
    slope = (tf.gather(fp, i) - tf.gather(fp, i - 1)) / (tf.gather(xp, i) - tf.gather(xp, i - 1))
    return tf.reshape(tf.gather(fp, i - 1) + slope * (flat - tf.gather(xp, i - 1)), tf.shape(x))


# Products


def dot(a, b):
    if isinstance(a, (int, float)) or isinstance(b, (int, float)):
        return a * b
    if len(a.shape) == 1 and len(b.shape) == 1:
        return tf.tensordot(a, b, axes=1)
    if len(a.shape) == 2 and len(b.shape) == 2:
        return tf.matmul(a, b)
    if len(b.shape) == 1:
        return tf.tensordot(a, b, axes=1)
    return tf.tensordot(a, b, axes=([-1], [-2]))


def matmul(x1, x2):
    if len(x1.shape) == 2 and len(x2.shape) == 1:
        return tf.linalg.matvec(x1, x2)
    if len(x1.shape) == 1 or len(x2.shape) == 1:
        return tf.tensordot(x1, x2, axes=1)
    return tf.matmul(x1, x2)


def inner(a, b):
    if isinstance(a, (int, float)) or isinstance(b, (int, float)):
        return a * b
    return tf.tensordot(a, b, axes=([-1], [-1]))


def outer(a, b):
    return tf.tensordot(tf.reshape(a, [-1]), tf.reshape(b, [-1]), axes=0)


def vdot(a, b):
    return tf.tensordot(tf.reshape(a, [-1]), tf.reshape(b, [-1]), axes=1)


def tensordot(a, b, axes=2):
    return tf.tensordot(a, b, axes=axes)


def einsum(subscripts, *operands, optimize=False):
    return tf.einsum(subscripts, *operands)


def trace(a, offset=0, axis1=0, axis2=1):
    if offset == 0 and len(a.shape) == 2:
        return tf.linalg.trace(a)
    raise NotImplementedError("only the main diagonal of a matrix")


def diagonal(a, offset=0, axis1=0, axis2=1):
    if len(a.shape) == 2:
        return tf.linalg.diag_part(a, k=offset)
    raise NotImplementedError("only the diagonal of a matrix")


def diag(v, k=0):
    if len(v.shape) == 2:
        return tf.linalg.diag_part(v, k=k)
    return tf.linalg.diag(v, k=k)


def tril(m, k=0):
    if k != 0:
        raise NotImplementedError("only from the main diagonal")
    return tf.linalg.band_part(m, -1, 0)


def triu(m, k=0):
    if k != 0:
        raise NotImplementedError("only from the main diagonal")
    return tf.linalg.band_part(m, 0, -1)


# Joining and shaping


def concatenate(arrays, axis=0):
    if axis is None:
        raise NotImplementedError("axis=None flattens every array first")
    return tf.concat(arrays, axis=axis)


concat = concatenate


def stack(arrays, axis=0):
    return tf.stack(arrays, axis=axis)


def vstack(tup):
    if len(tup[0].shape) >= 2:
        return tf.concat(tup, axis=0)
    return tf.stack(tup)


def hstack(tup):
    if len(tup[0].shape) == 1:
        return tf.concat(tup, axis=0)
    return tf.concat(tup, axis=1)


def column_stack(tup):
    if len(tup[0].shape) == 1:
        return tf.stack(tup, axis=1)
    return tf.concat(tup, axis=1)


def append(arr, values, axis=None):
    if axis is None:
        return tf.concat([tf.reshape(arr, [-1]), tf.reshape(values, [-1])], axis=0)
    return tf.concat([arr, values], axis=axis)


def reshape(a, shape):
    if isinstance(shape, int):
        return tf.reshape(a, [shape])
    return tf.reshape(a, shape)


def ravel(a):
    return tf.reshape(a, [-1])


def transpose(a, axes=None):
    return tf.transpose(a, perm=axes)


def expand_dims(a, axis):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("tf.expand_dims takes one axis")
    return tf.expand_dims(a, axis)


def squeeze(a, axis=None):
    return tf.squeeze(a, axis=axis)


def swapaxes(a, axis1, axis2):
    return tf.experimental.numpy.swapaxes(a, axis1, axis2)


def moveaxis(a, source, destination):
    return tf.experimental.numpy.moveaxis(a, source, destination)


def atleast_1d(x):
    return tf.experimental.numpy.atleast_1d(x)


def atleast_2d(x):
    return tf.experimental.numpy.atleast_2d(x)


def flip(m, axis=None):
    if axis is None:
        return tf.reverse(m, axis=list(range(len(m.shape))))
    if isinstance(axis, int):
        return tf.reverse(m, axis=[axis])
    return tf.reverse(m, axis=axis)


def flipud(m):
    return tf.reverse(m, axis=[0])


def fliplr(m):
    return tf.reverse(m, axis=[1])


def roll(a, shift, axis=None):
    if axis is None:
        return tf.reshape(tf.roll(tf.reshape(a, [-1]), shift, axis=0), tf.shape(a))
    return tf.roll(a, shift, axis=axis)


def broadcast_to(array, shape):
    return tf.broadcast_to(array, shape)


def tile(A, reps):
    if isinstance(reps, int):
        return tf.tile(A, [1] * (len(A.shape) - 1) + [reps])
    return tf.tile(A, reps)


def repeat(a, repeats, axis=None):
    return tf.repeat(a, repeats, axis=axis)


def take(a, indices, axis=None):
    if axis is None:
        return tf.gather(tf.reshape(a, [-1]), indices)
    return tf.gather(a, indices, axis=axis)


def take_along_axis(arr, indices, axis=-1):
    return tf.experimental.numpy.take_along_axis(arr, indices, axis)


# Made after another


def zeros_like(a):
    return tf.zeros_like(a)


def ones_like(a):
    return tf.ones_like(a)


def full_like(a, fill_value):
    return fill_value * tf.ones_like(a)


def shape(a):
    return a.shape


def shape__known_when_run(a):
    return tf.shape(a)


def ndim(a):
    return len(a.shape)


def size(a, axis=None):
    if axis is None:
        return tf.cast(tf.size(a), a.dtype)
    return tf.cast(tf.shape(a)[axis], a.dtype)


def size__as_integer(a, axis=None):
    if axis is None:
        return tf.size(a)
    return tf.shape(a)[axis]


# What only re-wraps


def array(object, dtype=None, *, copy=True, ndmin=0):
    if isinstance(object, (list, tuple)):
        return tf.stack(object)
    if dtype is None or floating(dtype):
        return object
    raise NotImplementedError("a cast to integers or truth values has no gradient")


def asarray(a, dtype=None, *, copy=None):
    return array(a, dtype)


asanyarray = asarray
ascontiguousarray = asarray
asfarray = asarray


def array__cast(object, dtype):
    return _cast(object, dtype)


def asarray__cast(a, dtype):
    return _cast(a, dtype)


def astype(x, dtype, *, copy=True):
    if floating(dtype):
        return x
    raise NotImplementedError("a cast to integers or truth values has no gradient")


def astype__cast(x, dtype, *, copy=True):
    return _cast(x, dtype)


def _cast(x, dtype):
    if numpy_name(dtype) == "float64":
        return tf.cast(x, tf.float64)
    if numpy_name(dtype) == "float32":
        return tf.cast(x, tf.float32)
    if numpy_name(dtype) == "float16":
        return tf.cast(x, tf.float16)
    if numpy_name(dtype) == "":
        return tf.cast(x, dtype)
    raise NotImplementedError("a cast to integers or truth values has no gradient")


def copy(a):
    return tf.identity(a)


def float64(x):
    return x


float32 = float64


float16 = float64


float_ = float64


single = float64


double = float64


# What has no gradient


def argmax(a, axis=None):
    raise NotImplementedError("an index does not move with the values: argmax has no gradient")


def argmin(a, axis=None):
    raise NotImplementedError("an index does not move with the values: argmin has no gradient")


def argsort(a, axis=-1):
    raise NotImplementedError("an order does not move with the values: argsort has no gradient")


def argpartition(a, kth, axis=-1):
    raise NotImplementedError("an order does not move with the values: argpartition has no gradient")


def searchsorted(a, v):
    raise NotImplementedError("an index does not move with the values: searchsorted has no gradient")


def nonzero(a):
    raise NotImplementedError("indices do not move with the values: nonzero has no gradient")


flatnonzero = nonzero
argwhere = nonzero


def count_nonzero(a, axis=None):
    raise NotImplementedError("a count does not move with the values: it has no gradient")


def digitize(x, bins):
    raise NotImplementedError("a count does not move with the values: it has no gradient")


histogram = digitize
bincount = digitize
unique = digitize


def round(a, decimals=0):
    raise NotImplementedError("the gradient of rounding is zero everywhere")


around = round
round_ = round
rint = round
floor = round
ceil = round
trunc = round
fix = round
floor_divide = round


def sign(x):
    raise NotImplementedError("the gradient of the sign is zero everywhere")


signbit = sign


def heaviside(x1, x2):
    raise NotImplementedError("the gradient of a step is zero everywhere")


def int32(x):
    raise NotImplementedError("a cast to integers has no gradient")


int64 = int32
int8 = int32
int16 = int32
uint8 = int32
int_ = int32
intp = int32


def bool_(x):
    raise NotImplementedError("a truth value has no gradient")
