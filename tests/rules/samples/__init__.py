"""One line a call: what every rule is tried on.

The arrays: s is a number, v w of rank 1, x y of rank 2 (3 by 4, between 0 and 1; u is 4 by 3), z rank 3, t rank 4,
S symmetric and positive definite; constant are the mask m, the indices i and j, the ascending g, the labels b, the
complex c, and h, which is 0 or NaN. What follows a call (`[0]`, `** 2`) is done to its result on both sides.
In front of a call, `~` says that only the value is compared, `!` that it must be refused, `torch`, `tf` or `keras` that
it is for that framework alone. `=>` gives NumPy's side where it is not the call itself.
Each module of this folder holds CALLS, and in OF whose methods they are: "ndarray", "Tensor", "inert ndarray" or "" for
functions.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

NAMES = {
    "np": "numpy",
    "math": "math",
    "special": "scipy.special",
    "stats": "scipy.stats",
    "norm": "scipy.stats.norm",
    "linalg": "scipy.linalg",
    "ndimage": "scipy.ndimage",
    "signal": "scipy.signal",
    "integrate": "scipy.integrate",
    "distance": "scipy.spatial.distance",
    "pairwise": "sklearn.metrics.pairwise",
    "metrics": "sklearn.metrics",
    "torch": "torch",
    "tf": "tensorflow",
    "K": "keras.backend",
    "ops": "keras.ops",
    "float": "builtins.float",
    "int": "builtins.int",
    "bool": "builtins.bool",
    "round": "builtins.round",
    "len": "builtins.len",
    "abs": "builtins.abs",
    "pow": "builtins.pow",
    "operator": "operator",
    "sum": "builtins.sum",
    "max": "builtins.max",
    "min": "builtins.min",
}


def tables() -> Iterator[tuple[str, str]]:
    """Yield the lines of each module, and whose methods they are."""
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda each: each.name):
        table = importlib.import_module(f"{__name__}.{module.name}")
        yield table.CALLS, table.OF
