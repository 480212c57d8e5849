"""What every part of the rewriter needs: the plan, what is known of a node, and a rule rendered in its place.

The element types that a loss asks for by name: what is cast to float64 on purpose stays float64.

What NumPy's own rules of promotion made of a type nobody asked for, and is left to the framework's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import CodeRange

from autofix.analysis.faults import Diagnosis
from autofix.analysis.record import Fact
from autofix.analysis.values import Dotted, Value
from autofix.knowledge import effects
from autofix.model import Kind, Span
from autofix.rewrite.catalogue import Catalogue, Refused
from autofix.rewrite.imports import Identifiers
from autofix.rewrite.indices import Elements
from autofix.rewrite.literal import code_of, dtype_name, is_floating, laid_out_as, slot_of
from autofix.rewrite.plan import Plan, inert
from autofix.rewrite.rules import Argument, Rendering
from autofix.syntax.spans import Key, span

if TYPE_CHECKING:
    from autofix.rewrite.chosen import Choices

_AST_NAMES = {
    "Call": "Call", "Attribute": "Attribute", "Name": "Name", "BinaryOperation": "BinOp", "Comparison": "Compare",
    "Subscript": "Subscript", "UnaryOperation": "UnaryOp", "AugAssign": "AugAssign",
}  # fmt: skip


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
class Replacement(cst.CSTTransformer):
    """One pass over a module, and what it has done so far.

    `choices` are the calls of functions that are chosen while the loss runs, and where those stand.
    `chosen` says which of the ways to write an operation is taken, `ways` how many there were. `unwrapped` are the
    expressions that came down to their argument, `lengths` those that are integer tensors now, and `numbers` those
    whose truth values or integers were cast; `settled` are those for which the plainest way is the only one.
    """

    positions: Positions
    planned: Plan
    catalogue: Catalogue
    diagnosis: Diagnosis
    names: dict[str, str]
    elements: Elements
    identifiers: Identifiers
    choices: Choices
    chosen: dict[Key, int]
    ways: dict[Key, int] = field(default_factory=dict)
    modules: frozenset[str] = frozenset()
    definitions: tuple[str, ...] = ()
    result: cst.Module | None = None
    unwrapped: set[Key] = field(default_factory=set)
    lengths: set[Key] = field(default_factory=set)
    numbers: set[Key] = field(default_factory=set)
    settled: set[Key] = field(default_factory=set)
    edited: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        self.framework = self.diagnosis.framework

    def key(self, node: cst.CSTNode) -> Key | None:
        """Return the key under which the analysis knows a node."""
        name = _AST_NAMES.get(type(node).__name__)
        return self.place(node, name) if name is not None else None

    def place(self, node: cst.CSTNode, name: str = "") -> Key | None:
        """Return where a node stands, as a key of this type name."""
        where = self.positions.get(node)
        if where is None:
            return None
        return name, where.start.line, where.start.column, where.end.line, where.end.column

    def fact(self, node: cst.CSTNode) -> Fact | None:
        """Return what the analysis noted of a node."""
        key = self.key(node)
        return self.diagnosis.facts.by_key.get(key) if key is not None else None

    def argument(self, expression: cst.BaseExpression, value: Value, keyword: str | None = None) -> Argument:
        """Return an operand as rules see it."""
        if value.makers and value.makers <= self.lengths:
            return Argument(expression, Kind.TENSOR, keyword, "int")
        if value.makers and value.makers <= self.planned.lengths:
            return Argument(expression, Kind.NUMBER, keyword, "int")
        if value.makers and value.makers <= self.numbers:
            return Argument(expression, self.planned.kind(value), keyword, "float")
        if isinstance(expression, (cst.Integer, cst.Float)):
            elements: str = "int" if isinstance(expression, cst.Integer) else "float"
        else:
            elements = self.elements.of(value)
        return Argument(expression, self.planned.kind(value), keyword, elements)

    def rendered(self, name: str, arguments: Sequence[Argument]) -> tuple[Rendering, ...] | Refused:
        """Return the ways to write an operation, in the names of this file."""
        ways = self.catalogue.render(name, arguments, self.names)
        if isinstance(ways, Refused):
            return ways
        others = self.identifiers.renamed(each for way in ways for each in way.definitions)
        return self.catalogue.render(name, arguments, {**self.names, **others}) if others else ways

    def choose(self, key: Key, ways: Sequence[Rendering]) -> Rendering:
        """Take one of the ways; the others are for other candidates."""
        if key in self.settled:
            ways = ways[:1]
        self.ways[key] = len(ways)
        way = ways[min(self.chosen.get(key, 0), len(ways) - 1)]
        self.use(way)
        return way

    def written_anew(self, name: str, argument: Argument, *near: cst.BaseExpression) -> cst.BaseExpression:
        """Return an argument as an operation of one sense writes it, in the type of a tensor near here."""
        ways = self.rendered(name, (argument, *self.like(*near)))
        if isinstance(ways, Refused):
            return argument.expression
        self.use(ways[0])
        return ways[0].expression

    def use(self, way: Rendering) -> None:
        """Note what a rendering needs of the module around it."""
        self.modules |= way.modules
        self.definitions += tuple(each for each in way.definitions if each not in self.definitions)

    def put(
        self, updated: cst.BaseExpression, key: Key, fact: Fact, arguments: tuple[Argument, ...]
    ) -> cst.BaseExpression:
        """Return what an operation that has a rule becomes."""
        ways: tuple[Rendering, ...] | Refused = Refused("")
        if not fact.value.derived:
            ways = self.rendered(inert(fact.callee), arguments)
        if isinstance(ways, Refused):
            ways = self.rendered(fact.callee, arguments)
        if isinstance(ways, Refused):
            plain_number = fact.value.kind is Kind.NUMBER and not fact.value.derived
            if key not in self.planned.tensors or plain_number:
                return updated
            raise Stop(Refusal(self.catalogue.reason(fact.callee) or ways.reason, span(key), fact.callee))
        place, ways = self._typed(key, fact, arguments, (*self._added_up(fact, arguments), *ways))
        way = self.choose(place, ways)
        if any(code_of(way.expression) == code_of(_bare(argument.expression)) for argument in arguments):
            self.unwrapped.add(key)
        return in_place_of(laid_out_as(way.expression, updated), updated)

    def _typed(
        self, key: Key, fact: Fact, arguments: Sequence[Argument], ways: tuple[Rendering, ...]
    ) -> tuple[Key, tuple[Rendering, ...]]:
        """Return the ways that keep a type which is asked for, and the choice that they are."""
        asked = asked_by_cast(fact.callee, arguments)
        is_rewrap = asked is None and fact.callee in effects.REWRAPS
        asked = asked_by_rewrap(arguments) if is_rewrap else asked
        casts, others = casts_and_others(ways, arguments[0]) if asked is not None else ([], [])
        if asked is None or not casts:
            return key, ways
        if asked == "float64" or arguments[0].elements in ("bool", "int") or (is_rewrap and self.is_doubled(fact)):
            return key, tuple(casts)
        return (key, ways) if is_rewrap or not others else (ALIKE, (casts[0], others[0]))

    @cached_property
    def doubled(self) -> frozenset[Key]:
        """What is asked to be float64."""
        return frozenset(key for key, fact in self.planned.operations.items() if asks_for_double(fact))

    def is_doubled(self, fact: Fact) -> bool:
        """Was this made of what is asked to be float64, so that a cast behind it says what it is in the end?"""
        return any(self.is_made_double(operand) for operand in fact.operands[:1])

    def is_made_double(self, value: Value) -> bool:
        """Was a value made of what is asked to be float64?"""
        return bool(self.doubled) and bool(self.diagnosis.facts.reaching(value.makers) & self.doubled)

    def _added_up(self, fact: Fact, arguments: tuple[Argument, ...]) -> tuple[Rendering, ...]:
        """Python's own `sum` for `np.sum` of a list: of no tensors at all it makes 0, as NumPy does."""
        first = arguments[0] if len(arguments) == 1 else None
        if first is None or fact.callee != "numpy.sum" or "sum" in self.diagnosis.module.names:
            return ()
        is_list = first.kind is Kind.SEQUENCE or isinstance(first.expression, (cst.List, cst.ListComp))
        written = cst.Call(cst.Name("sum"), [cst.Arg(first.expression)])
        return (Rendering(written, frozenset()),) if is_list else ()

    def wrapped(
        self, written: Sequence[cst.BaseExpression], values: Sequence[Value], choosing: Collection[int] = ()
    ) -> list[cst.BaseExpression]:
        """Turn arrays that meet a tensor into tensors of its type: PyTorch does not mix the two.

        Truth values stay such, and so does what is `choosing` among elements: a condition, an index.
        """
        kinds = [self.planned.kind(value) for value in values]
        tensor = next((each for each, kind in zip(written, kinds, strict=True) if kind is Kind.TENSOR), None)
        if tensor is None or Kind.ARRAY not in kinds:
            return list(written)
        like = _first_name(tensor)
        if like is None:
            return list(written)
        self.modules |= {"torch"}
        stay = [place in choosing or self.elements.of(value) == "bool" for place, value in enumerate(values)]
        found = zip(written, kinds, stay, strict=True)
        return [self.as_tensor(each, like, stays) if kind is Kind.ARRAY else each for each, kind, stays in found]

    def as_tensor(self, array: cst.BaseExpression, like: str, keeps_type: bool) -> cst.BaseExpression:
        """Return an array as a tensor where another is, and of its type or of the array's own."""
        dtype = "" if keeps_type else f"dtype={like}.dtype, "
        template = cst.parse_expression(f"{self.names['torch']}.as_tensor(x, {dtype}device={like}.device)")
        call = cst.ensure_type(template, cst.Call)
        return call.with_changes(args=[call.args[0].with_changes(value=array), *call.args[1:]])

    def like(self, *originals: cst.BaseExpression) -> tuple[Argument, ...]:
        """Return a tensor of floating numbers near here, for its type: one that is named here, else the prediction."""
        for name in (each for original in originals for each in names_in(original)):
            fact = self.fact(name)
            if fact is None or self.planned.kind(fact.value) is not Kind.TENSOR:
                continue
            if fact.value.derived and self.elements.of(fact.value) not in ("bool", "int"):
                return (Argument(name, Kind.TENSOR, "like"),)
        target, where = self.diagnosis.target, self.positions.get(originals[0])
        node = self.diagnosis.function.node if self.diagnosis.function else None
        if target is None or where is None or node is None:
            return ()
        if not node.lineno <= where.start.line <= (node.end_lineno or 0):
            return self._like_what_is_given(where.start.line)
        predictions = (each.name for each in target.parameters if each.role == "prediction" and not each.sequence)
        return tuple(Argument(cst.Name(each), Kind.TENSOR, "like") for each in predictions)[:1]

    def _like_what_is_given(self, line: int) -> tuple[Argument, ...]:
        """Return the first parameter that a helper of the loss is given the prediction by."""
        for invocation in self.diagnosis.invocations:
            node = invocation.function.node
            if not node.lineno <= line <= (node.end_lineno or 0) or id(node) not in self.planned.path:
                continue
            names = [name for name, value in invocation.arguments if value.derived and value.kind is not Kind.SEQUENCE]
            kinds = {name: value for name, value in invocation.arguments if name in names and value.meaning is None}
            for name in kinds:
                return (Argument(cst.Name(name), Kind.TENSOR, "like"),)
        return ()


