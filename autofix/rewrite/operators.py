"""Arrays of plain numbers that have to be tensors where they are made: a name holds them, and predictions in turn.

Python's operators and indices where an operand becomes a tensor: written anew only where they would mean less.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from autofix.analysis.record import Fact
from autofix.analysis.values import Value
from autofix.model import Kind
from autofix.rewrite.catalogue import Argument, Refused, Rendering
from autofix.rewrite.indices import Backwards, Picked, as_expression, picked, read_backwards
from autofix.rewrite.literal import code_of, laid_out_as
from autofix.rewrite.parentheses import around_operands
from autofix.rewrite.replacement import Replacement, in_place_of, names_in
from autofix.syntax.spans import Key

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


_NAMES: dict[type[cst.BaseBinaryOp], str] = {
    cst.Add: "add", cst.Subtract: "sub", cst.Multiply: "mul", cst.Divide: "truediv", cst.FloorDivide: "floordiv",
    cst.Modulo: "mod", cst.Power: "pow", cst.MatrixMultiply: "matmul", cst.BitAnd: "and_", cst.BitOr: "or_",
    cst.BitXor: "xor",
}  # fmt: skip


class Operators(Made):
    """Operators that stay as they are written mean something else on tensors: here they get their meaning back."""

    def leave_BinaryOperation(
        self, original_node: cst.BinaryOperation, updated_node: cst.BinaryOperation
    ) -> cst.BaseExpression:
        key, seen = self.key(original_node), self.fact(original_node)
        if key is not None and seen is not None and any(each.makers & self.lengths for each in seen.operands):
            self.lengths.add(key)
        fact = self.planned.operators.get(key) if key else None
        if key is None or fact is None:
            return updated_node
        self.lengths.discard(key)
        written = [updated_node.left, updated_node.right]
        if self.framework == "torch":
            written = self.wrapped(written, fact.operands)
        else:
            written = self._in_double(written, fact.operands)
        updated_node = updated_node.with_changes(left=written[0], right=written[1])
        arguments = tuple(self.argument(each, value) for each, value in zip(written, fact.operands, strict=True))
        return self._operator(_NAMES.get(type(updated_node.operator), ""), original_node, updated_node, key, arguments)

    def _in_double(self, written: list[cst.BaseExpression], values: Sequence[Value]) -> list[cst.BaseExpression]:
        """Cast a tensor that meets one which is asked to be float64: TensorFlow promotes neither."""
        double = [self.is_made_double(value) for value in values]
        if double[0] == double[1]:
            return written
        pairs = zip(written, values, double, strict=True)
        return [self._to_double(each, value) if not asked else each for each, value, asked in pairs]

    def _to_double(self, expression: cst.BaseExpression, value: Value) -> cst.BaseExpression:
        if self.planned.kind(value) is not Kind.TENSOR:
            return expression
        self.modules |= {"tensorflow"}
        tensorflow = self.names["tensorflow"]
        whole = cst.ensure_type(cst.parse_expression(f"{tensorflow}.cast(x, {tensorflow}.float64)"), cst.Call)
        return whole.with_changes(args=[whole.args[0].with_changes(value=_bare(expression)), *whole.args[1:]])

    def leave_Comparison(self, original_node: cst.Comparison, updated_node: cst.Comparison) -> cst.BaseExpression:
        key = self.key(original_node)
        fact = self.planned.operators.get(key) if key is not None and self.framework == "torch" else None
        if fact is None or len(updated_node.comparisons) != 1:
            return updated_node
        target = updated_node.comparisons[0]
        left, right = self.wrapped((updated_node.left, target.comparator), fact.operands)
        return updated_node.with_changes(left=left, comparisons=[target.with_changes(comparator=right)])

    def _operator(
        self,
        name: str,
        original: cst.BinaryOperation,
        updated: cst.BinaryOperation,
        key: Key,
        arguments: tuple[Argument, ...],
    ) -> cst.BaseExpression:
        function = self.catalogue.function(f"operator.{name}")
        if function is None:
            return updated
        if any(each.arg == "like" for each in function.args.args):
            arguments += self.like(original.left, original.right)
        ways = self.rendered(f"operator.{name}", arguments)
        if isinstance(ways, Refused):
            return updated
        way = self.choose(key, ways)
        if _same(way.expression, updated):
            return updated
        self.numbers.add(key)
        return in_place_of(way.expression, updated)

    def visit_Subscript(self, node: cst.Subscript) -> None:
        shape = self.key(node.value)
        if self.key(node) in self.planned.lengths and shape is not None:
            self.settled.add(shape)

    def leave_Subscript(self, original_node: cst.Subscript, updated_node: cst.Subscript) -> cst.BaseExpression:
        key = self.key(original_node)
        if key is None:
            return updated_node
        if key in self.planned.lengths and self.framework == "tensorflow":
            return self._length(key, updated_node)
        fact = self.planned.operators.get(key)
        if fact is None or fact.callee:
            return updated_node
        one_hot = self._of_identity(original_node, updated_node, key, fact)
        if one_hot is not None:
            return one_hot
        if self.planned.kind(fact.operands[0]) is Kind.ARRAY:
            owner = self.written_anew(
                "operator.as_tensor", self.argument(updated_node.value, fact.operands[0]), original_node
            )
            updated_node = updated_node.with_changes(value=owner)
        backwards = read_backwards(updated_node)
        if backwards is not None:
            return self._backwards(key, backwards, updated_node)
        return self._picked(key, original_node, updated_node, fact)

    def _length(self, key: Key, updated: cst.Subscript) -> cst.BaseExpression:
        """The length of the first axis is known only when the graph runs: the batch may be of any size."""
        owner = updated.value
        if not _is_first(updated.slice):
            return updated
        if not isinstance(owner, cst.Attribute) or owner.attr.value != "shape":
            return updated
        ways = self.rendered("builtins.len", [Argument(owner.value, Kind.TENSOR)])
        if isinstance(ways, Refused):
            return updated
        self.lengths.add(key)
        return self.choose(key, ways).expression

    def _backwards(self, key: Key, index: Backwards, updated: cst.Subscript) -> cst.BaseExpression:
        axes = cst.parse_expression(str(index.axes))
        ways = self.rendered(
            "operator.getitem_backwards", [Argument(updated.value, Kind.TENSOR), Argument(axes, Kind.SEQUENCE)]
        )
        if isinstance(ways, Refused):
            return updated
        whole = self.choose(key, ways).expression
        return whole if index.rest is None else updated.with_changes(value=whole, slice=index.rest)

    def _picked(self, key: Key, original: cst.Subscript, updated: cst.Subscript, fact: Fact) -> cst.BaseExpression:
        """An index that holds arrays: NumPy's has several meanings, TensorFlow has a function for each."""
        if "operator.getitem_indices" not in self.catalogue:
            return updated
        ways: list[Rendering] = []
        pairs = zip(updated.slice, fact.operands[1:], strict=False)
        parts = [self._part(each.slice, value) for each, value in pairs]
        if len(parts) != len(updated.slice):
            return updated
        of_each_row = len(parts) == 2 and self._counts_rows(original.slice[0].slice)
        for option in picked(updated, parts, of_each_row):
            found = self._written(option)
            ways += [] if isinstance(found, Refused) else found
        same_index: Key = (code_of(as_expression(updated.slice)), 0, 0, 0, 0)
        return self.choose(same_index, ways).expression if ways else updated

    def _of_identity(
        self, original: cst.Subscript, updated: cst.Subscript, key: Key, fact: Fact
    ) -> cst.BaseExpression | None:
        """Return `tf.one_hot(y, n)` for `np.eye(n)[y]`, as a number of the type that it will meet."""
        owner, parts = updated.value, [each.slice for each in updated.slice]
        made = self.fact(original.value)
        if made is None or made.callee not in ("numpy.eye", "numpy.identity") or not isinstance(owner, cst.Call):
            return None
        if len(owner.args) != 1 or len(parts) != 1 or not isinstance(parts[0], cst.Index):
            return None
        index = self.argument(parts[0].value, fact.operands[1])
        if index.kind not in (Kind.TENSOR, Kind.OTHER):
            return None
        size = Argument(owner.args[0].value, Kind.NUMBER)
        ways = self.rendered("operator.getitem_of_identity", (size, index, *self.like(original)))
        if isinstance(ways, Refused):
            return None
        self.numbers.add(key)
        return self.choose(key, ways).expression

    def _part(self, part: cst.BaseSlice, value: Value) -> Argument | None:
        """Return one part of an index, None for a slice or `...`."""
        if not isinstance(part, cst.Index) or isinstance(part.value, cst.Ellipsis):
            return None
        return self.argument(part.value, value)

    def _written(self, option: Picked) -> tuple[Rendering, ...] | Refused:
        if option.name:
            return self.rendered(f"operator.{option.name}", option.arguments)
        return (Rendering(option.arguments[0].expression, frozenset()),)

    def _counts_rows(self, part: cst.BaseSlice) -> bool:
        """Is this `np.arange(n)`, which with an array beside it takes one element of each row?"""
        fact = self.fact(part.value) if isinstance(part, cst.Index) else None
        if fact is None:
            return False
        made = [self.diagnosis.facts.by_key.get(each) for each in fact.value.makers]
        return bool(made) and all(each is not None and each.callee.endswith(".arange") for each in made)


def _bare(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return an expression without parentheses, where it needs none between those of a call."""
    inside = isinstance(node, cst.BinaryOperation) and "\n" not in code_of(node)
    return node.with_changes(lpar=[], rpar=[]) if inside else node


def _is_first(index: Sequence[cst.SubscriptElement]) -> bool:
    return len(index) == 1 and isinstance(index[0].slice, cst.Index) and code_of(index[0].slice.value) == "0"


def _same(new: cst.BaseExpression, old: cst.BaseExpression) -> bool:
    """Do both read the same, but for spaces, line breaks and comments?"""
    first, second = (ast.dump(ast.parse(f"(\n{code_of(each)}\n)", mode="eval")) for each in (new, old))
    return first == second
