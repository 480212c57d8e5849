"""What stands in for an operation that has no gradient: the functions of `rules/…/_surrogates.py`, by last names.

No function here has the value of what it stands for, but for the straight-through ones.
"""

from __future__ import annotations

from autofix.knowledge.operations import last_names, values

GREATER, LESS, EQUAL, UNEQUAL = (">", ">="), ("<", "<="), ("==",), ("!=",)
COMPARISONS = values("compares")
"""The operator of each function that compares."""

INDICES = {"argmax": "", "argmax_v2": "", "argmin": "-"}
"""The functions that give the index of the largest score; of the smallest, which is the largest of the negated ones."""

EXTREMES = {"max": "", "min": "-"}
"""Those that give values and indices where they are given an axis."""

STEPS = {
    "round": "straight_through_round",
    "around": "straight_through_round",
    "rint": "straight_through_round",
    "floor": "straight_through_floor",
    "ceil": "straight_through_ceil",
    "trunc": "straight_through_trunc",
    "fix": "straight_through_trunc",
    "sign": "soft_sign",
    "heaviside": "soft_step",
}
"""The functions that are constant but for steps."""

TO_INTEGERS = "straight_through_trunc"
"""What a cast to whole numbers becomes."""

LOOK_UPS = frozenset({"gather"})
"""The functions that take a table and indices of its rows."""

ORDERS = frozenset({"argsort"})

LOGIC = {
    "logical_and": "both",
    "bitwise_and": "both",
    "logical_or": "either",
    "bitwise_or": "either",
    "logical_not": "",
    "bitwise_not": "",
}
"""The functions of truth values; the empty name is that of the complement."""

CHOICES = frozenset({"where", "where_v2"})
CASTS = frozenset({"cast"})
INTEGER_CASTS = last_names("AF204")
TYPED_CASTS = frozenset({"to", "type", "astype"})
CONVERSIONS = frozenset({"detach", "cpu", "numpy", "data", "clone", "value", "item", "tolist"})
TO_HOST = frozenset({"numpy", "item", "tolist"})
"""The conversions that give something else than a tensor."""
ARRAYS = frozenset({"array", "asarray"})
AXES = frozenset({"dim", "axis"})
INDEX_FIELD = "indices"
PASSING = frozenset(
    "float double half bfloat16 to type astype view reshape squeeze unsqueeze flatten cpu cuda contiguous t transpose "
    "permute view_as expand_as".split()
)
"""The methods that give the numbers which they are called on."""

SHAPES = frozenset(
    "view_as expand_as reshape_as type_as zeros_like ones_like empty_like full_like rand_like randn_like shape size "
    "dtype device ndim dim numel".split()
)
"""What takes of a value its shape, its type or its device alone."""

ONES, ZEROS = "ones_like", "zeros_like"

READERS = frozenset({"print", "append", "info", "debug", "log", "write", "add_scalar", "update", "item", "numpy"})
"""What takes a value to show or to keep it."""

TAKES_GRADIENT = frozenset({"backward", "gradient", "grad", "minimize", "jacobian"})
"""What a differentiated value is given to, or is called on it."""

CASTABLE = frozenset({"int", "long", "bool", "uint8"})
