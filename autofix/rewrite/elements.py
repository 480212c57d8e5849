"""What the elements of an array are, as far as the source shows it: truth values, integers or floating numbers.

Takes the text of a module and the facts of its analysis; answers for a value of that analysis. TensorFlow never
promotes, and PyTorch has no arithmetic of truth values, so that some operators need a cast where NumPy needs none.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from autofix.analysis.record import Fact
from autofix.analysis.values import Dotted, Value
from autofix.knowledge import effects
from autofix.knowledge.operations import having, last_names, values
from autofix.rewrite.selection import gives_positions, selects
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import Key, Positions

Element = Literal["bool", "int", "float", ""]

_SAME, _MADE = last_names("same-elements"), having("makes")
_LENGTHS, _OF_LISTS, _CASTING = having("extent"), having("from-list"), having("casts")
_DOUBLE = frozenset(name for name, each in values("type").items() if each == "float64")


class Elements:
    """The element types of the values of one module; each is determined when it is asked for."""

    def __init__(self, text: str, facts: Mapping[Key, Fact]) -> None:
        self._text = text
        self._facts = facts
        self._known: dict[Key, Element] = {}

    def of(self, value: Value) -> Element:
        """Return what `value` is made of; "" where nothing shows it, or where it may be one or the other."""
        found = {self._of_expression(key) for key in value.makers}
        return found.pop() if len(found) == 1 else ""

    def goes_backwards(self, value: Value) -> bool:
        """Was a value made by a slice with a negative step, `order[::-1]`, which gives a reversed view?"""
        return any(_is_reversed(self._nodes.get(key)) for key in value.makers)

    def is_unpacked(self, name: str) -> bool:
        """Is a name bound to part of a result somewhere in the text: `rows, columns = …`?"""
        return name in self._unpacked

    @cached_property
    def _unpacked(self) -> frozenset[str]:
        tuples = (node for node in ast.walk(parsed(self._text)) if isinstance(node, (ast.Tuple, ast.List)))
        parts = (each for node in tuples for each in ast.walk(node) if isinstance(each, ast.Name))
        return frozenset(each.id for each in parts if isinstance(each.ctx, ast.Store))

    @cached_property
    def _nodes(self) -> dict[Key, ast.expr]:
        positions = Positions(self._text)
        nodes = (node for node in ast.walk(parsed(self._text)) if isinstance(node, ast.expr))
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
        if last in effects.INDICES or gives_positions(fact) or selects(fact):
            return "int"
        if last in _CASTING:
            return _named([*node.args, *(each.value for each in node.keywords)][-1:])
        named = [each.value for each in node.keywords if each.arg == "dtype"]
        if named and last in _MADE:
            return _named(named)
        if last in _OF_LISTS and not node.keywords:
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


def _is_reversed(node: ast.expr | None) -> bool:
    if not isinstance(node, ast.Subscript):
        return False
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    steps = [each.step for each in parts if isinstance(each, ast.Slice)]
    return any(isinstance(each, ast.UnaryOp) and isinstance(each.op, ast.USub) for each in steps)


def _is_float(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


def asks_for_double(fact: Fact) -> bool:
    """Does an operation ask for float64 by name?"""
    if fact.callee.startswith("numpy.") and fact.callee.rpartition(".")[2] in _DOUBLE:
        return True
    return any(_is_double(each.meaning, each.traits.constant) for each in fact.operands[1:])


def _is_double(meaning: object, constant: object) -> bool:
    named = isinstance(meaning, Dotted) and meaning.name.rpartition(".")[2] in _DOUBLE | {"float"}
    return named or constant in _DOUBLE | {"f8", "d"}
