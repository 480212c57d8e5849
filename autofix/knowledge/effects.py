"""What calls from outside the file do to a gradient: sets of names from the catalogue, read by the interpreter.

Names are canonical: `numpy.mean` whatever the alias, `keras` for `tensorflow.keras`, `tensorflow` for its v1 and v2
views.
"""

from __future__ import annotations

from functools import cache

from autofix.knowledge import tensor_operations
from autofix.knowledge.operations import SPELLINGS, causes, causes_in, has, having

_VIEWS = (
    ("tensorflow.compat.v1", "tensorflow"),
    ("tensorflow.compat.v2", "tensorflow"),
    ("tensorflow.python.keras", "keras"),
    ("tensorflow.keras", "keras"),
    ("tensorflow.math", "tensorflow"),
    ("tf_keras", "keras"),
    ("numpy.math", "math"),
)
"""Modules that are a view of another one, longest first."""

LEAVERS = {"numpy": "AF101", "math": "AF106", "scipy": "AF107", "sklearn": "AF107", "statistics": "AF106"}
"""Packages whose functions leave the graph, and the cause that is."""

INDICES, COMPARING = having("AF201"), having("AF203")
INTEGER_CASTS = having("AF204")
_CAUSES = causes()
DISCRETE = causes_in(tensor_operations.DISCRETE)
"""Functions and methods whose results move in steps, by their last names, and the cause that each is."""

SHAPES = having("describes")
CONSTANTS = having("constant")
NEW_OF_ITS_KIND = having("new-of-its-kind")
NUMPY_KEEPS_TORCH_GRAPH = having("keeps-torch-graph")
JOINERS = having("joins")
NOT_RECORDING = having("stops-recording")
RECORDING_SWITCHES = having("switches-recording")
SWITCHES = having("freezes")
REWRAPS = having("rewraps")
PARAMETRIC = having("trainable")

BREAKERS = {name: code for name, code in _CAUSES.items() if "." in name and not name.startswith("Tensor.")}
"""Functions that end a gradient, and the cause that each is."""

_OF_TENSORS = {name.removeprefix("Tensor."): code for name, code in _CAUSES.items() if name.startswith("Tensor.")}
BREAKING_ATTRIBUTES = {name: code for name, code in _OF_TENSORS.items() if has(f"Tensor.{name}", "attribute")}
BREAKING_METHODS = {name: code for name, code in _OF_TENSORS.items() if name not in BREAKING_ATTRIBUTES}


@cache
def canonical(name: str) -> str:
    """Return the one name under which `name` stands in the tables."""
    for view, module in _VIEWS:
        if name == view or name.startswith(view + "."):
            return module + name[len(view) :]
    return name


def package_of(name: str) -> str:
    """Return the top-level package of a dotted name."""
    return name.partition(".")[0]


def discrete(last: str) -> str | None:
    """Return the cause of a function, by its last name, whose result moves in steps; None for all others."""
    return DISCRETE.get(last)


@cache
def plain_name(callee: str) -> str:
    """Return the name of a function without its library: `mean` of `tensorflow.reduce_mean` and of `Tensor.mean`."""
    last = callee.rpartition(".")[2].rstrip("_")
    last = SPELLINGS.get(last, last)
    return last.removeprefix("reduce_")
