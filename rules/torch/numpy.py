"""NumPy's functions in PyTorch."""

from __future__ import annotations

import torch
from autofix.rules.dtypes import floating, numpy_name

FOR = "numpy"

# Elementwise


def abs(x):
    return torch.abs(x)


absolute = abs
fabs = abs


def square(x):
    return torch.square(x)


def sqrt(x):
    return torch.sqrt(x)


def cbrt(x):
    return torch.sign(x) * torch.abs(x) ** (1 / 3)


def exp(x):
    return torch.exp(x)


def exp2(x):
    return torch.exp2(x)


def expm1(x):
    return torch.expm1(x)


def log(x):
    return torch.log(x)


def log1p(x):
    return torch.log1p(x)


def log2(x):
    return torch.log2(x)


def log10(x):
    return torch.log10(x)


def sin(x):
    return torch.sin(x)


def cos(x):
    return torch.cos(x)


def tan(x):
    return torch.tan(x)


def sinh(x):
    return torch.sinh(x)


def cosh(x):
    return torch.cosh(x)


def tanh(x):
    return torch.tanh(x)


def arcsin(x):
    return torch.asin(x)


asin = arcsin


def arccos(x):
    return torch.acos(x)


acos = arccos


def arctan(x):
    return torch.atan(x)


atan = arctan


def arcsinh(x):
    return torch.asinh(x)


asinh = arcsinh


def arccosh(x):
    return torch.acosh(x)


acosh = arccosh


def arctanh(x):
    return torch.atanh(x)


atanh = arctanh


def sinc(x):
    return torch.sinc(x)


def deg2rad(x):
    return torch.deg2rad(x)


radians = deg2rad


def rad2deg(x):
    return torch.rad2deg(x)


degrees = rad2deg


def negative(x):
    return -x


def positive(x):
    return x


def reciprocal(x):
    return torch.reciprocal(x)


def real(val):
    return torch.real(val)


def conjugate(x):
    return torch.conj(x)


conj = conjugate


def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    return torch.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


# Two operands: PyTorch takes a plain number on one side of an operator, but hardly ever in a function


