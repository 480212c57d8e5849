"""What exactly a plain value is for its readers: a Python float, a NumPy scalar, an array, a tensor without a gradient.

`loss.item()` and `np.mean(a)` are both numbers, and differ in what `repr`, `json` and `type` say of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Literal

from autofix.analysis import effects
from autofix.analysis.reads import Reads
from autofix.analysis.values import Key, Value
from autofix.model import Kind

PlainKind = Literal["float", "int", "scalar", "double", "array", "list", "tensor", "other"]
"""A `scalar` is NumPy's, in the type of the tensor that it was made from; a `double` is `np.float64`."""

_REDUCING = frozenset(
    "mean sum prod max min amax amin std var median nanmean nansum average ptp percentile quantile trace dot vdot "
    "norm nanmax nanmin nanstd nanvar".split()
)
_FLOATS = frozenset({"Tensor.item", "ndarray.item", "builtins.float"})
_INTEGERS = frozenset({"builtins.int", "builtins.len", "builtins.round"})


def plain_kinds(value: Value, run: Reads) -> frozenset[PlainKind]:
    """Return what a value may be."""
    origins = run.origins(value)
    if not origins:
        return frozenset({_of_kind(value)})
    return frozenset(_kind_of(key, run, frozenset()) for key in origins)


def _kind_of(key: Key, run: Reads, above: frozenset[Key]) -> PlainKind:
    fact = run.facts.by_key.get(key)
    if key[0] == "Constant":
        return "float"
    if fact is None or key in above:
        return "other"
    if fact.value.kind is Kind.TENSOR:
        return "tensor"
    package, _, last = fact.callee.partition(".")
    if fact.callee in _FLOATS or package in ("math", "statistics"):
        return "float"
    if fact.callee in _INTEGERS:
        return "int"
    if package in ("numpy", "ndarray", "Tensor") and last in effects.SHAPES:
        return "int"  # `r.size`, `r.shape[0]`: arithmetic with it leaves a Python float what it is
    if fact.callee == "Tensor.tolist":
        return "list"
    if fact.callee in ("numpy.float64", "numpy.double"):
        return "double"
    if fact.callee == "numpy.float32":
        return "scalar"
    operands = _of_all(fact.operands, run, above | {key})
    last = last.rpartition(".")[2]
    if package in ("numpy", "ndarray") and last in _REDUCING and _is_whole(run.nodes.get(key), package):
        return "double" if operands <= {"float", "int", "list", "double"} else "scalar"
    if package in ("numpy", "ndarray", "scipy", "sklearn"):
        if last in ("array", "asarray", "astype") or "array" in operands or not operands:
            return "array"
        return "double" if operands <= {"float", "int", "double"} else "scalar" if "scalar" in operands else "array"
    if package == "Tensor":
        return "array"
    return strongest_of(operands) if operands else _of_kind(fact.value)


def _of_all(values: Iterable[Value], run: Reads, above: frozenset[Key]) -> frozenset[PlainKind]:
    found: set[PlainKind] = set()
    for value in values:
        if value.kind in (Kind.ARRAY, Kind.NUMBER, Kind.TENSOR):
            origins = run.origins(value)
            found |= {_kind_of(each, run, above) for each in origins} if origins else {_of_kind(value)}
        elif value.kind is Kind.SEQUENCE:
            found |= _of_all([value.element] if value.element is not None else [], run, above)
    return frozenset(found)


def strongest_of(kinds: Iterable[PlainKind]) -> PlainKind:
    """Return what arithmetic with values of these kinds gives."""
    met = set(kinds)
    order: tuple[PlainKind, ...] = ("tensor", "array", "scalar", "double", "float", "int", "list")
    return next((each for each in order if each in met), "other")


def _of_kind(value: Value) -> PlainKind:
    known: dict[Kind, PlainKind] = {Kind.NUMBER: "float", Kind.ARRAY: "array", Kind.TENSOR: "tensor"}
    return known.get(value.kind, "other")


def _is_whole(node: ast.AST | None, package: str) -> bool:
    """Does a reduction leave one number: is it given no axis?"""
    if not isinstance(node, ast.Call):
        return False
    names = {each.arg for each in node.keywords}
    places = 1 if package == "numpy" else 0
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("dot", "vdot", "percentile", "quantile"):
        places += 1
    return not names & {"axis", "keepdims", "out"} and len(node.args) <= places
