"""The arrays that calls are tried on, by the names that examples use.

s is a number, v w of rank 1, x y of rank 2 (3 by 4, between 0 and 1; u is 4 by 3), z rank 3, t rank 4, S symmetric and
positive definite. Constant are the mask m, the indices i and j, the ascending g, the labels b, the complex c, and h,
which is 0 or NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np

CONSTANT = ("m", "i", "j", "g", "b", "c", "h")


def arrays() -> dict[str, Any]:
    """Every array, the same at each call."""
    rng = np.random.default_rng(20)

    def spread(*shape: int) -> Any:
        return rng.uniform(0.12, 0.93, shape)

    square = spread(4, 4)
    return {
        "s": np.asarray(0.37),
        "v": spread(4),
        "w": spread(4),
        "x": spread(3, 4),
        "y": spread(3, 4),
        "u": spread(4, 3),
        "z": spread(2, 3, 4),
        "t": spread(2, 2, 3, 4),
        "z2": spread(2, 4, 5),
        "S": square @ square.T + np.diag([1.0, 2.0, 3.0, 4.0]),
        "m": np.array([[True, False, True, True], [False, True, True, False], [True, True, False, True]]),
        "i": np.array([2, 0]),
        "j": np.array([[0, 2], [1, 1], [2, 0]]),
        "g": np.array([0.05, 0.3, 0.55, 0.99]),
        "b": np.array([1, 0, 0, 1]),
        "c": spread(3, 4) + 1j * spread(3, 4),
        "h": np.where(rng.uniform(size=(3, 4)) < 0.3, np.nan, 0.0),
    }
