"""What NumPy has without a gradient."""

from __future__ import annotations

FOR = "numpy"


def argmax(a, axis=None):
    raise NotImplementedError("an index is piecewise constant: argmax has no gradient")


def argmin(a, axis=None):
    raise NotImplementedError("an index is piecewise constant: argmin has no gradient")


def argsort(a, axis=-1):
    raise NotImplementedError("an order is piecewise constant: argsort has no gradient")


def argpartition(a, kth, axis=-1):
    raise NotImplementedError("an order is piecewise constant: argpartition has no gradient")


def searchsorted(a, v):
    raise NotImplementedError("an index is piecewise constant: searchsorted has no gradient")


def nonzero(a):
    raise NotImplementedError("indices are piecewise constant: nonzero has no gradient")


flatnonzero = nonzero
argwhere = nonzero


def count_nonzero(a, axis=None):
    raise NotImplementedError("a count is piecewise constant: it has no gradient")


def digitize(x, bins):
    raise NotImplementedError("a count is piecewise constant: it has no gradient")


histogram = digitize
bincount = digitize
unique = digitize
unique_all = digitize
unique_counts = digitize
unique_inverse = digitize
unique_values = digitize
histogram2d = digitize
histogramdd = digitize
histogram_bin_edges = digitize


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


def lexsort(keys, axis=-1):
    raise NotImplementedError("an order is piecewise constant: lexsort has no gradient")


def intersect1d(ar1, ar2):
    raise NotImplementedError("the set operation is piecewise constant: it has no gradient")


union1d = intersect1d
setdiff1d = intersect1d
setxor1d = intersect1d
