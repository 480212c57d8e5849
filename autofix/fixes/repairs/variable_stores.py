"""The statements by which a program writes into a variable of TensorFlow, or into a part of one.

`v.assign(x)`, `v.assign_add(x)`, `v[i].assign(x)` and `v.scatter_nd_update(indices, x)`: each says what a tensor would
be that is computed instead.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autofix.fixes.repairs.program import FaultyProgram
from autofix.knowledge.operations import values
from autofix.syntax.memo import nodes_of

_STORES, _STORES_AT = values("stores"), values("stores-at")


@dataclass(frozen=True)
class Store:
    """A statement that writes `value` into what `owner` names: added where it has a `sign`, at `places` where given.

    `part` is what stands in the brackets of `owner[part].assign(value)`.
    """

    statement: ast.Expr
    owner: ast.expr
    value: ast.expr
    sign: str = ""
    part: ast.expr | None = None
    places: ast.expr | None = None
    function: str = ""

    @property
    def is_whole(self) -> bool:
        """Does nothing of what was in the variable stay, but for what is added to it?"""
        return self.part is None and self.places is None

    def new_value(self, program: FaultyProgram, name: str) -> str:
        """Return what a tensor of this name is after the statement; empty where that cannot be written."""
        value, package = program.source_of(self.value), program.package
        if self.places is not None:
            return f"{package}.tensor_{self.function}({name}, {program.source_of(self.places)}, {value})"
        if self.part is not None:
            indices = self.part.elts if isinstance(self.part, ast.Tuple) else [self.part]
            if any(isinstance(each, (ast.Slice, ast.Constant)) and _is_no_index(each) for each in indices):
                return ""
            places = ", ".join(program.source_of(each) for each in indices)
            return f"{package}.tensor_scatter_nd_update({name}, [[{places}]], [{value}])"
        before, after = self.around(name)
        return f"{before}{value}{after}"

    def around(self, name: str) -> tuple[str, str]:
        """Return what stands before and behind the value where all of a tensor of this name becomes new."""
        if not self.sign:
            return "", ""
        is_sum = isinstance(self.value, (ast.BinOp, ast.IfExp, ast.Compare))
        return f"{name} {self.sign} {'(' if is_sum else ''}", ")" if is_sum else ""


def stores(tree: ast.Module) -> Iterator[Store]:
    """Yield the statements that write into variables; where brackets may ask for a part or for one of several, both."""
    for statement in nodes_of(tree, ast.Expr):
        match statement.value:
            case ast.Call(func=ast.Attribute(value=owner, attr=name), args=[value]) if name in _STORES:
                if isinstance(owner, ast.Subscript) and not _STORES[name]:
                    yield Store(statement, owner.value, value, part=owner.slice)
                yield Store(statement, owner, value, _STORES[name])
            case ast.Call(func=ast.Attribute(value=owner, attr=name), args=[places, value]) if name in _STORES_AT:
                yield Store(statement, owner, value, places=places, function=name)


def _is_no_index(node: ast.expr) -> bool:
    return isinstance(node, ast.Slice) or (isinstance(node, ast.Constant) and not isinstance(node.value, int))
