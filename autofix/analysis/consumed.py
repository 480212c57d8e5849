"""What is wrong with the value that is differentiated itself: it is no single number, or no prediction is in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from autofix.analysis import words
from autofix.analysis.facts import Invocation
from autofix.analysis.interpreter import Consumption, Interpreter
from autofix.analysis.remembered import nodes_of
from autofix.analysis.values import LABEL, LIVE, Arguments, Function, Value
from autofix.model import Cut, Kind


def faults_of(consumption: Consumption, interpreter: Interpreter) -> Iterator[tuple[Cut, Invocation | None]]:
    """Yield what is wrong with one consumed value, and the call of the loss that is to blame, if there is one."""
    value, node = consumption.value, consumption.node
    same = [each for each in interpreter.consumed if each.node is node]
    if interpreter.framework == "torch" and all(_is_several(each) for each in same):
        yield interpreter.cut(interpreter.positions.key(node), "AF205", node), None
    if not value.derived and not adds_losses(interpreter.tree):
        for invocation in interpreter.invocations:
            if _made_by(value, invocation) and _ignores_prediction(invocation, interpreter):
                yield _cut_of_result(invocation, interpreter), invocation
                return


def _is_several(consumption: Consumption) -> bool:
    """Is this a live value of two elements or more, without the weights that would make one number of them?"""
    return consumption.value.live and consumption.value.traits.shape.many and not consumption.weighted


def adds_losses(tree: ast.Module) -> bool:
    """Does a module add losses to a model itself? Its `compile(loss=…)` may then be a dummy."""
    return any(node.attr == "add_loss" for node in nodes_of(tree, ast.Attribute))


def _made_by(value: Value, invocation: Invocation) -> bool:
    result = invocation.result
    return not result.derived and (value is result or (bool(result.makers) and result.makers <= value.makers))


def _ignores_prediction(invocation: Invocation, interpreter: Interpreter) -> bool:
    """Does a loss that is given a prediction return something made of the target alone?

    It is run twice more: with targets for all that is called a target, and with the roles of the two changed. A value
    that moves with the target only is a mistake; one that moves with neither is a dummy.
    """
    function, given = invocation.function, dict(invocation.arguments)
    if not any(value.live for value in given.values()) or isinstance(function.node, ast.Lambda):
        return False
    plain = {name: _as_target(name, value) for name, value in given.items()}
    result = _again(function, plain, interpreter)
    if result.derived or result.unknown or result.kind not in (Kind.TENSOR, Kind.ARRAY):
        return False
    turned = {name: value._replace(live=False) if value.live else _turned(value) for name, value in plain.items()}
    return _again(function, turned, interpreter).live


def _as_target(name: str, value: Value) -> Value:
    plain = value.meaning is None and not value.derived
    return LABEL._replace(traits=value.traits) if plain and words.is_ground_truth(name) else value


def _turned(value: Value) -> Value:
    return LIVE if value.kind is Kind.TENSOR and value.meaning is None else value


def _again(function: Function, given: dict[str, Value], interpreter: Interpreter) -> Value:
    """Return what a function gives for these arguments, leaving no trace in what was met."""
    invocations, by_key = list(interpreter.invocations), dict(interpreter.facts.by_key)
    bare = replace(function, receiver=None)
    try:
        return interpreter.invoke(bare, Arguments((), given))
    finally:
        interpreter.invocations[:] = invocations
        interpreter.facts.by_key = by_key


def _cut_of_result(invocation: Invocation, interpreter: Interpreter) -> Cut:
    """Return the fault at the last expression that the function returns."""
    function = invocation.function.node
    returned = [each.value for each in ast.walk(function) if isinstance(each, ast.Return) and each.value is not None]
    node = max(returned, key=lambda each: each.lineno) if returned else function
    return interpreter.cut(interpreter.positions.key(node), "AF208", node)
