"""Evaluates calls of libraries: NumPy and its like leave the graph, the framework's own functions mostly keep it."""

from __future__ import annotations

import ast

from autofix.analysis.expressions import Expressions
from autofix.analysis.values import (
    INERT,
    LIVE,
    NUMBER,
    Arguments,
    Dotted,
    Instance,
    Scope,
    Value,
    element_of,
    join,
    sequence,
    strongest,
)
from autofix.knowledge import effects
from autofix.model import Kind

_INTEGER_TYPES = frozenset(
    "int long short bool uint8 int8 int16 int32 int64 intp int_ bool_ "
    "LongTensor IntTensor BoolTensor ByteTensor".split()
)


class LibraryCalls(Expressions):
    """Calls of what comes from outside the file, by canonical name."""

    def apply(self, node: ast.Call, callee: Value, arguments: Arguments, scope: Scope) -> Value:
        """Return the value of calling `callee`."""
        raise NotImplementedError

    def leaver(self, node: ast.Call, name: str, last: str, arguments: Arguments) -> Value:
        operands, package = _without_condition(last, arguments), effects.package_of(name)
        if last in effects.SHAPES or last in effects.CONSTANTS or ".random." in name:
            kind = Kind.NUMBER if last in effects.SHAPES else Kind.ARRAY
            return self.made(node, kind, operands, callee=name, inert=True)
        tensor = any(operand.live and operand.kind in (Kind.TENSOR, Kind.OTHER) for operand in operands)
        if self.framework == "torch" and tensor and last in effects.NUMPY_KEEPS_TORCH_GRAPH:
            return self.made(node, Kind.TENSOR, operands, callee="")
        code = effects.discrete(last) or effects.BREAKERS.get(name) or effects.LEAVERS[package]
        all_numbers = all(operand.kind in (Kind.NUMBER, Kind.OTHER) and not operand.derived for operand in operands)
        numbers = all_numbers and operands and last not in ("array", "asarray", "asanyarray")
        kind = Kind.NUMBER if package in ("math", "statistics") or numbers else Kind.ARRAY
        return self.made(node, kind, operands, callee=name, code=code)

    def framework_call(self, node: ast.Call, name: str, last: str, arguments: Arguments) -> Value:
        operands = _without_condition(last, arguments)
        if last[:1].isupper() and name not in effects.BREAKERS and not name.endswith("Tensor"):
            made = join(operands) if operands else INERT
            instance = Instance(Dotted(name), arguments=arguments, node=node)
            return Value(live=made.live, cuts=made.cuts, meaning=instance, makers=made.makers)
        if last in effects.SHAPES:
            return self.made(node, Kind.NUMBER, operands, callee=name, inert=True)
        if last in effects.CONSTANTS:
            asked = any(each.arg == "requires_grad" and is_true(each.value) for each in node.keywords)
            value = self.made(node, Kind.TENSOR, operands, callee=name, inert=True)
            return LIVE._replace(traits=value.traits) if asked else value
        code = effects.discrete(last) or effects.BREAKERS.get(name)
        if last == "cast" and any(integer_type(operand) for operand in operands):
            code = "AF204"
        kind = Kind.ARRAY if code == "AF102" else Kind.TENSOR
        return self.made(node, kind, operands, callee=name, code=code)

    def builtin(self, node: ast.Call, last: str, arguments: Arguments) -> Value:
        operands, name = arguments.values, f"builtins.{last}"
        code = effects.BREAKERS.get(name)
        if code:
            return self.made(node, Kind.NUMBER, operands, callee=name, code=code)
        if last in ("abs", "pow", "divmod"):
            return self.made(node, strongest(operands), operands, callee=name)
        if last == "next" and element_of(arguments.first()).kind is Kind.SEQUENCE:
            return element_of(arguments.first())  # a batch: its parts are no one value
        if last in ("sum", "max", "min", "next"):
            parts = [element_of(each) if each.kind is Kind.SEQUENCE else each for each in operands]
            bounds = last in ("max", "min") and _bounds(node, operands)
            return self.made(node, strongest(parts), parts, callee=name if bounds else "")
        if last == "len" and strongest(operands) in (Kind.TENSOR, Kind.ARRAY):
            return self.made(node, Kind.NUMBER, operands, callee=name, inert=True)
        if last in ("list", "tuple", "sorted", "reversed", "iter", "set", "filter"):
            return arguments.first()._replace(meaning=None)
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


def _bounds(node: ast.Call, operands: tuple[Value, ...]) -> bool:
    """Is this `max(0, x)`, which is a plain number where the prediction is out of bounds?"""
    numbers = [each for each in operands if each.kind is Kind.NUMBER and not each.derived]
    return len(node.args) == len(operands) == 2 and len(numbers) == 1 and any(each.derived for each in operands)


def _without_condition(last: str, arguments: Arguments) -> tuple[Value, ...]:
    """Return the operands of a call; the condition of a `where` selects and carries no gradient itself."""
    values = arguments.values
    if last not in ("where", "select", "cond") or len(values) < 3:
        return values
    return (values[0]._replace(live=False, cuts=frozenset()), *values[1:])


def integer_type(value: Value) -> bool:
    return isinstance(value.meaning, Dotted) and value.meaning.name.rpartition(".")[2] in _INTEGER_TYPES


def is_true(node: ast.expr) -> bool:
    """Is this the literal True?"""
    return isinstance(node, ast.Constant) and node.value is True
