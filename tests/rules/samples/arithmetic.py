"""Python's math module; NumPy's types."""

from __future__ import annotations

OF = ""
CALLS = """
math.cbrt(s)
math.cbrt(s - 1)
math.gamma(s)
math.ldexp(s, 3)
math.copysign(s, -1)
math.copysign(s - 1, 2.0)
torch math.copysign(s, s - 1)
tf ! math.copysign(s, s - 1)
math.fmod(s, 0.2)
math.fmod(s - 1, 0.2)
math.remainder(s, 0.2)
math.remainder(s - 1, 0.2)
math.modf(s)[0]
math.modf(s - 3)[0]
~ math.isclose(s, s + 1e-12)
~ math.isclose(s, s + 0.1)
~ math.isclose(s, s + 0.1, abs_tol=0.2)
~ math.isclose(s, s * 1.01, rel_tol=0.05)
math.sumprod(v, w) => np.dot(v, w)
math.fma(s, s, s) => s * s + s
! math.prod(v, start=2)
! math.factorial(s)
! math.comb(s, s)
! math.frexp(s)
! math.ulp(s)
! math.trunc(s)
! np.issubdtype(x, y)
! np.result_type(x, y)
"""
