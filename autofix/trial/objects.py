"""What the classes of a file say of arguments that are objects: the plain values that their attributes have."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from autofix.syntax.bindings import FunctionNode, defaults_of, last_part, parameters

Plain = Mapping[str, Any]


def stated_by_class(module: ast.Module | None, function: FunctionNode) -> dict[str, Plain]:
    """Return what the classes that parameters are annotated with, or have an instance of by default, say of each."""
    if module is None:
        return {}
    classes = {each.name: each for each in ast.walk(module) if isinstance(each, ast.ClassDef)}
    annotated = {each.arg: last_part(each.annotation) for each in parameters(function) if each.annotation is not None}
    return {name: values_in(classes[of]) for name, of in annotated.items() if of in classes}


def values_in(node: ast.ClassDef) -> Plain:
    """Return the attributes that the instances of a class have plain values for: fields, defaults, what it assigns."""
    found: dict[str, Any] = {}
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found[name] = _literal(value)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = _literal(value)
            case ast.FunctionDef(name="__init__"):
                found |= _assigned(statement)
    return {name: value for name, value in found.items() if value is not None}


def _assigned(start: ast.FunctionDef) -> dict[str, Any]:
    """Return what `__init__` assigns: `self.beta = 0.3`, and `self.beta = beta` with its default."""
    known = {one.arg: default for one, default in defaults_of(start.args) if default is not None}
    found = {}
    for each in ast.walk(start):
        if isinstance(each, ast.Assign) and len(each.targets) == 1 and isinstance(each.targets[0], ast.Attribute):
            value = known.get(each.value.id) if isinstance(each.value, ast.Name) else each.value
            found[each.targets[0].attr] = _literal(value) if value is not None else None
    return found


def _literal(node: ast.expr) -> Any:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError):
        return None
    return value if isinstance(value, (bool, int, float, str)) else None
