"""Replaces the operations of a plan in a LibCST tree, from the inside out; every other character stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import libcst as cst
from libcst.metadata import CodeRange

from autofix.analysis.facts import Fact, span
from autofix.analysis.values import Key, Value
from autofix.model import Framework, Kind, Span
from autofix.rewrite.aliases import drop_aliases
from autofix.rewrite.catalogue import Argument, Catalogue, Refused, Rendering
from autofix.rewrite.layout import laid_out_as
from autofix.rewrite.literal import code_of
from autofix.rewrite.plan import Plan

_AST_NAMES = {
    "Call": "Call", "Attribute": "Attribute", "Name": "Name", "BinaryOperation": "BinOp", "Comparison": "Compare",
    "Subscript": "Subscript", "UnaryOperation": "UnaryOp",
}  # fmt: skip
_AFTER_A_REWRAP = frozenset("float double to cuda cpu type requires_grad_ type_as".split())


@dataclass(frozen=True)
class Refusal:
    """Why a loss cannot be mended, and the operation that stands in the way."""

    reason: str
    span: Span | None = None
    callee: str = ""


class Stop(Exception):
    """Ends a rewrite with its refusal; never leaves `rewrite`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


Positions = Mapping[cst.CSTNode, CodeRange]


@dataclass
class Rewriter(cst.CSTTransformer):
    """Replaces the operations of a plan, from the inside out."""

    positions: Positions
    planned: Plan
    catalogue: Catalogue
    framework: Framework
    names: dict[str, str]
    cuts: frozenset[tuple[str, Span]]
    chosen: dict[Key, int]
    ways: dict[Key, int] = field(default_factory=dict)
    modules: frozenset[str] = frozenset()
    definitions: tuple[str, ...] = ()
    result: cst.Module | None = None
    unwrapped: set[Key] = field(default_factory=set)
    stripped: dict[int, cst.Assign] = field(default_factory=dict)
    edited: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def key(self, node: cst.CSTNode) -> Key | None:
        """Return the key under which the analysis knows a node."""
        name = _AST_NAMES.get(type(node).__name__)
        return self._place(node, name) if name is not None else None

    def _place(self, node: cst.CSTNode, name: str = "") -> Key | None:
        where = self.positions.get(node)
        if where is None:
            return None
        return name, where.start.line, where.start.column, where.end.line, where.end.column

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        key = self.key(original_node)
        fact = self.planned.operations.get(key) if key else None
        if key is None or fact is None:
            return self._after_a_rewrap(original_node, updated_node)
        if fact.callee in ("tensorflow.numpy_function", "tensorflow.py_function", "tensorflow.py_func"):
            self.unwrapped.add(key)
            return _direct_call(updated_node)
        arguments = self._arguments(updated_node, fact, key)
        return self._replace(original_node, updated_node, key, fact, arguments)

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        key = self.key(original_node)
        fact = self.planned.operations.get(key) if key else None
        if key is None or fact is None:
            return updated_node
        receiver = Argument(updated_node.value, self.planned.kind(fact.operands[0]))
        return self._replace(original_node, updated_node, key, fact, (receiver,))

    def leave_Subscript(self, original_node: cst.Subscript, updated_node: cst.Subscript) -> cst.BaseExpression:
        """Replace `np.r_[a, b]`, a call with square brackets."""
        key = self.key(original_node)
        fact = self.planned.operations.get(key) if key else None
        if key is None or fact is None:
            return updated_node
        pieces = [each.slice.value for each in updated_node.slice if isinstance(each.slice, cst.Index)]
        if len(pieces) != len(updated_node.slice) or len(pieces) != len(fact.operands):
            raise Stop(Refusal("a range stands among the pieces that are joined", span(key), fact.callee))
        written = self._wrapped(pieces, fact.operands) if self.framework == "torch" else pieces
        pairs = zip(written, fact.operands, strict=True)
        arguments = tuple(Argument(each, self.planned.kind(value)) for each, value in pairs)
        return self._replace(original_node, updated_node, key, fact, arguments)

    def leave_BinaryOperation(
        self, original_node: cst.BinaryOperation, updated_node: cst.BinaryOperation
    ) -> cst.BaseExpression:
        fact = self._tensor_fact(original_node)
        if fact is None:
            return updated_node
        left, right = self._wrapped((updated_node.left, updated_node.right), fact.operands)
        return updated_node.with_changes(left=left, right=right)

    def leave_Comparison(self, original_node: cst.Comparison, updated_node: cst.Comparison) -> cst.BaseExpression:
        fact = self._tensor_fact(original_node)
        if fact is None or len(updated_node.comparisons) != 1:
            return updated_node
        target = updated_node.comparisons[0]
        left, right = self._wrapped((updated_node.left, target.comparator), fact.operands)
        return updated_node.with_changes(left=left, comparisons=[target.with_changes(comparator=right)])

    def leave_Assign(
        self, original_node: cst.Assign, updated_node: cst.Assign
    ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        if self._is_cut(original_node, "AF303"):
            self.edited = True
            return cst.RemoveFromParent()
        if self.key(original_node.value) in self.unwrapped and isinstance(updated_node.value, cst.Name):
            self.stripped[id(updated_node)] = updated_node
        return updated_node

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.RemovalSentinel:
        return updated_node if updated_node.body else cst.RemoveFromParent()

    def leave_With(
        self, original_node: cst.With, updated_node: cst.With
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]:
        """Open a block under which nothing is recorded, where the loss itself stands in it."""
        pairs = zip(original_node.items, updated_node.items, strict=True)
        kept = [item for before, item in pairs if not self._is_cut(before.item, "AF109")]
        if len(kept) == len(updated_node.items):
            return updated_node
        self.edited = True
        if kept:
            kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
            return updated_node.with_changes(items=kept)
        body = [each for each in updated_node.body.body if isinstance(each, cst.BaseStatement)]
        first = body[0]
        if isinstance(first, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
            above = [*updated_node.leading_lines, *first.leading_lines]
            body[0] = first.with_changes(leading_lines=above)
        return cst.FlattenSentinel(body)

    def _is_cut(self, node: cst.CSTNode, code: str) -> bool:
        place = self._place(node)
        return place is not None and (code, span(place)) in self.cuts

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        return drop_aliases(updated_node, self.stripped) if self.stripped else updated_node

    def _tensor_fact(self, node: cst.CSTNode) -> Fact | None:
        key = self.key(node)
        return self.planned.operators.get(key) if key is not None and self.framework == "torch" else None

    def _replace(
        self, original: cst.CSTNode, updated: cst.BaseExpression, key: Key, fact: Fact, arguments: tuple[Argument, ...]
    ) -> cst.BaseExpression:
        rendered = self.catalogue.render(fact.callee, arguments, self.names)
        if isinstance(rendered, Refused):
            if key not in self.planned.tensors:
                return updated
            raise Stop(Refusal(self.catalogue.reason(fact.callee) or rendered.reason, span(key), fact.callee))
        self.ways[key] = len(rendered)
        way: Rendering = rendered[min(self.chosen.get(key, 0), len(rendered) - 1)]
        self.modules |= way.modules
        self.definitions += tuple(each for each in way.definitions if each not in self.definitions)
        if any(code_of(way.expression) == code_of(_bare(argument.expression)) for argument in arguments):
            self.unwrapped.add(key)
        return _in_place_of(laid_out_as(way.expression, updated), updated)

    def _arguments(self, node: cst.Call, fact: Fact, key: Key) -> tuple[Argument, ...]:
        operands = list(fact.operands)
        arguments: list[Argument] = []
        if fact.callee.startswith(("ndarray.", "Tensor.")) and isinstance(node.func, cst.Attribute):
            arguments.append(Argument(node.func.value, self.planned.kind(operands.pop(0))))
        values = operands if len(operands) == len(node.args) else [Value()] * len(node.args)
        written = [each.value for each in node.args]
        if self.framework == "torch" and not fact.callee.startswith(("Tensor.", "torch.")):
            written = self._wrapped(written, values)
        for argument, expression, value in zip(node.args, written, values, strict=True):
            keyword = argument.keyword.value if argument.keyword else argument.star or None
            arguments.append(Argument(expression, self.planned.kind(value), keyword))
        return tuple(arguments)

    def _wrapped(self, written: Sequence[cst.BaseExpression], values: Sequence[Value]) -> list[cst.BaseExpression]:
        """Turn arrays that meet a tensor into tensors of its type: PyTorch does not mix the two."""
        kinds = [self.planned.kind(value) for value in values]
        tensor = next((each for each, kind in zip(written, kinds, strict=True) if kind is Kind.TENSOR), None)
        if tensor is None or Kind.ARRAY not in kinds:
            return list(written)
        like = _first_name(tensor)
        if like is None:
            return list(written)
        self.modules |= {"torch"}
        pairs = zip(written, kinds, strict=True)
        return [self._as_tensor(each, like) if kind is Kind.ARRAY else each for each, kind in pairs]

    def _as_tensor(self, array: cst.BaseExpression, like: str) -> cst.BaseExpression:
        template = cst.parse_expression(f"{self.names['torch']}.as_tensor(x, dtype={like}.dtype, device={like}.device)")
        call = cst.ensure_type(template, cst.Call)
        return call.with_changes(args=[call.args[0].with_changes(value=array), *call.args[1:]])

    def _after_a_rewrap(self, original: cst.Call, updated: cst.Call) -> cst.BaseExpression:
        """Drop a `.float()` or `.to(device)` that only dressed an array for the framework: the tensor never left it."""
        func = original.func
        if not isinstance(func, cst.Attribute) or func.attr.value not in _AFTER_A_REWRAP:
            return updated
        inner = self.key(func.value)
        if inner not in self.unwrapped or not isinstance(updated.func, cst.Attribute):
            return updated
        own = self.key(original)
        if own is not None:
            self.unwrapped.add(own)
        return _in_place_of(updated.func.value, updated)


def _direct_call(node: cst.Call) -> cst.BaseExpression:
    """Return `f(a, b)` for `tf.numpy_function(f, [a, b], tf.float32)`."""
    by_name = {each.keyword.value: each.value for each in node.args if each.keyword}
    given = [each.value for each in node.args if not each.keyword]
    function = by_name.get("func") or given[0]
    inputs = by_name.get("inp") or given[1]
    elements = inputs.elements if isinstance(inputs, (cst.List, cst.Tuple)) else None
    if elements is None:
        raise Stop(Refusal("the inputs of the wrapped function are not written out as a list"))
    return cst.Call(function, [cst.Arg(each.value) for each in elements])


def _bare(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.with_changes(lpar=[], rpar=[]) if node.lpar else node


def _in_place_of(new: cst.BaseExpression, old: cst.BaseExpression) -> cst.BaseExpression:
    """Keep the parentheses that stood around the old expression: it may span lines."""
    if old.lpar and not new.lpar and not isinstance(new, cst.Name):
        return new.with_changes(lpar=old.lpar, rpar=old.rpar)
    return new


def _first_name(node: cst.BaseExpression) -> str | None:
    """Return a name in an expression that stands for a tensor: a local variable, not a module or a function."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.BinaryOperation):
        return _first_name(node.left) or _first_name(node.right)
    if isinstance(node, cst.UnaryOperation):
        return _first_name(node.expression)
    if isinstance(node, cst.Subscript):
        return _first_name(node.value)
    if isinstance(node, cst.Call):
        inner = (_first_name(each.value) for each in node.args)
        return next((name for name in inner if name), None)
    return None
