"""Names that NumPy had for Python's own types, in Keras."""

from __future__ import annotations

FOR = "numpy"


def float(x):
    return x


def int(x):
    raise NotImplementedError("a cast to integers has no gradient")


long = int


def bool(x):
    raise NotImplementedError("a Boolean has no gradient")
