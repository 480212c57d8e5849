"""Evaluates calls of methods: by the method's name, else by what it is called on, a tensor, an array, a container.

A method of something unknown may be a tensor's own, or a model's.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from autofix.analysis.calls import applies, run_closures, unknown_call
from autofix.analysis.outside import note_writing
from autofix.analysis.results import cut_at, ended, result_of, text_of
from autofix.analysis.run import Call, Handler, Run, registering
from autofix.analysis.syntactic import last_name
from autofix.analysis.values import (
    INERT,
    UNKNOWN,
    Arguments,
    Class,
    Dotted,
    Instance,
    Method,
    Value,
    element_of,
    join,
    live_in,
    sequence,
    strongest,
    uncertain,
)
from autofix.knowledge import effects, naming
from autofix.knowledge.operations import having, last_names
from autofix.model import Kind, Span
from autofix.syntax.spans import span

_CHAIN = last_names("chained")
_SELF = having("returns-model")
"""Methods of a model that give the model itself."""

_SIZES_ONLY = having("arguments-are-sizes")
"""Methods of a tensor whose arguments say only how large the result is, or what is chosen."""

_INTEGER_TYPES = having("integer-type")
_KINDS_OF_PLAIN = {"numpy": Kind.ARRAY, "item": Kind.NUMBER, "tolist": Kind.ARRAY}

METHODS: dict[str, Callable[[Run, Call, Value], Value | None]] = {}


def method(*names: str) -> Callable[[Handler], Handler]:
    """Register `(run, call, receiver) -> Value | None` for methods; None leaves the call to the receiver's kind."""
    return registering(METHODS, names)


@applies(Method)
def _apply_method(run: Run, call: Call, callee: Value, chosen: Method) -> Value:
    run_closures(run, call.arguments.values)
    note_writing(run, chosen.name, (chosen.receiver, *call.arguments.values))
    special = METHODS.get(chosen.name)
    answer = special(run, call, chosen.receiver) if special is not None else None
    return answer if answer is not None else _result_of_method(run, call, chosen.receiver, chosen.name)


def _result_of_method(run: Run, call: Call, base: Value, name: str) -> Value:
    node, arguments = call.node, call.arguments
    if isinstance(base.traits.constant, str):
        return text_of(run, node, arguments.values)
    if isinstance(base.meaning, Instance) and not base.derived:
        if name in _SELF:
            return base
        if isinstance(base.meaning.made_from, Class):
            value = unknown_call(run, node, name, arguments.values)
            return value if run.context.no_grad else uncertain(value)
    if base.kind is Kind.SEQUENCE or base.element is not None:
        answer = _result_of_container(base, name, arguments)
        if answer is not None:
            return answer
    if base.kind in (Kind.ARRAY, Kind.NUMBER):
        return _result_of_array(run, call, base, name)
    if base.unknown and not base.derived and base.kind is Kind.OTHER:
        return _result_of_unknown(run, call, base, name)
    return _result_of_tensor(run, call, base, name)


def _result_of_container(base: Value, name: str, arguments: Arguments) -> Value | None:
    """Return what a method of a list or a dictionary gives; None where it is neither's."""
    element = element_of(base)
    if base.element is not None and name in ("get", "pop"):
        return join((element, *arguments.positional[1:]))
    if base.kind is Kind.SEQUENCE:
        return element if name == "pop" else sequence((element,), known_length=False)
    if name == "items":
        return sequence((sequence((INERT, element)),), known_length=False)
    return sequence((element,), known_length=False) if name == "values" else None


