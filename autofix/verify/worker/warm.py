"""Run a small loss once in every way a verification runs one, before there is a request.

What only a first use costs is paid here (kernels, lazy imports, the conversion of our own functions by AutoGraph).
Nothing of it is left for the loss to see: seeds and defaults are set anew before each run, and those that nothing sets
are put back by `Backend.restored`.
"""

from __future__ import annotations

import contextlib
from typing import Any

from .draw import Argument, Array
from .measure import Runnable

POINT = (
    Argument("prediction", (Array((2, 3), (0.5, 0.1, 0.9, 0.4, 0.2, 0.7)),)),
    Argument("target", (Array((2, 3), (0.25, 0.5, 0.1, 0.6, 0.8, 0.3)),)),
)


def warm(backend: Any) -> None:
    backend.prepare()
    with backend.restored():
        for precision in backend.dtypes:
            runnable = Runnable(backend.small_loss, backend, precision)
            if precision not in ("double", "single"):
                with contextlib.suppress(Exception):  # older frameworks lack operations in half precision
                    runnable.value(POINT)
            else:
                runnable.value(POINT)
                runnable.gradient(POINT, ("prediction",))
                if backend.checks_graph:
                    runnable.graph([POINT], ("prediction",))