def plain(argument: Argument) -> Argument:
    """Return the same argument, given by position."""
    return replace(argument, keyword=None)


def _bare(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.with_changes(lpar=[], rpar=[]) if node.lpar else node


def in_place_of(new: cst.BaseExpression, old: cst.BaseExpression) -> cst.BaseExpression:
    """Keep the parentheses that stood around the old expression: it may span lines."""
    if old.lpar and not new.lpar and not isinstance(new, cst.Name):
        return new.with_changes(lpar=old.lpar, rpar=old.rpar)
    return new


def names_in(node: cst.CSTNode) -> Iterator[cst.Name]:
    if isinstance(node, cst.Name):
        yield node
    for child in node.children:
        yield from names_in(child)


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


ALIKE: Key = ("casts to the type that is there mostly", 0, 0, 0, 0)
"""The choice whether casts to single precision stay: it is made for all of them at once."""

_DOUBLE = frozenset({"float64", "double", "float_"})
_OF_A_TYPE = {"float64": "float64", "double": "float64", "float_": "float64", "float32": "float32",
              "single": "float32", "float16": "float16", "half": "float16"}  # fmt: skip
_CASTING = frozenset("ndarray.astype numpy.astype numpy.array numpy.asarray numpy.asanyarray numpy.asfarray "
                     "numpy.ascontiguousarray".split())  # fmt: skip


def asked_by_cast(callee: str, arguments: Sequence[Argument]) -> str | None:
    """Return NumPy's name of the floating type that a cast asks for, "" for that of another array; None for no cast."""
    owner, _, last = callee.rpartition(".")
    if owner == "numpy" and last in _OF_A_TYPE:
        return _OF_A_TYPE[last]
    if callee not in _CASTING:
        return None
    dtype = type_argument(arguments)
    if dtype is None and len(arguments) > 1 and arguments[1].keyword is None:
        dtype = arguments[1]
    return _floating(dtype) if dtype is not None else None


def asked_by_rewrap(arguments: Sequence[Argument]) -> str | None:
    """Return the same of `torch.tensor(x, dtype=…)` and its like."""
    dtype = type_argument(arguments)
    return _floating(dtype) if dtype is not None else None


def type_argument(arguments: Iterable[Argument]) -> Argument | None:
    """Return the argument `dtype=…`."""
    return next((each for each in arguments if each.keyword == "dtype"), None)


def _floating(dtype: Argument) -> str | None:
    slot = slot_of("dtype", dtype)
    return dtype_name(slot) if is_floating(slot) else None


def casts_and_others(ways: Sequence[Rendering], first: Argument) -> tuple[list[Rendering], list[Rendering]]:
    """Return the ways that cast, and those that only give the argument back."""
    bare = code_of(first.expression.with_changes(lpar=[], rpar=[]) if first.expression.lpar else first.expression)
    if isinstance(first.expression, (cst.List, cst.Tuple, cst.ListComp)) or first.kind is Kind.SEQUENCE:
        bare = min((code_of(each.expression) for each in ways), key=len, default=bare)  # one tensor made of the list
    others = [each for each in ways if code_of(each.expression) == bare]
    return [each for each in ways if code_of(each.expression) != bare], others


def asks_for_double(fact: Fact) -> bool:
    """Does an operation ask for float64 by name?"""
    if fact.callee.startswith("numpy.") and fact.callee.rpartition(".")[2] in _DOUBLE:
        return True
    return any(_is_double(each.meaning, each.traits.constant) for each in fact.operands[1:])


def _is_double(meaning: object, constant: object) -> bool:
    named = isinstance(meaning, Dotted) and meaning.name.rpartition(".")[2] in _DOUBLE | {"float"}
    return named or constant in ("float64", "double", "f8", "d")


def is_cast_of(node: cst.Call, names: frozenset[str]) -> bool:
    """Is this `x.to(torch.float64)`, `x.type(np.float64)`: a cast to one of these types by name?"""
    given = [*node.args]
    if len(given) != 1 or (given[0].keyword is not None and given[0].keyword.value != "dtype"):
        return False
    return code_of(given[0].value).rpartition(".")[2].strip("'\"") in names
