"""Which other arrays a call is tried on: integers, truth values, half precision, two types at once, every rank."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import libcst as cst

from autofix.prove.sample import Sample

ELEMENTS = ("integers", "truth values", "half precision", "two types")
RANKS = tuple(f"rank {rank}" for rank in range(5))
_NUMBERS_ONLY = ("math.", "builtins.", "torch.", "tensorflow.", "keras.", "Tensor.", "inert ", "operator.")
_ARRAYS = ("numpy.", "ndarray.", "scipy.special.")
_FLOATING, _OF_ONE_SHAPE = frozenset("g c h".split()), frozenset("m i j b s".split())
"""The arrays that stay as they are; s is a number by its nature."""


def variants_of(sample: Sample) -> tuple[str, ...]:
    """Return the variants that make sense for a call: those in which nothing but what is handed over changes.

    Distances, densities and metrics are about numbers: what they make of a truth value, or of no axis, is an accident.
    """
    if sample.name.startswith(_NUMBERS_ONLY) or not all(_stand_alone(sample.text)):
        return ()
    used = {node.id for node in ast.walk(ast.parse(sample.text, mode="eval")) if isinstance(node, ast.Name)}
    numbers = "truth values" if not sample.name.startswith(_ARRAYS) else ""
    elements = () if used & _FLOATING else tuple(each for each in ELEMENTS if each != numbers)
    fixed = used & (_FLOATING | _OF_ONE_SHAPE) or sample.oracle != sample.text + sample.rest
    return elements if fixed else elements + RANKS[_lowest(sample) :]


def _lowest(sample: Sample) -> int:
    """Return the lowest rank that NumPy means: that a number has an axis 0 and a vector is a matrix are accidents."""
    if sample.name.startswith("scipy.linalg."):
        return 2
    plain = all(isinstance(each.expression, cst.Name) and not each.keyword for each in sample.arguments)
    is_reduction = sample.name.endswith((".reduce", ".accumulate"))
    return 0 if plain and not is_reduction and sample.name.startswith(_ARRAYS) else 1


def _stand_alone(text: str) -> Iterator[bool]:
    """Yield of each array whether it is handed over as it is: `x - y` would be another operation that is tried."""
    call = ast.parse(text, mode="eval").body
    if not isinstance(call, ast.Call):
        return
    receiver = [call.func.value] if isinstance(call.func, ast.Attribute) else []
    for argument in (*receiver, *call.args, *(each.value for each in call.keywords)):
        inside = argument.elts if isinstance(argument, (ast.List, ast.Tuple)) else [argument]
        for each in inside:
            names = [node for node in ast.walk(each) if isinstance(node, ast.Name) and node.id not in ("np", "math")]
            yield isinstance(each, ast.Name) or not names
