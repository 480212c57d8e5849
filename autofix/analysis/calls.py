"""Evaluates calls: functions of this file are followed, known operations keep or end a gradient, others are unknown."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace

from autofix.analysis import effects, words
from autofix.analysis.expressions import Expressions
from autofix.analysis.facts import Fact, span
from autofix.analysis.values import (
    INERT,
    LIVE,
    NUMBER,
    UNKNOWN,
    Class,
    Dotted,
    Function,
    Instance,
    Method,
    Scope,
    Value,
    element_of,
    join,
    sequence,
    strongest,
)
from autofix.model import Kind, Span

_INTEGER_TYPES = frozenset(
    "int long short bool uint8 int8 int16 int32 int64 intp int_ bool_ "
    "LongTensor IntTensor BoolTensor ByteTensor".split()
)
_CHAIN = frozenset("detach cpu clone contiguous to float double data cuda".split())
_TRANSPARENT = frozenset(
    "torch.jit.script torch.jit.trace torch.compile torch.vmap tensorflow.function functools.partial functools.wraps "
    "tensorflow.autograph.experimental.do_not_convert keras.saving.register_keras_serializable".split()
)


@dataclass(frozen=True)
class Arguments:
    """The evaluated arguments of one call."""

    positional: tuple[Value, ...]
    keywords: dict[str, Value]

    @property
    def values(self) -> tuple[Value, ...]:
        """Every argument, in the order written."""
        return (*self.positional, *self.keywords.values())

    def first(self, keyword: str = "") -> Value:
        """Return the first positional argument, or the one called `keyword`."""
        return self.positional[0] if self.positional else self.keywords.get(keyword, INERT)


class Calls(Expressions):
    """Evaluation of calls."""

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        callee = self._callee(node.func, scope)
        arguments = self._arguments(node, scope)
        return self.apply(node, callee, arguments, scope)

    def _callee(self, func: ast.expr, scope: Scope) -> Value:
        if not isinstance(func, ast.Attribute):
            return self.evaluate(func, scope)
        base = self.evaluate(func.value, scope)
        known = self.member(base, func.attr)
        if known is not None:
            return known
        if isinstance(base.meaning, Dotted) and not base.derived:
            return self.attribute(func, base)
        return Value(meaning=Method(base, func.attr))

    def _arguments(self, node: ast.Call, scope: Scope) -> Arguments:
        positional: list[Value] = []
        for each in node.args:
            value = self.evaluate(each, scope)
            if isinstance(each, ast.Starred):
                whole = self.evaluate(each.value, scope)
                positional += whole.items if whole.items is not None else [element_of(whole)]
            else:
                positional.append(value)
        keywords = {each.arg or "**": self.evaluate(each.value, scope) for each in node.keywords}
        return Arguments(tuple(positional), keywords)

    def apply(self, node: ast.Call, callee: Value, arguments: Arguments, scope: Scope) -> Value:
        """Return the value of calling `callee`."""
        meaning = callee.meaning
        if isinstance(meaning, Function):
            result = self.invoke(meaning, arguments, node)
            self.facts.note(self.positions.key(node), Fact(result, arguments.values))
            return result
        if isinstance(meaning, Class):
            return self._instantiate(meaning, arguments, node)
        if isinstance(meaning, Instance):
            return self._call_instance(node, callee, meaning, arguments, scope)
        if isinstance(meaning, Method):
            return self._method(node, meaning, arguments, scope)
        if isinstance(meaning, Dotted):
            return self._dotted(node, meaning.name, arguments, scope)
        return self._unknown(node, last_name(node.func), (callee, *arguments.values))

    def invoke(self, function: Function, arguments: Arguments, node: ast.AST) -> Value:
        """Return what a function of this file returns for these arguments."""
        raise NotImplementedError

    def consume(self, node: ast.AST, value: Value) -> None:
        """Write down that `value` is what gets differentiated at `node`."""
        raise NotImplementedError

    def _instantiate(self, cls: Class, arguments: Arguments, node: ast.Call) -> Value:
        made = Value(meaning=Instance(cls))
        init = self.member(made, "__init__")
        if init is not None and isinstance(init.meaning, Function):
            self.invoke(init.meaning, arguments, node)
        return made

    def _call_instance(
        self, node: ast.Call, callee: Value, instance: Instance, arguments: Arguments, scope: Scope
    ) -> Value:
        made_from = instance.made_from
        if isinstance(made_from, Class):
            for name in ("forward", "call", "__call__"):
                method = self.member(callee, name)
                if method is not None and isinstance(method.meaning, Function):
                    result = self.invoke(method.meaning, arguments, node)
                    if not result.derived and result.unknown and _has_parameters(instance):
                        result = self.in_context(LIVE, node)
                    self.facts.note(self.positions.key(node), Fact(result, arguments.values))
                    return result
            return self._unknown(node, made_from.qualname, (callee, *arguments.values))
        last = made_from.name.rpartition(".")[2]
        if last in effects.PARAMETRIC or (not effects.framework_of(made_from.name) and words.is_model(last)):
            return self.made(node, Kind.TENSOR, (LIVE, *arguments.values))
        if effects.framework_of(made_from.name):
            return self.made(node, Kind.TENSOR, arguments.values)
        return self._unknown(node, last, arguments.values)

    def _unknown(self, node: ast.Call, name: str, operands: tuple[Value, ...]) -> Value:
        """A call of something that cannot be followed: it may hold parameters of its own, so a cut proves nothing."""
        if name[:1].isupper():
            return replace(UNKNOWN, meaning=Instance(Dotted(name)))
        if words.is_model(name) and not words.is_loss(name):
            return self.made(node, Kind.TENSOR, (LIVE, *operands))
        if any(operand.live for operand in operands) or (
            words.is_loss(name) and any(each.derived for each in operands)
        ):
            return self.made(node, strongest(operands), operands)
        return replace(UNKNOWN, kind=Kind.TENSOR if strongest(operands) is Kind.TENSOR else Kind.OTHER)

    def _method(self, node: ast.Call, method: Method, arguments: Arguments, scope: Scope) -> Value:
        base, name = method.receiver, method.name
        special: Callable[..., Value | None] | None = getattr(self, f"_method_{name}", None)
        if special is not None:
            answer: Value | None = special(node, base, arguments, scope)
            if answer is not None:
                return answer
        if base.kind is Kind.SEQUENCE or (base.element is not None and name in ("items", "values", "get", "pop")):
            return element_of(base) if name == "pop" else sequence((element_of(base),), known_length=False)
        if base.kind in (Kind.ARRAY, Kind.NUMBER):
            return self._array_method(node, base, name, arguments)
        if base.unknown and not base.derived and base.kind is Kind.OTHER:
            return self._method_of_unknown(node, base, name, arguments)
        return self._tensor_method(node, base, name, arguments)

    def _method_of_unknown(self, node: ast.Call, base: Value, name: str, arguments: Arguments) -> Value:
        if name in effects.BREAKING_METHODS or name in _CHAIN:
            return self._tensor_method(node, base, name, arguments)
        made_from = base.meaning.made_from if isinstance(base.meaning, Instance) else None
        if isinstance(made_from, Dotted) and words.is_model(made_from.name) and name not in effects.SHAPES:
            return self.made(node, Kind.TENSOR, (LIVE, *arguments.values))
        return self._unknown(node, name if name != "forward" else last_name(node.func), arguments.values)

    def _array_method(self, node: ast.Call, base: Value, name: str, arguments: Arguments) -> Value:
        operands = (base, *arguments.values)
        kind = Kind.NUMBER if name == "item" else Kind.ARRAY
        return self.made(node, kind, operands, callee=f"ndarray.{name}", inert=name in effects.SHAPES)

    def _tensor_method(self, node: ast.Call, base: Value, name: str, arguments: Arguments) -> Value:
        operands, callee = (base, *arguments.values), f"Tensor.{name}"
        if name in effects.BREAKING_METHODS:
            return self._broken(node, base, name)
        if name in effects.SHAPES:
            return self.made(node, Kind.NUMBER, operands, callee=callee, inert=True)
        to_integer = name in effects.INTEGER_CASTS or (name in ("to", "type") and _integer_type(arguments.first()))
        code = "AF204" if to_integer else effects.discrete(name)
        kind = base.kind if base.kind is Kind.TENSOR else strongest(operands)
        return self.made(node, kind, operands, callee=callee, code=code)

    def _broken(self, node: ast.Call, base: Value, name: str) -> Value:
        """`.numpy()`, `.item()` and the like; a `.detach()` just before them is part of the same wish."""
        code, key = effects.BREAKING_METHODS[name], self.positions.key(node)
        kind = {"numpy": Kind.ARRAY, "item": Kind.NUMBER, "tolist": Kind.ARRAY}.get(name, Kind.TENSOR)
        chain = self._chain(node) if code != "AF103" else frozenset()
        before = {cut for cut in base.cuts if cut.code == "AF103" and cut.span in chain}
        value = self.made(node, kind, (base,), callee=f"Tensor.{name}", code=code)
        if not before:
            return value
        merged = replace(value, cuts=(base.cuts - before) | {self.cut(key, code, node)})
        self.facts.by_key[key] = replace(self.facts.by_key[key], value=merged)
        return merged

    def _chain(self, node: ast.Call) -> frozenset[Span]:
        """Return where the calls stand whose chain `node` ends: `y.detach()` and `y.detach().cpu()` for `.numpy()`."""
        spans = set()
        inner = node.func.value if isinstance(node.func, ast.Attribute) else node
        while isinstance(inner, (ast.Call, ast.Attribute)):
            func = inner.func if isinstance(inner, ast.Call) else inner
            if not isinstance(func, ast.Attribute) or func.attr not in _CHAIN:
                break
            spans.add(span(self.positions.key(inner)))
            inner = func.value
        return frozenset(spans)

    def _dotted(self, node: ast.Call, name: str, arguments: Arguments, scope: Scope) -> Value:
        package, last = effects.package_of(name), name.rpartition(".")[2]
        special: Callable[..., Value | None] | None = getattr(self, "_call_" + name.replace(".", "_"), None)
        if special is not None:
            answer: Value | None = special(node, arguments, scope)
            if answer is not None:
                return answer
        if name in _TRANSPARENT:
            return arguments.first() if arguments.positional else Value(meaning=Dotted(name))
        if package == "builtins":
            return self._builtin(node, last, arguments)
        if package in effects.LEAVERS:
            return self._leaver(node, name, last, arguments)
        if effects.framework_of(name):
            return self._framework_call(node, name, last, arguments)
        return self._unknown(node, last, arguments.values)

    def _leaver(self, node: ast.Call, name: str, last: str, arguments: Arguments) -> Value:
        operands, package = _without_condition(last, arguments), effects.package_of(name)
        if last in effects.SHAPES or last in effects.CONSTANTS or ".random." in name:
            kind = Kind.NUMBER if last in effects.SHAPES else Kind.ARRAY
            return self.made(node, kind, operands, callee=name, inert=True)
        tensor = any(operand.live and operand.kind in (Kind.TENSOR, Kind.OTHER) for operand in operands)
        if self.framework == "torch" and tensor and last in effects.NUMPY_KEEPS_TORCH_GRAPH:
            return self.made(node, Kind.TENSOR, operands, callee="")
        code = effects.discrete(last) or effects.BREAKERS.get(name) or effects.LEAVERS[package]
        all_numbers = all(operand.kind in (Kind.NUMBER, Kind.OTHER) and not operand.derived for operand in operands)
        kind = Kind.NUMBER if package in ("math", "statistics") or (all_numbers and operands) else Kind.ARRAY
        return self.made(node, kind, operands, callee=name, code=code)

    def _framework_call(self, node: ast.Call, name: str, last: str, arguments: Arguments) -> Value:
        operands = _without_condition(last, arguments)
        if last[:1].isupper() and name not in effects.BREAKERS and not name.endswith("Tensor"):
            made = join(operands) if operands else INERT
            return Value(live=made.live, cuts=made.cuts, meaning=Instance(Dotted(name)), makers=made.makers)
        if last in effects.SHAPES:
            return self.made(node, Kind.NUMBER, operands, callee=name, inert=True)
        if last in effects.CONSTANTS:
            asked = any(each.arg == "requires_grad" and is_true(each.value) for each in node.keywords)
            return LIVE if asked else self.made(node, Kind.TENSOR, operands, callee=name, inert=True)
        code = effects.discrete(last) or effects.BREAKERS.get(name)
        if last == "cast" and any(_integer_type(operand) for operand in operands):
            code = "AF204"
        kind = Kind.ARRAY if code == "AF102" else Kind.TENSOR
        return self.made(node, kind, operands, callee=name, code=code)

    def _builtin(self, node: ast.Call, last: str, arguments: Arguments) -> Value:
        operands, name = arguments.values, f"builtins.{last}"
        code = effects.BREAKERS.get(name)
        if code:
            return self.made(node, Kind.NUMBER, operands, callee=name, code=code)
        if last in ("abs", "pow", "divmod"):
            return self.made(node, strongest(operands), operands, callee=name)
        if last in ("sum", "max", "min", "next"):
            parts = [element_of(each) if each.kind is Kind.SEQUENCE else each for each in operands]
            return self.made(node, strongest(parts), parts, callee="")
        if last in ("list", "tuple", "sorted", "reversed", "iter", "set", "filter"):
            return replace(arguments.first(), meaning=None)
        if last == "zip":
            return sequence((sequence([element_of(each) for each in operands]),), known_length=False)
        if last == "enumerate":
            return sequence((sequence((NUMBER, element_of(arguments.first()))),), known_length=False)
        if last == "map" and operands:
            parts = [element_of(each) for each in operands[1:]]
            mapped = self.apply(node, operands[0], Arguments(tuple(parts), {}), Scope())
            return sequence((mapped,), known_length=False)
        if last == "range":
            return sequence((NUMBER,), known_length=False)
        return NUMBER if last in ("len", "int", "id", "hash", "isinstance") else INERT


def _without_condition(last: str, arguments: Arguments) -> tuple[Value, ...]:
    """Return the operands of a call; the condition of a `where` selects and carries no gradient itself."""
    values = arguments.values
    if last not in ("where", "select", "cond") or len(values) < 3:
        return values
    return (replace(values[0], live=False, cuts=frozenset()), *values[1:])


def last_name(node: ast.expr) -> str:
    """Return the name that a callee is known by: `actor` of `self.actor`, `net` of `net.forward`."""
    if isinstance(node, ast.Attribute):
        return last_name(node.value) if node.attr in ("forward", "call", "module", "apply") else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _integer_type(value: Value) -> bool:
    return isinstance(value.meaning, Dotted) and value.meaning.name.rpartition(".")[2] in _INTEGER_TYPES


def _has_parameters(instance: Instance) -> bool:
    meanings = (value.meaning for value in instance.attributes.values())
    made_from = [meaning.made_from for meaning in meanings if isinstance(meaning, Instance)]
    layers = any(isinstance(each, Dotted) and each.name.rpartition(".")[2] in effects.PARAMETRIC for each in made_from)
    return (
        layers
        or any(value.live for value in instance.attributes.values())
        or any(isinstance(each, Class) for each in made_from)
    )


def is_true(node: ast.expr) -> bool:
    """Is this the literal True?"""
    return isinstance(node, ast.Constant) and node.value is True