def add(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 + x2
    return torch.add(x1, x2)


def subtract(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 - x2
    return torch.subtract(x1, x2)


def multiply(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 * x2
    return torch.multiply(x1, x2)


def divide(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 / x2
    return torch.divide(x1, x2)


true_divide = divide


def power(x1, x2):
    return torch.pow(x1, x2)


pow = power
float_power = power


def mod(x1, x2):
    return torch.remainder(x1, x2)


remainder = mod


def fmod(x1, x2):
    return torch.fmod(x1, x2)


def maximum(x1, x2):
    if isinstance(x2, (int, float)):
        return torch.clamp(x1, min=x2)
    if isinstance(x1, (int, float)):
        return torch.clamp(x2, min=x1)
    return torch.maximum(x1, x2)


def minimum(x1, x2):
    if isinstance(x2, (int, float)):
        return torch.clamp(x1, max=x2)
    if isinstance(x1, (int, float)):
        return torch.clamp(x2, max=x1)
    return torch.minimum(x1, x2)


def fmax(x1, x2):
    if isinstance(x2, (int, float)):
        return torch.fmax(x1, torch.as_tensor(x2, dtype=x1.dtype, device=x1.device))
    if isinstance(x1, (int, float)):
        return torch.fmax(torch.as_tensor(x1, dtype=x2.dtype, device=x2.device), x2)
    return torch.fmax(x1, x2)


def fmin(x1, x2):
    if isinstance(x2, (int, float)):
        return torch.fmin(x1, torch.as_tensor(x2, dtype=x1.dtype, device=x1.device))
    if isinstance(x1, (int, float)):
        return torch.fmin(torch.as_tensor(x1, dtype=x2.dtype, device=x2.device), x2)
    return torch.fmin(x1, x2)


def hypot(x1, x2):
    if isinstance(x2, (int, float)):
        return torch.hypot(x1, torch.as_tensor(x2, dtype=x1.dtype, device=x1.device))
    if isinstance(x1, (int, float)):
        return torch.hypot(torch.as_tensor(x1, dtype=x2.dtype, device=x2.device), x2)
    return torch.hypot(x1, x2)


def arctan2(x1, x2):
    if isinstance(x2, (int, float)):
        return torch.atan2(x1, torch.as_tensor(x2, dtype=x1.dtype, device=x1.device))
    if isinstance(x1, (int, float)):
        return torch.atan2(torch.as_tensor(x1, dtype=x2.dtype, device=x2.device), x2)
    return torch.atan2(x1, x2)


atan2 = arctan2


def logaddexp(x1, x2):
    if isinstance(x2, (int, float)):
        return torch.logaddexp(x1, torch.as_tensor(x2, dtype=x1.dtype, device=x1.device))
    if isinstance(x1, (int, float)):
        return torch.logaddexp(torch.as_tensor(x1, dtype=x2.dtype, device=x2.device), x2)
    return torch.logaddexp(x1, x2)


def logaddexp2(x1, x2):
    return torch.logaddexp2(x1, x2)


def copysign(x1, x2):
    return torch.copysign(x1, x2)


def clip(a, a_min=None, a_max=None, *, min=None, max=None):
    if a_min is None and min is not None:
        a_min = min
    if a_max is None and max is not None:
        a_max = max
    if a_min is None and a_max is None:
        return a
    if a_min is None:
        return torch.clamp(a, max=a_max)
    if a_max is None:
        return torch.clamp(a, min=a_min)
    return torch.clamp(a, a_min, a_max)


def where(condition, x=None, y=None):
    if x is None:
        raise NotImplementedError("np.where with one argument gives indices, which have no gradient")
    return torch.where(condition, x, y)


# Conditions: no gradient of their own, but they choose among values that have one


def greater(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 > x2
    return torch.gt(x1, x2)


def greater_equal(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 >= x2
    return torch.ge(x1, x2)


def less(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 < x2
    return torch.lt(x1, x2)


def less_equal(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 <= x2
    return torch.le(x1, x2)


def equal(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 == x2
    return torch.eq(x1, x2)


def not_equal(x1, x2):
    if isinstance(x1, (int, float)):
        return x1 != x2
    return torch.ne(x1, x2)


def logical_and(x1, x2):
    return torch.logical_and(x1, x2)


def logical_or(x1, x2):
    return torch.logical_or(x1, x2)


def logical_xor(x1, x2):
    return torch.logical_xor(x1, x2)


def logical_not(x):
    return torch.logical_not(x)


def isnan(x):
    return torch.isnan(x)


def isinf(x):
    return torch.isinf(x)


def isfinite(x):
    return torch.isfinite(x)


# Reductions


def sum(a, axis=None, *, keepdims=False):
    if axis is None and keepdims:
        return torch.sum(a, dim=None, keepdim=True)
    return torch.sum(a, dim=axis, keepdim=keepdims)


def mean(a, axis=None, *, keepdims=False):
    if axis is None and keepdims:
        return torch.mean(a, dim=None, keepdim=True)
    return torch.mean(a, dim=axis, keepdim=keepdims)


def std(a, axis=None, *, ddof=0, keepdims=False, correction=None):
    return torch.std(a, dim=axis, correction=ddof if correction is None else correction, keepdim=keepdims)


def var(a, axis=None, *, ddof=0, keepdims=False, correction=None):
    return torch.var(a, dim=axis, correction=ddof if correction is None else correction, keepdim=keepdims)


def max(a, axis=None, *, keepdims=False):
    if axis is None and keepdims:
        return torch.amax(a, dim=tuple(range(a.ndim)), keepdim=True)
    if axis is None:
        return torch.max(a)
    return torch.amax(a, dim=axis, keepdim=keepdims)


amax = max


def min(a, axis=None, *, keepdims=False):
    if axis is None and keepdims:
        return torch.amin(a, dim=tuple(range(a.ndim)), keepdim=True)
    if axis is None:
        return torch.min(a)
    return torch.amin(a, dim=axis, keepdim=keepdims)


amin = min


def ptp(a, axis=None, *, keepdims=False):
    if axis is None and not keepdims:
        return torch.max(a) - torch.min(a)
    dims = tuple(range(a.ndim)) if axis is None else axis
    return torch.amax(a, dim=dims, keepdim=keepdims) - torch.amin(a, dim=dims, keepdim=keepdims)


def prod(a, axis=None, *, keepdims=False):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("torch.prod takes one dim")
    if axis is None and keepdims:
        return torch.prod(a).reshape([1] * a.ndim)
    if axis is None:
        return torch.prod(a)
    return torch.prod(a, dim=axis, keepdim=keepdims)


def nansum(a, axis=None, *, keepdims=False):
    if axis is None and keepdims:
        return torch.nansum(a, dim=None, keepdim=True)
    return torch.nansum(a, dim=axis, keepdim=keepdims)


def nanmean(a, axis=None, *, keepdims=False):
    if axis is None and keepdims:
        return torch.nanmean(a, dim=None, keepdim=True)
    return torch.nanmean(a, dim=axis, keepdim=keepdims)


def average(a, axis=None, weights=None, returned=False, *, keepdims=False):
    if returned:
        raise NotImplementedError("returned=True gives a tuple")
    if weights is None:
        return mean(a, axis=axis, keepdims=keepdims)
    return _average(a, axis, weights, keepdims)


def _average(a, axis=None, weights=None, keepdims=False):
    if axis is not None and weights.shape != a.shape:
        weights = weights.reshape([-1 if dim == axis % a.ndim else 1 for dim in range(a.ndim)]).expand_as(a)
    return torch.sum(a * weights, dim=axis, keepdim=keepdims) / torch.sum(weights, dim=axis, keepdim=keepdims)


def median(a, axis=None, *, keepdims=False):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("torch.quantile takes one dim")
    return torch.quantile(a, 0.5, dim=axis, keepdim=keepdims)


def quantile(a, q, axis=None, *, method="linear", keepdims=False):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("torch.quantile takes one dim")
    if isinstance(q, (list, tuple)):
        q = torch.as_tensor(q, dtype=a.dtype, device=a.device)
    return torch.quantile(a, q, dim=axis, interpolation=method, keepdim=keepdims)


def percentile(a, q, axis=None, *, method="linear", keepdims=False):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("torch.quantile takes one dim")
    if isinstance(q, (list, tuple)):
        q = torch.as_tensor(q, dtype=a.dtype, device=a.device)
    return torch.quantile(a, q / 100, dim=axis, interpolation=method, keepdim=keepdims)


def all(a, axis=None, *, keepdims=False):
    return torch.all(a, dim=axis, keepdim=keepdims)


def any(a, axis=None, *, keepdims=False):
    return torch.any(a, dim=axis, keepdim=keepdims)


def cumsum(a, axis=None):
    if axis is None:
        return torch.cumsum(a.flatten(), dim=0)
    return torch.cumsum(a, dim=axis)


def cumprod(a, axis=None):
    if axis is None:
        return torch.cumprod(a.flatten(), dim=0)
    return torch.cumprod(a, dim=axis)


def diff(a, n=1, axis=-1, prepend=None, append=None):
    return torch.diff(a, n=n, dim=axis, prepend=prepend, append=append)


def trapezoid(y, x=None, dx=1.0, axis=-1):
    if x is None:
        return torch.trapezoid(y, dx=dx, dim=axis)
    return torch.trapezoid(y, x, dim=axis)


trapz = trapezoid


def sort(a, axis=-1, *, kind=None, stable=None):
    if axis is None:
        return torch.sort(a.flatten()).values
    return torch.sort(a, dim=axis).values


def interp(x, xp, fp, left=None, right=None):
    if left is not None or right is not None:
        raise NotImplementedError("left= and right= have no counterpart")
    x, xp, fp = x.clamp(xp[0], xp[-1]), torch.as_tensor(xp), torch.as_tensor(fp)
    i = torch.searchsorted(xp, x.detach()).clamp(1, len(xp) - 1)
    return fp[i - 1] + (fp[i] - fp[i - 1]) * (x - xp[i - 1]) / (xp[i] - xp[i - 1])


# Products


def dot(a, b):
    if isinstance(a, (int, float)) or isinstance(b, (int, float)):
        return a * b
    if a.ndim == 1 and b.ndim == 1:
        return torch.dot(a, b)
    if b.ndim <= 2:
        return torch.matmul(a, b)
    return torch.tensordot(a, b, dims=([-1], [-2]))


def matmul(x1, x2):
    return torch.matmul(x1, x2)


def inner(a, b):
    if isinstance(a, (int, float)) or isinstance(b, (int, float)):
        return a * b
    return torch.inner(a, b)


def outer(a, b):
    if a.ndim == 1 and b.ndim == 1:
        return torch.outer(a, b)
    return torch.outer(a.flatten(), b.flatten())


def vdot(a, b):
    if a.ndim == 1 and b.ndim == 1:
        return torch.vdot(a, b)
    return torch.vdot(a.flatten(), b.flatten())


def tensordot(a, b, axes=2):
    return torch.tensordot(a, b, dims=axes)


def einsum(subscripts, *operands, optimize=False):
    return torch.einsum(subscripts, *operands)


def kron(a, b):
    return torch.kron(a, b)


def trace(a, offset=0, axis1=0, axis2=1):
    if offset == 0 and axis1 == 0 and axis2 == 1:
        return torch.trace(a)
    return torch.diagonal(a, offset=offset, dim1=axis1, dim2=axis2).sum(dim=-1)


def trace__of_more_axes(a, offset=0, axis1=0, axis2=1):
    return torch.diagonal(a, offset=offset, dim1=axis1, dim2=axis2).sum(dim=-1)


def diagonal(a, offset=0, axis1=0, axis2=1):
    return torch.diagonal(a, offset=offset, dim1=axis1, dim2=axis2)


def diag(v, k=0):
    return torch.diag(v, diagonal=k)


def tril(m, k=0):
    return torch.tril(m, diagonal=k)


def triu(m, k=0):
    return torch.triu(m, diagonal=k)


# Joining and shaping


def concatenate(arrays, axis=0):
    if axis is None:
        raise NotImplementedError("axis=None flattens every array first")
    return torch.cat(arrays, dim=axis)


concat = concatenate


def stack(arrays, axis=0):
    return torch.stack(arrays, dim=axis)


def vstack(tup):
    return torch.vstack(tup)


def hstack(tup):
    return torch.hstack(tup)


def dstack(tup):
    return torch.dstack(tup)


def column_stack(tup):
    return torch.column_stack(tup)


def append(arr, values, axis=None):
    if axis is None:
        return torch.cat([arr.flatten(), values.flatten()])
    return torch.cat([arr, values], dim=axis)


def reshape(a, shape):
    if isinstance(shape, int):
        return torch.reshape(a, (shape,))
    return torch.reshape(a, shape)


def ravel(a):
    return torch.ravel(a)


def transpose(a, axes=None):
    if axes is None:
        return a.T
    return torch.permute(a, axes)


def transpose__of_more_axes(a, axes=None):
    if axes is None:
        return torch.permute(a, tuple(range(a.ndim))[::-1])
    return torch.permute(a, axes)


def expand_dims(a, axis):
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("torch.unsqueeze takes one dim")
    return torch.unsqueeze(a, axis)


def squeeze(a, axis=None):
    if axis is None:
        return torch.squeeze(a)
    return torch.squeeze(a, dim=axis)


def swapaxes(a, axis1, axis2):
    return torch.swapaxes(a, axis1, axis2)


def moveaxis(a, source, destination):
    return torch.moveaxis(a, source, destination)


def atleast_1d(x):
    return torch.atleast_1d(x)


def atleast_2d(x):
    return torch.atleast_2d(x)


def flip(m, axis=None):
    if axis is None:
        return torch.flip(m, dims=tuple(range(m.ndim)))
    if isinstance(axis, int):
        return torch.flip(m, dims=(axis,))
    return torch.flip(m, dims=axis)


def flipud(m):
    return torch.flipud(m)


def fliplr(m):
    return torch.fliplr(m)


def roll(a, shift, axis=None):
    return torch.roll(a, shift, dims=axis)


def rot90(m, k=1, axes=(0, 1)):
    return torch.rot90(m, k=k, dims=axes)


def broadcast_to(array, shape):
    return torch.broadcast_to(array, shape)


def tile(A, reps):
    if isinstance(reps, int):
        return torch.tile(A, (reps,))
    return torch.tile(A, reps)


def repeat(a, repeats, axis=None):
    return torch.repeat_interleave(a, repeats, dim=axis)


def take(a, indices, axis=None):
    if axis is None:
        return torch.take(a, indices)
    return torch.index_select(a, axis, indices)


def take_along_axis(arr, indices, axis=-1):
    return torch.take_along_dim(arr, indices, dim=axis)


# Made after another


def zeros_like(a):
    return torch.zeros_like(a)


def ones_like(a):
    return torch.ones_like(a)


def full_like(a, fill_value):
    if isinstance(fill_value, (int, float)):
        return torch.full_like(a, fill_value)
    return fill_value.expand_as(a)


def full_like__of_number(a, fill_value):
    return torch.full_like(a, fill_value)


def shape(a):
    return a.shape


def ndim(a):
    return a.ndim


def size(a, axis=None):
    if axis is None:
        return a.numel()
    return a.shape[axis]


# What only re-wraps


def array(object, dtype=None, *, copy=True, ndmin=0):
    if isinstance(object, (list, tuple)):
        return torch.stack(object)
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
        return x.to(torch.float64)
    if numpy_name(dtype) == "float32":
        return x.to(torch.float32)
    if numpy_name(dtype) == "float16":
        return x.to(torch.float16)
    if numpy_name(dtype) == "":
        return x.to(dtype)
    raise NotImplementedError("a cast to integers or truth values has no gradient")


def copy(a):
    return torch.clone(a)


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
