"""Methods of an array: parts and choices, and the arguments that every reduction takes."""

from __future__ import annotations

OF = "ndarray"
CALLS = """
x.ptp() => np.ptp(x)
x.ptp(1) => np.ptp(x, 1)
x.ptp(axis=0, keepdims=True) => np.ptp(x, axis=0, keepdims=True)
x.compress(b > 0, axis=1)
u.compress(b > 0, axis=0)
v.compress(b > 0)
x.flat[3]
~ c.imag
i.choose([v[:2], w[:2], v[2:]])
! i.choose([v[:2], w[:2]], mode="clip")
! x.argpartition(2)
! x.partition(2)
! x.view(np.int32)
! x.put([0], [1.0])
~ m.all(axis=1, keepdims=True)
S.trace(0, 1, 0)
S.diagonal(axis1=1, axis2=0)
"""
