"""How a factory or a class is called to have the loss: as the module calls it, with defaults, or by guess."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from autofix.knowledge.naming import guess
from autofix.syntax.bindings import FUNCTION_NODES, bound, needed, required_parameters
from autofix.trial.models import attributes_used, called_inside, is_name
from autofix.trial.purity import Purity
from autofix.worker.records import CallArguments

MOST_CALL_SITES = 3
MODEL, VALUES = "__model__", "__values__"


@dataclass(frozen=True)
class Way:
    """The arguments of one call, as expressions in the module's own words."""

    positional: tuple[str, ...] = ()
    named: dict[str, str] = field(default_factory=dict)

    def record(self) -> CallArguments:
        """As the worker takes it."""
        return {"positional": list(self.positional), "named": self.named}

    def sizes(self) -> list[int]:
        """Whole numbers that may be a number of classes."""
        texts = [*self.positional, *self.named.values()]
        return [int(text) for text in texts if text.isdigit() and 2 <= int(text) <= 32]

    def needs(self) -> set[str]:
        texts = [*self.positional, *self.named.values()]
        return {name for text in texts for name in needed(ast.parse(text, mode="eval"))} - {MODEL, VALUES}


def ways_to_call(module: ast.Module, node: ast.AST, name: str, purity: Purity) -> tuple[Way, ...]:
    """The ways to call a function or build a class, the module's own first."""
    module_names = {one for statement in module.body for one in bound(statement)}
    called = [
        way_of(call)
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and calls(call, name) and not purity.objection_of(call.args, frozenset())
    ]
    sites = [way for way in called if way is not None and way.needs() <= module_names | set(purity.imports)]
    required = required_of(node)
    guessed = Way(named={one: guess_from_use(node, one) for one in required})
    unique = [way for number, way in enumerate(sites) if way not in sites[:number]]
    return (*unique[:MOST_CALL_SITES], guessed)


def guess_from_use(node: ast.AST, name: str) -> str:
    """A parameter of a class or a factory: a model where it is called, values where it is asked for some."""
    if isinstance(node, ast.ClassDef) and (attribute := called_inside(node, name)) is not None:
        return f"{MODEL}({'self.' + attribute!r})"
    called = (one.func for one in ast.walk(node) if isinstance(one, ast.Call))
    if isinstance(node, FUNCTION_NODES) and any(is_name(one, name) for one in called):
        return f"{MODEL}({name!r})"
    values = dict(attributes_used([node], name)) | {
        one.removeprefix(f"{name}."): value
        for one, value in attributes_used([node], "self")
        if one.startswith(f"{name}.")
    }
    return f"{VALUES}({values!r})" if values else guess(name)


def calls(call: ast.Call, name: str) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == name


def way_of(call: ast.Call) -> Way | None:
    if any(isinstance(one, ast.Starred) for one in call.args) or any(one.arg is None for one in call.keywords):
        return None
    return Way(
        tuple(ast.unparse(one) for one in call.args),
        {one.arg: ast.unparse(one.value) for one in call.keywords if one.arg is not None},
    )


def required_of(node: ast.AST) -> list[str]:
    """The parameters that a call has to give; `self` is not one of them."""
    if isinstance(node, ast.ClassDef):
        start = next((one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None)
        return required_parameters(start)[1:] if start is not None else []
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    return [one for one in required_parameters(node) if one not in ("self", "cls")]
