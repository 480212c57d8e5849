"""The element types that a loss asks for by name: what is cast to float64 on purpose stays float64.

What NumPy's own rules of promotion made of a type nobody asked for, and is left to the framework's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import libcst as cst

from autofix.analysis.facts import Fact
from autofix.analysis.values import Dotted, Key
from autofix.model import Kind
from autofix.rewrite.literal import code_of, dtype_name, is_floating, slot_of
from autofix.rewrite.rule import Argument, Rendering

ALIKE: Key = ("casts to the type that is there mostly", 0, 0, 0, 0)
"""The choice whether casts to single precision stay: it is made for all of them at once."""

_DOUBLE = frozenset({"float64", "double", "float_"})
_OF_A_TYPE = {"float64": "float64", "double": "float64", "float_": "float64", "float32": "float32",
              "single": "float32", "float16": "float16", "half": "float16"}  # fmt: skip
_CASTING = frozenset("ndarray.astype numpy.astype numpy.array numpy.asarray numpy.asanyarray numpy.asfarray "
                     "numpy.ascontiguousarray".split())  # fmt: skip


def asked_by_cast(callee: str, arguments: Sequence[Argument]) -> str | None:
    """Return NumPy's name of the floating type that a cast asks for, "" for that of another array; None for no cast."""
    owner, _, last = callee.rpartition(".")
    if owner == "numpy" and last in _OF_A_TYPE:
        return _OF_A_TYPE[last]
    if callee not in _CASTING:
        return None
    dtype = type_argument(arguments)
    if dtype is None and len(arguments) > 1 and arguments[1].keyword is None:
        dtype = arguments[1]
    return _floating(dtype) if dtype is not None else None


def asked_by_rewrap(arguments: Sequence[Argument]) -> str | None:
    """Return the same of `torch.tensor(x, dtype=…)` and its like."""
    dtype = type_argument(arguments)
    return _floating(dtype) if dtype is not None else None


def type_argument(arguments: Iterable[Argument]) -> Argument | None:
    """Return the argument `dtype=…`."""
    return next((each for each in arguments if each.keyword == "dtype"), None)


def _floating(dtype: Argument) -> str | None:
    slot = slot_of("dtype", dtype)
    return dtype_name(slot) if is_floating(slot) else None


def casts_and_others(ways: Sequence[Rendering], first: Argument) -> tuple[list[Rendering], list[Rendering]]:
    """Return the ways that cast, and those that only give the argument back."""
    bare = code_of(first.expression.with_changes(lpar=[], rpar=[]) if first.expression.lpar else first.expression)
    if isinstance(first.expression, (cst.List, cst.Tuple, cst.ListComp)) or first.kind is Kind.SEQUENCE:
        bare = min((code_of(each.expression) for each in ways), key=len, default=bare)  # one tensor made of the list
    others = [each for each in ways if code_of(each.expression) == bare]
    return [each for each in ways if code_of(each.expression) != bare], others


def asks_for_double(fact: Fact) -> bool:
    """Does an operation ask for float64 by name?"""
    if fact.callee.startswith("numpy.") and fact.callee.rpartition(".")[2] in _DOUBLE:
        return True
    return any(_is_double(each.meaning, each.traits.constant) for each in fact.operands[1:])


def _is_double(meaning: object, constant: object) -> bool:
    named = isinstance(meaning, Dotted) and meaning.name.rpartition(".")[2] in _DOUBLE | {"float"}
    return named or constant in ("float64", "double", "f8", "d")


def is_cast_of(node: cst.Call, names: frozenset[str]) -> bool:
    """Is this `x.to(torch.float64)`, `x.type(np.float64)`: a cast to one of these types by name?"""
    given = [*node.args]
    if len(given) != 1 or (given[0].keyword is not None and given[0].keyword.value != "dtype"):
        return False
    return code_of(given[0].value).rpartition(".")[2].strip("'\"") in names
