"""Gives names, attributes, items and the parts of a tuple their new values."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from autofix.analysis.indices import unpacked
from autofix.analysis.optimizers import name_of
from autofix.analysis.results import positions_of, result_of
from autofix.analysis.run import Handler, Run, evaluate, registering
from autofix.analysis.values import PARAMETER, Instance, Root, Scope, Value, element_of, join, sequence
from autofix.knowledge import naming
from autofix.knowledge.causes import has
from autofix.knowledge.effects import package_of
from autofix.knowledge.libraries import PROCESSES
from autofix.model import Cut, Kind

_TARGETS: dict[type[ast.AST], Callable[[Run, Any, Value, Scope], None]] = {}


def bind(run: Run, target: ast.expr, value: Value, scope: Scope) -> None:
    """Give a target its value."""
    if run.observer is not None:
        run.observer.binding(target, value, scope)
    if value.live and not value.makers:
        value = _named(run, value, name_of(target))
    handler = _TARGETS.get(target.__class__)
    if handler is not None:
        handler(run, target, value, scope)


def _binds(*kinds: type[ast.expr]) -> Callable[[Handler], Handler]:
    return registering(_TARGETS, kinds)


def _named(run: Run, value: Value, name: str) -> Value:
    """Return a parameter, or a leaf that an optimizer is given, under the name that it gets."""
    trained = value.roots == PARAMETER.roots or (not value.roots and name in run.declared.optimized)
    return value._replace(roots=frozenset({Root(name)})) if trained and name else value


@_binds(ast.Name)
def _bind_name(run: Run, target: ast.Name, value: Value, scope: Scope) -> None:
    is_ordinate = _is_ordinate(target.id, value, scope)
    scope.names[target.id] = value if is_ordinate else intended(run, target.id, value)


@_binds(ast.Starred)
def _bind_starred(run: Run, target: ast.Starred, value: Value, scope: Scope) -> None:
    bind(run, target.value, sequence((element_of(value),), known_length=False), scope)


@_binds(ast.Tuple, ast.List)
def _bind_parts(run: Run, target: ast.Tuple | ast.List, value: Value, scope: Scope) -> None:
    known = value.items if value.items is not None and len(value.items) == len(target.elts) else None
    known = known or unpacked(run, value, len(target.elts))
    for place, each in enumerate(target.elts):
        bind(run, each, known[place] if known else element_of(value), scope)


@_binds(ast.Attribute)
def _bind_attribute(run: Run, target: ast.Attribute, value: Value, scope: Scope) -> None:
    owner = evaluate(run, target.value, scope)
    if isinstance(owner.meaning, Instance):
        before = owner.meaning.attributes.get(target.attr) if run.context.branches else None
        owner.meaning.attributes[target.attr] = value if before is None else join((before, value))
        run.journal.attributes_set += 1


@_binds(ast.Subscript)
def _bind_item(run: Run, target: ast.Subscript, value: Value, scope: Scope) -> None:
    owner = evaluate(run, target.value, scope)
    if owner.meaning is not None:
        return
    if isinstance(target.value, ast.Name) and _holds_numbers(owner):
        index = evaluate(run, target.slice, scope)
        operands = (owner, *positions_of(index), value)
        updated = result_of(run, target, owner.kind, operands, callee="operator.setitem")
        bind(run, target.value, updated, scope)
    elif isinstance(target.value, (ast.Name, ast.Attribute)):
        element = owner.element and join((owner.element, value))
        bind(run, target.value, join((owner, value))._replace(kind=owner.kind, element=element), scope)


def _holds_numbers(owner: Value) -> bool:
    return owner.kind in (Kind.TENSOR, Kind.ARRAY) and owner.element is None


def intended(run: Run, name: str, value: Value) -> Value:
    """Read a plain value asked for under the name of a target, a teacher or an advantage as what it is meant to be.

    Where the run is `strict`, no name counts.
    """
    if run.names.strict or value.live or not value.cuts or _answers(run, value):
        return value
    if naming.role(name) != "target" or naming.is_coordinate(name):
        return value
    if any(run.declared.wishes.name(cut.span) for cut in value.cuts):
        return value
    if not naming.is_surely_target(name) and not all(_is_meant(cut) for cut in value.cuts):
        return value
    run.names.excused = True
    return value._replace(cuts=frozenset(), makers=frozenset(), weights=frozenset())


def _answers(run: Run, value: Value) -> bool:
    """Is this what a process has answered, as `done` often is, and no flag of an environment?"""
    facts = (run.facts.by_key.get(key) for key in value.makers)
    return any(each is not None and package_of(each.callee) in PROCESSES for each in facts)


def _is_meant(cut: Cut) -> bool:
    """May this have been asked for to have a target? Hardly of what is called a prediction: `y = y_pred.numpy()`."""
    if cut.demanded:
        return False
    return (cut.explicit or has(cut.code, "of-targets")) and not naming.speaks_of_prediction(cut.operation)


def _is_ordinate(name: str, value: Value, scope: Scope) -> bool:
    """Is this the `y1` of a box whose `x1` was made of predictions alike? Then it is no target."""
    beside = scope.names.get(name.replace("y", "x", 1)) if "y" in name and value.cuts else None
    if beside is None or not beside.cuts:
        return False
    return value.cuts == beside.cuts or {cut.code for cut in value.cuts | beside.cuts} == {"AF104"}
