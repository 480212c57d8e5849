"""The state of one pass over a module, and the table of the functions that rewrite its nodes.

Takes the plan, the catalogue of rules and the facts of the analysis; answers what is known of a LibCST node, renders an
operation by its rule, and collects what the pass adds to the module. `@rewrites(cst.Call)` registers a function for a
type of node; the transformer in `rewriter.py` calls it with the state, the original node and the updated one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import libcst as cst
from libcst.metadata import CodeRange

from autofix.analysis.faults import GraphFault
from autofix.analysis.record import Fact
from autofix.analysis.values import Value
from autofix.model import Framework, Kind, Reason, Span
from autofix.rewrite.catalogue import Catalogue
from autofix.rewrite.chosen import Choices
from autofix.rewrite.elements import Elements, asks_for_double
from autofix.rewrite.imports import Identifiers
from autofix.rewrite.plan import Plan
from autofix.rewrite.rules import Argument, Rendering
from autofix.syntax.spans import Key, span

_AST_NAMES = {
    "Call": "Call", "Attribute": "Attribute", "Name": "Name", "BinaryOperation": "BinOp", "Comparison": "Compare",
    "Subscript": "Subscript", "UnaryOperation": "UnaryOp", "AugAssign": "AugAssign",
}  # fmt: skip

Positions = Mapping[cst.CSTNode, CodeRange]
Rewritten = cst.CSTNode | cst.RemovalSentinel | cst.FlattenSentinel[Any]
Handler = Callable[["State", Any, Any], Rewritten]
_Function = TypeVar("_Function", bound=Callable[..., Rewritten])

HANDLERS: dict[type[cst.CSTNode], Handler] = {}
"""The function that rewrites the nodes of each type; it is filled while the modules of the handlers are imported."""


class Stop(Exception):
    """Ends a rewrite, with the reason; never leaves `rewrite`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason


def rewrites(kind: type[cst.CSTNode]) -> Callable[[_Function], _Function]:
    """Register a function as the one that rewrites nodes of this type."""

    def register(function: _Function) -> _Function:
        assert kind not in HANDLERS, f"two functions rewrite {kind.__name__}"
        HANDLERS[kind] = function
        return function

    return register


@dataclass
class State:
    """One pass over a module: what is known of it, the alternatives that the pass takes, and what it has done so far.

    `choices` are the calls whose function is chosen while the loss runs, and `names` the names of the imported modules
    in this file. `selected` says which alternative an operation takes, and `alternatives` counts how many there are.

    `unwrapped` are the expressions that came down to their argument, `integer_tensors` the sizes that are tensors now,
    and `cast_to_number` the expressions whose truth values or integers were cast; those in `plainest` take their first
    alternative. `aliases` are the assignments whose value came down to a name, by identity, and `enclosing` the
    functions around the current node, the innermost last.
    """

    fault: GraphFault
    plan: Plan
    catalogue: Catalogue
    choices: Choices
    positions: Positions
    names: Mapping[str, str]
    elements: Elements
    identifiers: Identifiers
    selected: Mapping[Key, int]
    alternatives: dict[Key, int] = field(default_factory=dict)
    modules: frozenset[str] = frozenset()
    definitions: tuple[str, ...] = ()
    unwrapped: set[Key] = field(default_factory=set)
    integer_tensors: set[Key] = field(default_factory=set)
    cast_to_number: set[Key] = field(default_factory=set)
    plainest: set[Key] = field(default_factory=set)
    aliases: dict[int, cst.Assign] = field(default_factory=dict)
    enclosing: list[cst.FunctionDef] = field(default_factory=list)
    has_edits: bool = False

    @property
    def framework(self) -> Framework:
        return self.fault.framework

    @property
    def is_changed(self) -> bool:
        """Did the pass do anything?"""
        return bool(self.alternatives or self.unwrapped or self.has_edits)

    @cached_property
    def cuts(self) -> frozenset[tuple[str, Span]]:
        """The code and the place of each cut that takes the gradient from this loss."""
        return frozenset((cut.code, cut.span) for cut in self.fault.lost)

    @cached_property
    def asked_double(self) -> frozenset[Key]:
        """The operations that ask for float64 by name."""
        return frozenset(key for key, fact in self.plan.operations.items() if asks_for_double(fact))

    def key(self, node: cst.CSTNode) -> Key | None:
        """Return the key under which the analysis knows a node."""
        name = _AST_NAMES.get(type(node).__name__)
        return self.place(node, name) if name is not None else None

    def place(self, node: cst.CSTNode, name: str = "") -> Key | None:
        """Return where a node stands, as a key of this type name."""
        where = self.positions.get(node)
        if where is None:
            return None
        return Key(name, where.start.line, where.start.column, where.end.line, where.end.column)

    def fact(self, node: cst.CSTNode) -> Fact | None:
        """Return what the analysis noted of a node."""
        key = self.key(node)
        return self.fault.program.facts.by_key.get(key) if key is not None else None

    def is_cut(self, node: cst.CSTNode, code: str) -> bool:
        """Does a cut with this code stand at a node?"""
        place = self.place(node)
        return place is not None and (code, span(place)) in self.cuts

    def argument(self, expression: cst.BaseExpression, value: Value, keyword: str | None = None) -> Argument:
        """Return an operand as rules see it."""
        if value.makers and value.makers <= self.integer_tensors:
            return Argument(expression, Kind.TENSOR, keyword, "int")
        if value.makers and value.makers <= self.plan.lengths:
            return Argument(expression, Kind.NUMBER, keyword, "int")
        is_size = value.makers <= self.plan.sizes or (value.makers <= self.plan.shapes and self._is_part(expression))
        if value.makers and is_size:
            return Argument(expression, Kind.NUMBER, keyword, "int")
        if value.makers and value.makers <= self.cast_to_number:
            return Argument(expression, self.plan.kind(value), keyword, "float")
        if isinstance(expression, (cst.Integer, cst.Float)):
            elements: str = "int" if isinstance(expression, cst.Integer) else "float"
        else:
            elements = self.elements.of(value)
        return Argument(expression, self.plan.kind(value), keyword, elements)

    def _is_part(self, expression: cst.BaseExpression) -> bool:
        """Is this a name that an assignment gives a part of something?"""
        return isinstance(expression, cst.Name) and self.elements.is_unpacked(expression.value)

    def rendered(self, name: str, arguments: Sequence[Argument]) -> tuple[Rendering, ...] | Reason:
        """Return the alternatives for an operation, in the names of this file."""
        found = self.catalogue.render(name, arguments, self.names)
        if isinstance(found, Reason):
            return found
        others = self.identifiers.renamed(each for rendering in found for each in rendering.definitions)
        return self.catalogue.render(name, arguments, {**self.names, **others}) if others else found

    def choose(self, key: Key, renderings: Sequence[Rendering]) -> cst.BaseExpression:
        """Take the selected alternative; the others are for other candidates."""
        if key in self.plainest:
            renderings = renderings[:1]
        self.alternatives[key] = len(renderings)
        return self.use(renderings[min(self.selected.get(key, 0), len(renderings) - 1)])

    def takes_second(self, key: Key) -> bool:
        """Does this pass take the second of two alternatives that are no renderings?"""
        self.alternatives[key] = 2
        return bool(self.selected.get(key))

    def use(self, rendering: Rendering) -> cst.BaseExpression:
        """Add what a rendering needs to the module; return its expression."""
        self.modules |= rendering.modules
        self.definitions += tuple(each for each in rendering.definitions if each not in self.definitions)
        return rendering.expression
