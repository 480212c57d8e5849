"""Arrays of plain numbers that have to be tensors where they are made: a name holds them, and predictions in turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from autofix.analysis.values import Key
from autofix.model import Kind
from autofix.rewrite.catalogue import Argument, Refused, Rendering
from autofix.rewrite.layout import laid_out_as
from autofix.rewrite.parentheses import around_operands
from autofix.rewrite.replacement import Replacement, in_place_of, names_in

_CREATING = frozenset({"numpy.ones", "numpy.zeros", "numpy.full"})


@dataclass
class Made(Replacement):
    """Makes such arrays tensors; `around` are the functions around the node that is looked at, the innermost last."""

    around: list[cst.FunctionDef] = field(default_factory=list)

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Note in which function all that follows stands."""
        if isinstance(node, cst.FunctionDef):
            self.around.append(node)
        return super().on_visit(node)

    def on_leave(
        self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT
    ) -> cst.CSTNodeT | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNodeT]:
        """Make tensors of the arrays that have to be such from the start."""
        if isinstance(original_node, cst.FunctionDef):
            self.around.pop()
        left = super().on_leave(original_node, updated_node)
        if isinstance(left, cst.CSTNode):
            left = around_operands(left)  # what was put in may bind looser than what it stands for
        key = self.key(original_node) if self.planned.made else None
        if key not in self.planned.made or not isinstance(left, cst.BaseExpression):
            return left
        return self._made(key, original_node, left)  # type: ignore[return-value]

    def _made(self, key: Key, original: cst.CSTNode, array: cst.BaseExpression) -> cst.BaseExpression:
        """Return an array of plain numbers as a tensor of the type of those near it."""
        fact, like = self.diagnosis.facts.by_key[key], self._tensor_near(original)
        if like is None:
            return array
        if self.elements.of(fact.value) in ("bool", "int"):
            return self._as_it_is(array, like)
        ways: tuple[Rendering, ...] | Refused = Refused("")
        if isinstance(array, cst.Call) and fact.callee in _CREATING and len(array.args) == len(fact.operands):
            pairs = zip(array.args, fact.operands, strict=True)
            given = [self.argument(a.value, each, _keyword(a)) for a, each in pairs]
            ways = self.rendered(f"operator.{fact.callee.rpartition('.')[2]}", [*given, like])
        if isinstance(ways, Refused):
            ways = self.rendered("operator.as_tensor", [Argument(array, Kind.ARRAY), like])
        if isinstance(ways, Refused):
            return array
        return in_place_of(laid_out_as(self.choose(key, ways).expression, array), array)

    def _as_it_is(self, array: cst.BaseExpression, like: Argument) -> cst.BaseExpression:
        """Return an array of truth values or integers as a tensor of those: it may be an index."""
        self.edited = True
        self.modules |= {self.framework}
        if self.framework == "torch" and isinstance(like.expression, cst.Name):
            return self.as_tensor(array, like.expression.value, keeps_type=True)
        return cst.Call(cst.parse_expression(f"{self.names[self.framework]}.convert_to_tensor"), [cst.Arg(array)])

    def _tensor_near(self, node: cst.CSTNode) -> Argument | None:
        """Return a tensor that the function around a node has by then: a parameter, or what it has assigned before."""
        where = self.positions.get(node)
        if where is None or not self.around:
            return None
        function = self.around[-1]
        parameters = [each.name.value for each in _parameters(function)]
        bound = {*parameters, *_assigned(function)}
        names = [each for each in names_in(function.body) if each.value in bound and self._is_floating_tensor(each)]
        before = [each for each in names if self.positions[each].start.line < where.start.line]
        found = sorted(before, key=lambda each: each.value not in parameters)
        found += [each for each in names if each.value in set(parameters) - set(_assigned(function))]
        return Argument(cst.Name(found[0].value), Kind.TENSOR, "like") if found else None

    def _is_floating_tensor(self, name: cst.Name) -> bool:
        fact = self.fact(name)
        if fact is None or not fact.value.derived or self.planned.kind(fact.value) is not Kind.TENSOR:
            return False
        return self.elements.of(fact.value) not in ("bool", "int")


def _parameters(function: cst.FunctionDef) -> Iterator[cst.Param]:
    yield from (*function.params.posonly_params, *function.params.params, *function.params.kwonly_params)


def _assigned(node: cst.CSTNode) -> Iterator[str]:
    """Yield the names that statements bind: those of a comprehension are gone after it."""
    if isinstance(node, cst.AssignTarget):
        yield from (each.value for each in names_in(node.target))
    for child in node.children:
        yield from _assigned(child)


def _keyword(argument: cst.Arg) -> str | None:
    return argument.keyword.value if argument.keyword else argument.star or None
