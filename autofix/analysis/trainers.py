"""Methods whose result a library differentiates: Lightning's `training_step`, a Trainer's `compute_loss`, Keras losses.

Nothing in the file consumes them; their class says who does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autofix.analysis.syntactic import differentiates, last_name
from autofix.analysis.values import LABEL, LIVE, Arguments, Class, Dotted, Function, Instance, Value
from autofix.knowledge.operations import having
from autofix.model import Kind
from autofix.syntax.memo import called_in, nodes_of

_NOTHING = Arguments((), {})
_KERAS = Arguments((LABEL, LIVE), {})


def given_by_library(function: Function) -> Arguments | None:
    """Return the arguments that a library calls this method with to differentiate its result; None for all others."""
    name = function.qualname.rpartition(".")[2]
    bases = tuple(_bases(function))
    if name == "training_step" and any(base.endswith("LightningModule") for base in bases):
        return _NOTHING
    if name == "compute_loss" and any(base.startswith("transformers.") and base.endswith("Trainer") for base in bases):
        return _NOTHING
    if name == "compute_loss" and any(base.startswith("keras.") for base in bases):
        return Arguments((), {"y": LABEL, "y_pred": LIVE})
    if name == "call" and any(base.startswith("keras.losses.") for base in bases):
        return _KERAS
    return None


def is_step(function: Function) -> bool:
    """Is this a method that asks for a loss and hands it to a library, as Lightning's `training_step` does?"""
    return function.qualname.rpartition(".")[2] in having("returns-loss") and "." in function.qualname


def given_to_layer(function: Function) -> Arguments | None:
    """Return the arguments of a layer that adds a loss of its own: activations, which carry a gradient."""
    name = function.qualname.rpartition(".")[2]
    if name != "call" or not any(base.startswith("keras.") for base in _bases(function)):
        return None
    adds = any(each.attr == "add_loss" for each in nodes_of(function.node, ast.Attribute))
    return Arguments((LIVE,), {}) if adds else None


def differentiated(result: Value) -> Value:
    """Return the loss in what such a method returns: itself, the entry `loss` of a dictionary, the first of a tuple."""
    keys = result.traits.constant
    if result.items and isinstance(keys, tuple) and "loss" in keys:
        return result.items[keys.index("loss")]
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
