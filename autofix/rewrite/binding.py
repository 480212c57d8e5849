"""Binds the arguments of a call to the parameters of a rule.

Takes a rule's signature and the call's arguments; gives one `Bound`, or the reason why the call does not fit.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autofix.model import Exit, Reason
from autofix.rewrite.literal import Slot, dtype_name, is_floating, slot_of
from autofix.rewrite.rules import Argument, Dialect

_AS_IF_LEFT_OUT: Mapping[str, object] = {"where": True, "order": "C", "casting": "same_kind", "subok": True}
"""NumPy's own defaults, which say nothing where they are written out."""

_ONLY_IN_PLACE = frozenset({"dtype", "out"})
"""What rules name for its place among the arguments alone; a rule that uses it in its body judges it itself."""

WITHOUT_COUNTERPART = {
    "out": "out= writes into an array, which a graph cannot record",
    "where": "where= selects elements while computing, which has no counterpart",
    "initial": "initial= has no counterpart",
    "mean": "mean= is a precomputed mean: omit it",
    "weights": "weights= has no counterpart here",
    "order": "order= is about memory layout, which tensors do not have",
    "casting": "casting= restricts NumPy's casts; tensors are only cast explicitly",
    "signature": "signature= selects NumPy's inner loop, which tensors do not have",
    "subok": "subok= is about array subclasses, which tensors are not",
    "like": "like= creates an array of another library",
    "ndmax": "ndmax= limits nested lists, which tensors do not hold",
    "nan_policy": "nan_policy= other than propagate drops numbers: mask them first",
    "mode": "mode= other than raise: bring the indices into range first",
    "lower": "lower= reads the other triangle: transpose the matrix first",
    "type": "type= is for problems with two matrices",
    "subset_by_index": "it selects eigenvalues: slice the result",
    "subset_by_value": "it selects eigenvalues: slice the result",
    "return_rank": "a rank is piecewise constant: it has no gradient",
    "extend": "extend= is about negative numbers, whose factorial has no gradient",
    "labels": "labels= renames the classes: pass their numbers instead",
    "X_norm_squared": "precomputed norms are not needed: omit them",
    "Y_norm_squared": "precomputed norms are not needed: omit them",
}
"""Why an argument that a rule does not take is refused."""

NEEDLESS = {
    "copy",
    "overwrite_a",
    "overwrite_b",
    "check_finite",
    "lapack_driver",
    "driver",
    "disp",
    "blocksize",
    "n_jobs",
    "dense_output",
    "ensure_all_finite",
    "assume_a",
}
"""What changes how a value is computed, not which: left out where a rule does not take it."""

_PLAIN: Mapping[str, object] = {"nan_policy": "propagate", "mode": "raise", "lower": True}
"""What says nothing where a rule does not take it; a rule that does has a default of its own."""


@dataclass(frozen=True)
class Bound:
    """A rule's parameters at one call.

    `environment` maps each parameter to what stands for it in the body (a placeholder, or its default); `slots` maps
    placeholders to arguments; `given` is the call as written, for a rule that is pasted and called.
    """

    environment: Mapping[str, ast.expr]
    slots: Mapping[str, Slot]
    given: tuple[tuple[str | None, ast.expr], ...]


def bind(function: ast.FunctionDef, arguments: Sequence[Argument], dialect: Dialect) -> Bound | Reason:
    """Bind `arguments` as Python would; a floating `dtype=` that the rule does not use is left out as needless."""
    positional = [argument.arg for argument in function.args.args]
    keywords = {*positional, *(argument.arg for argument in function.args.kwonlyargs)}
    idle = unused(function)
    environment: dict[str, ast.expr] = {}
    slots: dict[str, Slot] = {}
    given: list[tuple[str | None, ast.expr]] = []
    surplus: list[ast.expr] = []
    for position, argument in enumerate(arguments):
        slot = slot_of(f"slot_{position}_", argument)
        name = argument.keyword
        if name in ("*", "**"):
            return Reason(Exit.RULE, f"cannot tell what {name} unpacks here")
        if name is None and position >= len(positional):
            if function.args.vararg is None:
                return Reason(Exit.RULE, f"{function.name} takes no more than {len(positional)} arguments here")
            surplus.append(slot.name)
            parameter = function.args.vararg.arg
        else:
            parameter = positional[position] if name is None else name
        if parameter in environment:
            return Reason(Exit.RULE, f"{parameter} is passed twice")
        if (parameter not in keywords and name is not None) or parameter in idle & _ONLY_IN_PLACE:
            refusal = _left_out(slot, parameter)
            if refusal is not None:
                return refusal
            continue
        if _says_nothing(slot, parameter):
            continue
        slots[slot.placeholder] = slot
        value = stacked(slot, parameter, dialect)
        if parameter not in idle:
            in_order = name is None and len(given) == position
            given.append((None if in_order or parameter not in keywords else parameter, value))
        if parameter in keywords:
            environment[parameter] = value
    return _complete(function, Bound(environment, slots, tuple(given)), surplus)


def stacked(slot: Slot, parameter: str, dialect: Dialect) -> ast.expr:
    """A list of tensors is one tensor where NumPy takes an array-like."""
    is_listed = slot.is_sequence and slot.literal is None  # a list of plain numbers is none of tensors
    if not (is_listed and parameter in dialect.arrays and dialect.stack):
        return slot.name
    return ast.Call(ast.parse(dialect.stack, mode="eval").body, [slot.name], [])


def defaults(function: ast.FunctionDef) -> dict[str, ast.expr]:
    """The parameters that may be left out, with what they then are."""
    signature = function.args
    found = dict(zip([a.arg for a in signature.args][::-1], signature.defaults[::-1], strict=False))
    only = zip([a.arg for a in signature.kwonlyargs], signature.kw_defaults, strict=True)
    return found | {name: default for name, default in only if default is not None}


def unused(function: ast.FunctionDef) -> frozenset[str]:
    """The parameters with a default that the body never names: there for NumPy's sake alone."""
    named = {part.id for statement in function.body for part in ast.walk(statement) if isinstance(part, ast.Name)}
    return frozenset(defaults(function)) - named


def _says_nothing(slot: Slot, parameter: str) -> bool:
    literal = slot.literal
    return literal is not None and parameter in _AS_IF_LEFT_OUT and literal.value == _AS_IF_LEFT_OUT[parameter]


def _left_out(slot: Slot, keyword: str) -> Reason | None:
    if keyword in NEEDLESS or (slot.literal is not None and slot.literal.value in (None, _PLAIN.get(keyword))):
        return None
    if _says_nothing(slot, keyword):
        return None
    if keyword == "dtype":
        if is_floating(slot):
            return None
        return Reason(Exit.RULE, f"dtype={dtype_name(slot) or '…'} may cut the gradient: only floating types carry one")
    return Reason(Exit.RULE, WITHOUT_COUNTERPART.get(keyword, f"{keyword}= has no counterpart"))


def _complete(function: ast.FunctionDef, bound: Bound, surplus: list[ast.expr]) -> Bound | Reason:
    environment = {**defaults(function), **bound.environment}
    wanted = [a.arg for a in (*function.args.args, *function.args.kwonlyargs)]
    missing = [name for name in wanted if name not in environment]
    if missing:
        return Reason(Exit.RULE, f"{', '.join(missing)} is missing")
    if function.args.vararg is not None:
        environment[function.args.vararg.arg] = ast.Tuple(surplus, ast.Load())
    return Bound(environment, bound.slots, bound.given)
