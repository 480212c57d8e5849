"""Evaluates calls of libraries: NumPy and its like leave the graph, the framework's own functions mostly keep it."""

from __future__ import annotations

import ast

from autofix.analysis.calls import apply, call_in, call_of
from autofix.analysis.method_calls import is_integer_type
from autofix.analysis.outside import note_writing
from autofix.analysis.results import result_of, text_of
from autofix.analysis.run import Call, Run
from autofix.analysis.values import (
    INERT,
    LIVE,
    NUMBER,
    Arguments,
    Dotted,
    Instance,
    Scope,
    Traits,
    Value,
    element_of,
    join,
    sequence,
    strongest,
)
from autofix.knowledge import effects
from autofix.knowledge.frameworks import PACKAGES, record_of
from autofix.knowledge.libraries import TEXTS
from autofix.knowledge.operations import having
from autofix.model import Kind

_LISTS = having("lists-layers")

_ARRAYS_OF_ANYTHING = having("of-anything")


@call_in(*effects.LEAVERS)
def _function_of_arrays(run: Run, call: Call, name: str) -> Value:
    """Return what NumPy, `math` and their like give: out of the graph, an array or a number."""
    last = name.rpartition(".")[2]
    operands, package = _without_condition(last, call.arguments), effects.package_of(name)
    if last in effects.SHAPES or not effects.CONSTANTS.isdisjoint((last, name)) or ".random." in name:
        kind = Kind.NUMBER if last in effects.SHAPES else Kind.ARRAY
        return result_of(run, call.node, kind, operands, callee=name, inert=True)
    tensor = any(operand.live and operand.kind in (Kind.TENSOR, Kind.OTHER) for operand in operands)
    if record_of(run.framework).numpy_keeps_gradient and tensor and last in effects.NUMPY_KEEPS_TORCH_GRAPH:
        return result_of(run, call.node, Kind.TENSOR, operands)
    note_writing(run, last, operands)
    code = effects.discrete(last) or effects.BREAKERS.get(name) or effects.LEAVERS[package]
    all_numbers = all(operand.kind in (Kind.NUMBER, Kind.OTHER) and not operand.derived for operand in operands)
    numbers = all_numbers and operands and last not in _ARRAYS_OF_ANYTHING
    kind = Kind.NUMBER if package in ("math", "statistics") or numbers else Kind.ARRAY
    return result_of(run, call.node, kind, operands, callee=name, code=code)


@call_in(*PACKAGES)
def _function_of_framework(run: Run, call: Call, name: str) -> Value:
    last, node = name.rpartition(".")[2], call.node
    operands = _without_condition(last, call.arguments)
    if last[:1].isupper() and name not in effects.BREAKERS and not name.endswith("Tensor"):
        return _object_of_framework(call, name, operands)
    if last in effects.SHAPES:
        return result_of(run, node, Kind.NUMBER, operands, callee=name, inert=True)
    if last in effects.CONSTANTS:
        value = result_of(run, node, Kind.TENSOR, operands, callee=name, inert=True)
        return LIVE._replace(traits=value.traits) if requires_grad(node) else value
    code = effects.discrete(last) or effects.BREAKERS.get(name)
    if last == "cast" and any(is_integer_type(operand) for operand in operands):
        code = "AF204"
    kind = Kind.ARRAY if code == "AF102" else Kind.TENSOR
    return result_of(run, node, kind, operands, callee=name, code=code)


def _object_of_framework(call: Call, name: str, operands: tuple[Value, ...]) -> Value:
    joined = join(operands)
    instance = Instance(Dotted(name), arguments=call.arguments, node=call.node)
    if name.rpartition(".")[2] in _LISTS and operands:
        return Value(
            meaning=instance,
            element=element_of(operands[0]),
            items=operands[0].items,
            makers=joined.makers,
            live=joined.live,
            cuts=joined.cuts,
            weights=joined.weights,
            traits=Traits(constant=operands[0].traits.constant),
        )
    return Value(live=joined.live, cuts=joined.cuts, meaning=instance, makers=joined.makers, weights=joined.weights)


