"""Reads an index in brackets: what goes backwards, and what picks elements by arrays of integers or truth values.

What the elements of an array are, as far as the source shows it: truth values, integers, or floating numbers.

Takes the text of a module and the facts of its analysis; answers for a value of that analysis. TensorFlow never
promotes, and PyTorch has no arithmetic of truth values, so that some operators need a cast where NumPy needs none.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import libcst as cst

from autofix.analysis.record import Fact
from autofix.analysis.values import Value
from autofix.knowledge import effects
from autofix.model import Kind
from autofix.rewrite.catalogue import Argument
from autofix.rewrite.literal import code_of, literal
from autofix.syntax.spans import Key, Positions


@dataclass(frozen=True)
class Backwards:
    """The axes that a slice goes along backwards, and the index that is left once they are turned round."""

    axes: tuple[int, ...]
    rest: Sequence[cst.SubscriptElement] | None


@dataclass(frozen=True)
class Picked:
    """An operation that an index may mean, and its arguments; without a name, the expression as it stands."""

    name: str
    arguments: tuple[Argument, ...]


def read_backwards(node: cst.Subscript) -> Backwards | None:
    """Return the axes of `x[::-1]`, `x[:, ::-2]`; None where nothing goes backwards, or only part of an axis does."""
    parts = [each.slice for each in node.slice]
    turned = [place for place, part in enumerate(parts) if _step(part) < 0]
    if not turned or any(_is_bounded(parts[place]) for place in turned):
        return None
    ellipsis = next((place for place, part in enumerate(parts) if _text(part) == "..."), None)
    if any(_text(part) in ("None", "np.newaxis") for part in parts):
        return None
    axes = tuple(place if ellipsis is None or place < ellipsis else place - len(parts) for place in turned)
    left = [_forwards(each) if place in turned else each for place, each in enumerate(node.slice)]
    return Backwards(axes, None if all(_is_whole(each.slice) for each in left) else left)


def picked(node: cst.Subscript, parts: Sequence[Argument | None], of_each_row: bool) -> Iterator[Picked]:
    """Yield what an index with arrays in it may mean; nothing where it holds none.

    `parts` are the parts that are no slices; `of_each_row` says that the first of two counts the rows.
    """
    arrays = [place for place, part in enumerate(parts) if part is not None and _is_array(part)]
    owner = Argument(node.value, Kind.TENSOR)
    if len(arrays) == 2 == len(parts):
        first, second = (part for part in parts if part is not None)
        if of_each_row:
            yield Picked("getitem_of_each_row", (owner, second))
        yield Picked("getitem_pairs", (owner, first, second))
    if len(arrays) != 1 or any(part is not None for place, part in enumerate(parts) if place not in arrays):
        return
    (place,) = arrays
    array = parts[place]
    if array is None or any(_text(each.slice) == "..." for each in node.slice[place + 1 :]):
        return
    from_the_end = any(_text(each.slice) == "..." for each in node.slice[:place])
    axis = place - len(parts) if from_the_end else place
    others = [each.with_changes(slice=_whole()) if at == place else each for at, each in enumerate(node.slice)]
    if not all(_is_whole(each.slice) for each in others):
        owner = Argument(node.with_changes(slice=others), Kind.TENSOR)
    along = Argument(cst.parse_expression(str(axis)), Kind.NUMBER)
    if axis == 0 and array.elements != "int" and array.kind is not Kind.SEQUENCE:
        yield Picked("", (Argument(node, Kind.TENSOR),))
    if array.elements != "bool":
        yield Picked("getitem_indices", (owner, array, along))
    if axis != 0 and array.elements != "int":
        yield Picked("getitem_mask", (owner, array, along))


def as_expression(elements: Sequence[cst.SubscriptElement]) -> cst.BaseExpression:
    """Return what stands in the brackets as an expression of its own: `(slice(None), 0)`."""
    parts = [each.slice.value if isinstance(each.slice, cst.Index) else _slice_call(each.slice) for each in elements]
    return parts[0] if len(parts) == 1 else cst.parse_expression(f"({', '.join(code_of(each) for each in parts)})")


def _slice_call(part: cst.BaseSlice) -> cst.BaseExpression:
    part = cst.ensure_type(part, cst.Slice)
    bounds = ["None" if each is None else code_of(each) for each in (part.lower, part.upper, part.step)]
    if bounds[2] == "None":
        bounds.pop()
        if bounds[0] == "None":
            bounds.pop(0)
    return cst.parse_expression(f"slice({', '.join(bounds)})")


def _is_array(part: Argument) -> bool:
    if isinstance(part.expression, cst.List):
        return True
    return part.kind in (Kind.TENSOR, Kind.ARRAY)


def _whole() -> cst.Slice:
    return cst.Slice(None, None)


def _is_whole(part: cst.BaseSlice) -> bool:
    bare = isinstance(part, cst.Slice) and part.lower is None and part.upper is None and part.step is None
    return bare or _text(part) == "..."


def _is_bounded(part: cst.BaseSlice) -> bool:
    return isinstance(part, cst.Slice) and (part.lower is not None or part.upper is not None)


def _step(part: cst.BaseSlice) -> int:
    known = literal(part.step) if isinstance(part, cst.Slice) and part.step is not None else None
    return known.value if known is not None and isinstance(known.value, int) else 1


def _forwards(element: cst.SubscriptElement) -> cst.SubscriptElement:
    step = -_step(element.slice)
    if step == 1:
        return element.with_changes(slice=_whole())
    part = cst.ensure_type(element.slice, cst.Slice)
    return element.with_changes(slice=part.with_changes(step=cst.Integer(str(step))))


def _text(part: cst.BaseSlice) -> str:
    return code_of(part.value) if isinstance(part, cst.Index) else ""


Element = Literal["bool", "int", "float", ""]

_SAME = frozenset(
    "numpy detach cpu copy clone reshape ravel flatten squeeze transpose T swapaxes expand_dims repeat tile "
    "broadcast_to ascontiguousarray take data contiguous view unsqueeze".split()
)
_MADE = frozenset(
    "array asarray asanyarray ascontiguousarray zeros ones full empty eye identity arange zeros_like ones_like "
    "full_like constant tensor as_tensor convert_to_tensor".split()
)
_LENGTHS = frozenset({"shape", "size", "ndim", "len"})


class Elements:
    """The element types of the values of one module; each is worked out when it is asked for."""

    def __init__(self, text: str, facts: Mapping[Key, Fact]) -> None:
        self._text = text
        self._facts = facts
        self._known: dict[Key, Element] = {}

    def of(self, value: Value) -> Element:
        """Return what `value` is made of; "" where nothing shows it, or where it may be one or the other."""
        found = {self._of_expression(key) for key in value.makers}
        return found.pop() if len(found) == 1 else ""

    @cached_property
    def _nodes(self) -> dict[Key, ast.expr]:
        positions = Positions(self._text)
        nodes = (node for node in ast.walk(ast.parse(self._text)) if isinstance(node, ast.expr))
        return {positions.key(node): node for node in nodes}

    def _of_expression(self, key: Key) -> Element:
        if key not in self._known:
            self._known[key] = ""
            node, fact = self._nodes.get(key), self._facts.get(key)
            if node is not None and fact is not None:
                self._known[key] = self._of_node(node, fact)
        return self._known[key]

    def _of_node(self, node: ast.expr, fact: Fact) -> Element:
        match node:
            case ast.Compare():
                return "bool"
            case ast.UnaryOp(op=ast.Invert() | ast.USub()):
                return self.of(fact.operands[0])
            case ast.BinOp(left=left, op=op, right=right):
                return self._of_operation(op, [self._of_operand(left, fact, 0), self._of_operand(right, fact, 1)])
            case ast.Subscript() | ast.Attribute() | ast.Call():
                return self._of_access(node, fact)
            case _:
                return ""

    def _of_operand(self, node: ast.expr, fact: Fact, place: int) -> Element:
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            return "int" if isinstance(node.value, int) else "float"
        return self.of(fact.operands[place])

    def _of_operation(self, op: ast.operator, sides: list[Element]) -> Element:
        if "float" in sides or isinstance(op, ast.Div):
            return "float"
        if sides == ["bool", "bool"] and isinstance(op, (ast.BitAnd, ast.BitOr, ast.BitXor, ast.Mult, ast.Add)):
            return "bool"
        return "int" if all(side in ("int", "bool") for side in sides) else ""

    def _of_access(self, node: ast.Subscript | ast.Attribute | ast.Call, fact: Fact) -> Element:
        last = fact.callee.rpartition(".")[2]
        if last in _LENGTHS:
            return "int"
        if isinstance(node, ast.Subscript) or last in _SAME:
            return self.of(fact.operands[0]) if fact.operands else ""
        if not isinstance(node, ast.Call):
            return ""
        if last in effects.COMPARING:
            return "bool"
        if last in effects.INDICES:
            return "int"
        if last in ("astype", "cast", "to", "type"):
            return _named([*node.args, *(each.value for each in node.keywords)][-1:])
        named = [each.value for each in node.keywords if each.arg == "dtype"]
        if named and last in _MADE:
            return _named(named)
        if last in ("array", "asarray", "constant", "tensor") and not node.keywords:
            return _listed(node.args[0]) if node.args else ""
        if last in ("arange", "range"):
            return "" if any(_is_float(each) for each in node.args) or node.keywords else "int"
        return ""


def _named(arguments: list[ast.expr]) -> Element:
    """Return the element type that a dtype names: `np.bool_`, `int`, `"int64"`, `tf.float32`."""
    written = ast.unparse(arguments[0]).rpartition(".")[2].strip("'\"") if arguments else ""
    if written.startswith("bool"):
        return "bool"
    if written.startswith(("int", "uint", "long")):
        return "int"
    return "float" if written.startswith(("float", "double")) else ""


def _listed(node: ast.expr) -> Element:
    """Return what a list of literals holds."""
    literals = [each for each in ast.walk(node) if isinstance(each, ast.Constant)]
    others = [each for each in ast.walk(node) if isinstance(each, (ast.Name, ast.Call, ast.Attribute))]
    kinds = {type(each.value).__name__ for each in literals}
    for element in ("float", "int", "bool"):
        if element in kinds and not others:
            return "float" if element == "float" else "int" if element == "int" else "bool"
    return ""


def _is_float(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)
