"""One operation as the traits see it: its plain name, whatever the framework, and its operands by place and by name."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from autofix.analysis.values import Value
from autofix.knowledge.effects import plain_name

_OPERATORS = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.MatMult: "matmul",
}  # fmt: skip


class Operation(NamedTuple):
    """An operation: `name` is the last part of its name (`mean` for `tf.reduce_mean` too), empty where not known."""

    name: str
    operands: tuple[Value, ...]
    named: Mapping[str, Value]
    node: ast.AST | None

    def argument(self, place: int, *names: str) -> Value | None:
        """Return the argument given at `place` or under one of `names`; None where it was left out."""
        if place < len(self.operands):
            return self.operands[place]
        return next((self.named[name] for name in names if name in self.named), None)

    def constant(self, place: int, *names: str) -> object:
        """Return the literal given there; None where there is none."""
        given = self.argument(place, *names)
        return given.traits.constant if given is not None else None


def operation(node: ast.AST, callee: str, operands: Sequence[Value]) -> Operation:
    """Return the operation at a node; its operands are the receiver, the arguments by place, those by name."""
    if isinstance(node, (ast.BinOp, ast.AugAssign)):
        return Operation(_OPERATORS.get(type(node.op), ""), tuple(operands), {}, node)
    if isinstance(node, ast.UnaryOp):
        return Operation("neg" if isinstance(node.op, ast.USub) else "", tuple(operands), {}, node)
    if isinstance(node, ast.Subscript):
        return Operation("index", tuple(operands), {}, node)
    if not isinstance(node, ast.Call) or any(isinstance(each, ast.Starred) for each in node.args):
        return Operation("", tuple(operands), {}, node)
    if not node.keywords:
        return Operation(plain_name(callee), tuple(operands), {}, node)
    names = [each.arg or "**" for each in node.keywords]
    by_place = tuple(operands[: len(operands) - len(names)])
    by_name = dict(zip(names, operands[len(by_place) :], strict=False))
    return Operation(plain_name(callee), by_place, by_name, node)
