"""NumPy's polynomials in keras.ops."""

from __future__ import annotations

from keras import ops

FOR = "numpy"


def polyval(p, x):
    value = x * 0
    for coefficient in p if isinstance(p, (list, tuple)) else ops.unstack(p):
        value = value * x + coefficient
    return value
