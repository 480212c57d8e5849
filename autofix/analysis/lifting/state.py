"""The state of one lift: what the run shows of a training step, and the parameters that were made of it so far."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable
from dataclasses import dataclass, field

from autofix.analysis.record import Fact
from autofix.analysis.run import Run
from autofix.analysis.syntactic import last_name
from autofix.analysis.values import Class, Dotted, Function, Instance, Value
from autofix.knowledge.frameworks import record_of
from autofix.model import Kind, Parameter, Target

_GLOBAL = (Class, Dotted, Function, Instance)


@dataclass(frozen=True)
class Lifted:
    """A module with the function `target` behind it.

    `given` are its parameters, each as the step writes it, at the line where the loss is `asked_at`. `written_at` says
    where in the file the lines of the function stand.
    """

    text: str
    target: Target
    given: tuple[tuple[str, str], ...] = ()
    asked_at: int = 0
    written_at: tuple[tuple[int, int], ...] = ()

    @property
    def sources(self) -> dict[str, Parameter]:
        """What was taken for the result of a model, by how it is written."""
        written = dict(self.given)
        return {written[each.name]: each for each in self.target.parameters if written[each.name] != each.name}


@dataclass
class Lift:
    """One lift of a step's loss, which takes the same arguments as `like`, if that is given.

    `sources` are the parameters by how the step writes what they stand for. `outputs` are the names of what models
    return as an object or a dictionary of tensors; `names` and `stored` are all names of the step, and the attributes
    that it sets. `criteria` are the losses that only the step knows. `guards` counts the blocks around an expression.
    """

    run: Run
    guards: int
    like: Lifted | None
    sources: dict[str, Parameter] = field(default_factory=dict)
    outputs: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    stored: set[str] = field(default_factory=set)
    criteria: dict[str, None] = field(default_factory=dict)
    functions: tuple[Function, ...] = ()

    @property
    def adds_losses(self) -> bool:
        """May a layer add a loss of its own (`add_loss`)? It has no model's output in sight."""
        return record_of(self.run.framework).traces


def new_lift(run: Run, guards: int, like: Lifted | None) -> Lift:
    """Return the state of a lift in which nothing was taken yet; so many `guards` stand around the loss."""
    functions = tuple(each.function for each in run.journal.invocations)
    return Lift(run, guards, like, dict(like.sources) if like is not None else {}, functions=functions)


def fact_of(state: Lift, node: ast.AST) -> Fact | None:
    """Return what the run noted of an expression."""
    return state.run.facts.by_key.get(state.run.positions.key(node)) if hasattr(node, "lineno") else None


def derives(state: Lift, node: ast.AST) -> bool:
    """Is anything in a statement or expression made from a prediction?"""
    facts = (fact_of(state, each) for each in ast.walk(node))
    return any(fact is not None and fact.value.derived for fact in facts)


def is_cut(state: Lift, node: ast.AST) -> bool:
    """Has anything in a statement or expression lost a gradient?"""
    facts = (fact_of(state, each) for each in ast.walk(node))
    return any(fact is not None and fact.value.cuts for fact in facts)


def is_global(state: Lift, name: str) -> bool:
    """Does a name mean to the lifted function what it means to the step: an import, a function, a number?"""
    value = state.run.module.names.get(name)
    if value is None:
        return hasattr(builtins, name)
    if state.like is not None:
        return all(each.name != name for each in state.like.target.parameters)
    return isinstance(value.meaning, _GLOBAL) or value.kind is Kind.NUMBER


def called_by(state: Lift, func: ast.expr) -> ast.stmt | ast.expr | None:
    """Return the function of the project that is called: a gradient that it loses is its own."""
    named = (each.node for each in state.functions if each.qualname.rpartition(".")[2] == last_name(func))
    return next(named, None)


def held_by_object(state: Lift, node: ast.Attribute) -> Iterable[Value]:
    """Return what `self`, or an object of the module, may keep as an attribute."""
    if not isinstance(node.value, ast.Name):
        return ()
    known = state.run.module.names.get(node.value.id)
    owners = [known] if known is not None else []
    if node.value.id == "self":
        owners = [each.receiver for each in state.functions if each.receiver is not None]
    objects = [each.meaning for each in owners if isinstance(each.meaning, Instance)]
    return [each.attributes[node.attr] for each in objects if node.attr in each.attributes]
