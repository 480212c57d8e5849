"""What an isolated step is given where its module does not show it: a role for each name, and shapes to try.

A role is `model`, `criterion`, `variable`, `input`, `index`, `number` or `target`; the worker makes stand-ins for them.
Sizes are small and unequal, so that an exchanged axis shows.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any

from autofix.analysis import words
from autofix.verify.numbers_by_name import is_number_by_name, number

_OWNED = frozenset({"trainable_variables", "trainable_weights", "predict", "predict_on_batch"})
_INPUTS = ((8, 6), (4, 12, 12, 3), (4, 12, 12, 1))
_OUTPUTS = (
    ((8, 10), (8, 10), "normal", "normal"),
    ((8, 10), (8,), "normal", "labels"),
    ((8, 1), (8, 1), "unit", "binary"),
    ((8, 10), (8, 10), "simplex", "onehot"),
    ((8, 1), (8, 1), "normal", "normal"),
    ((8,), (8,), "normal", "normal"),
)
_CLASSES = 10


def roles(names: Sequence[str], body: Iterable[ast.stmt], watched: Iterable[str]) -> dict[str, str]:
    """Return what each name stands for in a step, by how the step uses it; `watched` are tensors for certain."""
    pieces = [piece for statement in body for piece in ast.walk(statement)]
    calls = [piece for piece in pieces if isinstance(piece, ast.Call)]
    called = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
    owned = {piece.value.id for piece in pieces if isinstance(piece, ast.Attribute) and piece.attr in _OWNED
             and isinstance(piece.value, ast.Name)}  # fmt: skip
    models = {name for name in called | owned if name in owned or not words.is_loss(name)}
    fed = {argument.id for call in calls if _called(call) in models for argument in call.args
           if isinstance(argument, ast.Name)}  # fmt: skip
    asked = {name for call in calls for name in _moved(call)}
    places = {part.id for piece in pieces if isinstance(piece, ast.Subscript)
              for part in ast.walk(piece.slice) if isinstance(part, ast.Name)}  # fmt: skip
    found: dict[str, str] = {}
    for name in names:
        if name in models:
            found[name] = "model"
        elif name in called:
            found[name] = "criterion"
        elif name in asked and name not in watched and name not in fed:
            found[name] = "variable"
        elif name in fed or name in asked:
            found[name] = "input"
        elif name in places:
            found[name] = "index"
        else:
            found[name] = "number" if is_number_by_name(name) else "target"
    return found


def step_scenarios(names: dict[str, str], models: Sequence[str]) -> list[dict[str, dict[str, Any]]]:
    """Return scenarios, the likeliest first: a specification for each name, as the worker takes them."""
    if not names:
        return [{}]
    found: list[dict[str, dict[str, Any]]] = []
    for shape in _INPUTS:
        for output, target, activation, kind in _OUTPUTS:
            plain: dict[str, dict[str, Any]] = {
                "model": {"kind": "model", "shape": output[1:], "activation": activation},
                "criterion": {"kind": "criterion"},
                "variable": {"kind": "variable", "shape": output[-1:]},
                "input": {"kind": "input", "shape": shape, "models": list(models)},
                "index": {"kind": "value", "value": 0},
                "target": {"kind": kind, "shape": (shape[0], *target[1:]), "classes": _CLASSES},
            }
            arguments = {name: {"kind": "value", "value": number(name)} if role == "number" else plain[role]
                         for name, role in names.items()}  # fmt: skip
            found.append(arguments)
    return found


def models_of(body: Iterable[ast.stmt]) -> list[str]:
    """Return the names that a step calls or asks for variables: what may tell the shape of its input."""
    pieces = [piece for statement in body for piece in ast.walk(statement)]
    owned = [piece.value.id for piece in pieces if isinstance(piece, ast.Attribute) and piece.attr in _OWNED
             and isinstance(piece.value, ast.Name)]  # fmt: skip
    called = [piece.func.id for piece in pieces if isinstance(piece, ast.Call) and isinstance(piece.func, ast.Name)]
    return list(dict.fromkeys([*owned, *called]))


def _called(call: ast.Call) -> str:
    func = call.func
    if isinstance(func, ast.Attribute) and func.attr in _OWNED:
        func = func.value
    return func.id if isinstance(func, ast.Name) else ""


def _moved(call: ast.Call) -> list[str]:
    func = call.func
    is_shift = isinstance(func, ast.Name) and func.id == "__autofix_shifted"
    return [call.args[0].value] if is_shift and isinstance(call.args[0], ast.Constant) else []  # type: ignore[list-item]
