"""Python's math module: constants, and what has no gradient."""

from __future__ import annotations

FOR = "math"


def pi():
    raise NotImplementedError("a constant carries no gradient: it may stay as it is")


e = pi
tau = pi
inf = pi
nan = pi


def floor(x):
    raise NotImplementedError("the gradient of rounding is zero everywhere")


ceil = floor
trunc = floor


def factorial(n):
    raise NotImplementedError("it counts in integers, which carry no gradient")


comb = factorial
perm = factorial
gcd = factorial
lcm = factorial
isqrt = factorial


def frexp(x):
    raise NotImplementedError("an exponent of two is a step function: it has no gradient")


def ulp(x):
    raise NotImplementedError("the spacing of numbers is a step function: it has no gradient")


nextafter = ulp