def _result_of_unknown(run: Run, call: Call, base: Value, name: str) -> Value:
    node = call.node
    if name in effects.BREAKING_METHODS or name in _CHAIN:
        return _result_of_tensor(run, call, base, name)
    owner = last_name(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    if name == "step" and naming.is_environment(owner):
        return UNKNOWN  # the world answers an action, and is not differentiable
    made_from = base.meaning.made_from if isinstance(base.meaning, Instance) else None
    if isinstance(made_from, Dotted) and naming.is_model(made_from.name) and name not in effects.SHAPES:
        return result_of(run, node, Kind.TENSOR, (live_in(owner, True), *call.arguments.values))
    value = unknown_call(run, node, name if name != "forward" else last_name(node.func), call.arguments.values)
    belongs_to_model = owner in run.declared.models or naming.is_model(owner)
    return uncertain(value) if belongs_to_model and not run.context.no_grad else value


def _result_of_array(run: Run, call: Call, base: Value, name: str) -> Value:
    operands = (base, *call.arguments.values)
    kind = Kind.NUMBER if name == "item" else Kind.ARRAY
    code, inert = "AF201" if name in effects.INDICES else None, name in effects.SHAPES
    return result_of(run, call.node, kind, operands, callee=f"ndarray.{name}", code=code, inert=inert)


def _result_of_tensor(run: Run, call: Call, base: Value, name: str) -> Value:
    node, arguments = call.node, call.arguments.values
    if name in effects.BREAKING_METHODS:
        return _plain_of_tensor(run, node, base, name)
    if name in _SIZES_ONLY:
        arguments = tuple(each._replace(live=False, cuts=frozenset()) for each in arguments)
    operands, callee = (base, *arguments), f"Tensor.{name}"
    if name in effects.NEW_OF_ITS_KIND:
        return result_of(run, node, Kind.TENSOR, operands, callee=callee, inert=True)
    if name in effects.SHAPES and not (name == "type" and arguments):  # x.type(torch.float32) is a cast
        return result_of(run, node, Kind.NUMBER, operands, callee=callee, inert=True)
    cast_to = call.arguments.first() if name in ("to", "type") else INERT
    to_integer = name in effects.INTEGER_CASTS or is_integer_type(cast_to)
    code = "AF204" if to_integer else effects.discrete(name)
    kind = base.kind if base.kind is Kind.TENSOR else strongest(operands)
    return result_of(run, node, kind, operands, callee=callee, code=code)


def is_integer_type(value: Value) -> bool:
    """Is this a type of whole numbers or truth values: `torch.int64`, `bool`?"""
    return isinstance(value.meaning, Dotted) and value.meaning.name.rpartition(".")[2] in _INTEGER_TYPES


def _plain_of_tensor(run: Run, node: ast.Call, base: Value, name: str) -> Value:
    """`.numpy()`, `.item()` and the like; a `.detach()` just before them is part of the same wish."""
    code, key = effects.BREAKING_METHODS[name], run.positions.key(node)
    chain = _chain(run, node) if code != "AF103" else frozenset()
    before = {cut for cut in base.cuts if cut.code == "AF103" and cut.span in chain}
    roots = frozenset().union(*(run.gradients.cut_off.get(cut, frozenset()) for cut in before))
    kind = _KINDS_OF_PLAIN.get(name, Kind.TENSOR)
    value = result_of(run, node, kind, (base,), callee=f"Tensor.{name}", code=code)
    if not before:
        return value
    merged = value._replace(cuts=(base.cuts - before) | {ended(run, cut_at(run, node, code), roots)})
    run.facts.by_key[key] = run.facts.by_key[key]._replace(value=merged)
    return merged


def _chain(run: Run, node: ast.Call) -> frozenset[Span]:
    """Return where the calls stand whose chain `node` ends: `y.detach()` and `y.detach().cpu()` for `.numpy()`."""
    spans = set()
    inner = node.func.value if isinstance(node.func, ast.Attribute) else node
    while isinstance(inner, (ast.Call, ast.Attribute)):
        func = inner.func if isinstance(inner, ast.Call) else inner
        if not isinstance(func, ast.Attribute) or func.attr not in _CHAIN:
            break
        spans.add(span(run.positions.key(inner)))
        inner = func.value
    return frozenset(spans)
