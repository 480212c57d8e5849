"""Methods whose result a library differentiates, as the records of the trainers (`knowledge/trainers.py`) say.

Nothing in the file consumes them; their class says who does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from autofix.analysis.syntactic import differentiates, last_name
from autofix.analysis.values import LABEL, LIVE, Arguments, Class, Dotted, Function, Instance, Value
from autofix.knowledge import trainers
from autofix.model import Kind
from autofix.syntax.memo import called_in, nodes_of

_VALUES: dict[trainers.Given, Value] = {"label": LABEL, "prediction": LIVE}


def given_by_library(function: Function) -> Arguments | None:
    """Return the arguments that a library calls this method with to differentiate its result; None for all others."""
    return _given(function, (hook for each in trainers.TRAINERS for hook in each.losses))


def given_to_layer(function: Function) -> Arguments | None:
    """Return the arguments of a layer that adds a loss of its own: activations, which carry a gradient."""
    given = _given(function, (hook for each in trainers.TRAINERS for hook in each.layers))
    return given if given is not None and adds_losses(function.node) else None


def _given(function: Function, hooks: Iterable[trainers.Hook]) -> Arguments | None:
    """Return the arguments of the first of these hooks that a method is; None where it is none of them."""
    name = function.qualname.rpartition(".")[2]
    named = [hook for hook in hooks if hook.method == name]
    bases = tuple(_bases(function)) if named else ()
    hook = next((each for each in named if any(map(each.is_of, bases))), None)
    if hook is None:
        return None
    positional = tuple(_VALUES[each] for each in hook.positional)
    return Arguments(positional, {key: _VALUES[each] for key, each in hook.named.items()})


def is_step(function: Function) -> bool:
    """Is this a method that asks for a loss and hands it to a library, as Lightning's `training_step` does?"""
    return function.qualname.rpartition(".")[2] in trainers.RETURNING and "." in function.qualname


def adds_losses(node: ast.AST) -> bool:
    """Does a module or a layer add losses to a model itself? Its `compile(loss=…)` may then be a dummy."""
    return any(each.attr in trainers.ADDS for each in nodes_of(node, ast.Attribute))


def differentiated(result: Value) -> Value:
    """Return the loss in what such a method returns: itself, the entry `loss` of a dictionary, the first of a tuple."""
    keys = result.traits.constant
    if result.items and isinstance(keys, tuple) and trainers.LOSS_ENTRY in keys:
        return result.items[keys.index(trainers.LOSS_ENTRY)]
    return result.items[0] if result.items and result.kind is Kind.SEQUENCE else result


def calling_steps(functions: Sequence[Function]) -> list[Function]:
    """Return the functions that call a training step of this file: those who know what it is given."""
    steps = {each.qualname.rpartition(".")[2] for each in functions if differentiates(each.node)}
    return [each for each in functions if _calls(each.node, steps - {each.qualname.rpartition(".")[2]})]


def _calls(node: ast.AST, names: set[str]) -> bool:
    return bool(names) and any(last_name(func) in names for func in called_in(node))


def _bases(function: Function) -> Iterator[str]:
    """Yield the canonical names of the classes from outside that the class of a method inherits from."""
    receiver = function.receiver.meaning if function.receiver is not None else None
    waiting = [receiver.made_from] if isinstance(receiver, Instance) else []
    while waiting:
        each = waiting.pop()
        if isinstance(each, Dotted):
            yield each.name
        elif isinstance(each, Class):
            waiting += [base.meaning for base in each.bases if isinstance(base.meaning, (Class, Dotted))]
