"""What NumPy does to targets, which carry no gradient."""

from __future__ import annotations

OF = "inert ndarray"

CALLS = """
~ g.astype(int)
~ b.astype(bool)
~ b.astype(np.int64)
! g.astype(np.float32)
~ j.argmax()
~ j.argmax(axis=1)
~ j.argmin()
~ j.argmin(axis=1)
tf ~ g.argsort()
keras ~ g.argsort()
tf ~ g.argsort(axis=0)
keras ~ g.argsort(axis=0)
tf ~ g.argsort(kind="stable")
keras ~ g.argsort(kind="stable")
"""
