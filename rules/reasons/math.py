"""Python's math module: constants, and what has no gradient."""

from __future__ import annotations

FOR = "math"


def pi():
    raise NotImplementedError("a constant has no gradient; leave it as it is")


e = pi
tau = pi
inf = pi
nan = pi


def floor(x):
    raise NotImplementedError("the gradient of rounding is zero everywhere")


ceil = floor
trunc = floor


def factorial(n):
    raise NotImplementedError("it counts in integers, which have no gradient")


comb = factorial
perm = factorial
gcd = factorial
lcm = factorial
isqrt = factorial


def frexp(x):
    raise NotImplementedError("an exponent of two is piecewise constant: it has no gradient")


def ulp(x):
    raise NotImplementedError("the spacing of numbers is piecewise constant: it has no gradient")


nextafter = ulp