def _without_condition(last: str, arguments: Arguments) -> tuple[Value, ...]:
    """Return the operands of a call; the condition of a `where` selects and carries no gradient itself."""
    values = arguments.values
    if last not in ("where", "select", "cond") or len(values) < 3:
        return values
    return (values[0]._replace(live=False, cuts=frozenset()), *values[1:])


def requires_grad(node: ast.Call) -> bool:
    """Is this called with `requires_grad=True`?"""
    return any(each.arg == "requires_grad" and isinstance(each.value, ast.Constant) and each.value.value is True
               for each in node.keywords)  # fmt: skip


@call_in("builtins")
def _builtin(run: Run, call: Call, name: str) -> Value:
    code, operands = effects.BREAKERS.get(name), call.arguments.values
    if name.removeprefix("builtins.") in TEXTS:
        return text_of(run, call.node, operands)
    return result_of(run, call.node, Kind.NUMBER, operands, callee=name, code=code) if code else INERT


@call_of("builtins.abs", "builtins.pow", "builtins.divmod")
def _arithmetic(run: Run, call: Call, name: str) -> Value:
    operands = call.arguments.values
    return result_of(run, call.node, strongest(operands), operands, callee=name)


@call_of("builtins.next")
def _next(run: Run, call: Call, name: str) -> Value:
    inner = element_of(call.arguments.first())
    if inner.kind is Kind.SEQUENCE:
        return inner  # a batch: its parts are no one value
    return _of_elements(run, call, name)


@call_of("builtins.sum", "builtins.max", "builtins.min")
def _of_elements(run: Run, call: Call, name: str) -> Value:
    operands = call.arguments.values
    parts = [element_of(each) if each.kind is Kind.SEQUENCE else each for each in operands]
    is_known = name in ("builtins.max", "builtins.min") and _bounds(call.node, operands)
    return result_of(run, call.node, strongest(parts), parts, callee=name if is_known else "")


def _bounds(node: ast.Call, operands: tuple[Value, ...]) -> bool:
    """Is this `max(0, x)`, which is a plain number where the prediction is out of bounds?"""
    numbers = [each for each in operands if each.kind is Kind.NUMBER and not each.derived]
    return len(node.args) == len(operands) == 2 and len(numbers) == 1 and any(each.derived for each in operands)


@call_of("builtins.len")
def _len(run: Run, call: Call, name: str) -> Value:
    operands = call.arguments.values
    if strongest(operands) not in (Kind.TENSOR, Kind.ARRAY):
        return NUMBER
    return result_of(run, call.node, Kind.NUMBER, operands, callee=name, inert=True)


@call_of("builtins.id", "builtins.hash", "builtins.isinstance")
def _number(run: Run, call: Call, name: str) -> Value:
    return NUMBER


@call_of("builtins.list", "builtins.tuple", "builtins.sorted", "builtins.reversed", "builtins.iter", "builtins.set",
         "builtins.filter")  # fmt: skip
def _same_elements(run: Run, call: Call, name: str) -> Value:
    return call.arguments.first()._replace(meaning=None)


@call_of("builtins.zip")
def _zip(run: Run, call: Call, name: str) -> Value:
    return sequence((sequence([element_of(each) for each in call.arguments.values]),), known_length=False)


@call_of("builtins.enumerate")
def _enumerate(run: Run, call: Call, name: str) -> Value:
    return sequence((sequence((NUMBER, element_of(call.arguments.first()))),), known_length=False)


@call_of("builtins.map")
def _map(run: Run, call: Call, name: str) -> Value | None:
    operands = call.arguments.values
    if not operands:
        return None
    parts = tuple(element_of(each) for each in operands[1:])
    mapped = apply(run, Call(call.node, Arguments(parts, {}), Scope()), operands[0])
    return sequence((mapped,), known_length=False)


@call_of("builtins.range")
def _range(run: Run, call: Call, name: str) -> Value:
    return sequence((NUMBER,), known_length=False)
