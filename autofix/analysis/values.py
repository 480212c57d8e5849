"""What the analysis knows of a value: its kind, whether it carries a gradient, where gradients ended; what is certain.

A value is *live* when a differentiable path from a prediction reaches it, *derived* when it was made from a prediction
at all, and *inert* when it never depended on one. `cuts` are the places where paths from predictions ended. Traits
(shape, bounds, distances) hold for certain or are not given: the causes that are read off them are reported and never
verified by a run.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from autofix.knowledge.effects import LEAVERS, package_of
from autofix.model import Cut, Kind
from autofix.syntax.spans import Key


@dataclass(frozen=True)
class Shape:
    """The sizes of all axes where they are known; else what is known of the last one, the first one, and the whole.

    `batched` says that the first axis holds two samples or more, `many` that there are two elements or more.
    """

    sizes: tuple[int, ...] | None = None
    last: int | None = None
    batched: bool = False
    many: bool = False


@dataclass(frozen=True)
class Spread:
    """A batch with a new axis at `axis`: `x[:, None]`. Two of one `source` differ by the distances of its samples."""

    source: object
    axis: int


class Traits(NamedTuple):
    """What is certain of one value.

    `may_carry` says that a gradient may flow into it that was not seen. `constant` is a literal's own value.
    `low` and `high` bound every element. `own_distance` says that it is zero for certain where a sample meets
    itself; `distance` that it was made of the difference of two predictions and
    of nothing else, `reduced` that the axis of their features is gone.
    """

    constant: object = None
    shape: Shape = Shape()
    low: float = -math.inf
    high: float = math.inf
    spread: Spread | None = None
    own_distance: bool = False
    distance: bool = False
    reduced: bool = False
    may_carry: bool = False


NOTHING = Traits()
CARRYING = Traits(may_carry=True)
SCALAR = Shape(sizes=())
BATCH = Shape(batched=True, many=True)
PER_SAMPLE = BATCH


def known(sizes: Iterable[int]) -> Shape:
    """Return the shape with these sizes."""
    fixed = tuple(sizes)
    count = math.prod(fixed)
    return Shape(fixed, fixed[-1] if fixed else None, bool(fixed) and fixed[0] > 1, count > 1)


def of_constant(constant: object) -> Traits:
    """Return the traits of a literal."""
    if isinstance(constant, (int, float)) and not isinstance(constant, bool):
        return Traits(constant, SCALAR, constant, constant)
    return Traits(constant)


def joined(traits: Iterable[Traits]) -> Traits:
    """Return what holds whichever of these a value has."""
    each = list(traits)
    first = each[0]
    if all(other is first or other == first for other in each[1:]):
        return first
    same_shape = all(other.shape == first.shape for other in each)
    return Traits(
        shape=first.shape if same_shape else Shape(many=all(other.shape.many for other in each)),
        low=min(other.low for other in each),
        high=max(other.high for other in each),
        may_carry=any(other.may_carry for other in each),
    )


def shape_of(traits: Traits, kind: Kind) -> Shape:
    """Return the shape of an operand; a plain number is a scalar."""
    return SCALAR if kind is Kind.NUMBER else traits.shape


class Root(NamedTuple):
    """Where a gradient arrives in the end, by its name in the source: a parameter, or a model (`is_model`)."""

    name: str
    is_model: bool = False


@dataclass
class Scope:
    """Names and their values; `parent` is where a name is looked up next."""

    parent: Scope | None = None
    names: dict[str, Value] = field(default_factory=dict)

    def find(self, name: str) -> Value | None:
        """Look `name` up here and outwards."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None


@dataclass(frozen=True)
class Dotted:
    """Something from outside the file, by its canonical dotted name: `numpy.mean`, `torch.nn.Linear`."""

    name: str


@dataclass(frozen=True)
class PartOf(Dotted):
    """A module that has some of the names of the one it is known as: `tensorflow.math`, known as `tensorflow`."""


@dataclass(frozen=True)
class Imported(Dotted):
    """Something that may come from another file of the project: its name as imported by the file at the path `near`.

    A relative name keeps its dots: `..losses.dice`.
    """

    near: str = ""


@dataclass(frozen=True, eq=False)
class Function:
    """A function or lambda of the project, the scope that it closes over, and the instance it is bound to, if any.

    `given` are the arguments that `functools.partial` has filled in.
    """

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    qualname: str
    receiver: Value | None = None
    given: Arguments | None = None


@dataclass(frozen=True, eq=False)
class Class:
    """A class of this file and the values of its bases."""

    node: ast.ClassDef
    scope: Scope
    qualname: str
    bases: tuple[Value, ...]
    members: Scope


class Arguments(NamedTuple):
    """The evaluated arguments of one call."""

    positional: tuple[Value, ...]
    keywords: dict[str, Value]

    @property
    def values(self) -> tuple[Value, ...]:
        """Every argument, in the order written."""
        return (*self.positional, *self.keywords.values())

    def first(self, keyword: str = "") -> Value:
        """Return the first positional argument, or the one called `keyword`."""
        return self.positional[0] if self.positional else self.keywords.get(keyword, INERT)

    def argument(self, place: int, *names: str) -> Value | None:
        """Return the argument given at `place` or under one of `names`; None where it was left out."""
        if place < len(self.positional):
            return self.positional[place]
        return next((self.keywords[name] for name in names if name in self.keywords), None)


@dataclass(frozen=True, eq=False)
class Instance:
    """An object made from a class of this file or from outside, with the attributes seen so far.

    `arguments` are what one from outside was made with, at `node`; `imported` names the class of another file, if it
    may be one, with its arguments.
    """

    made_from: Class | Dotted
    attributes: dict[str, Value] = field(default_factory=dict)
    arguments: Arguments | None = None
    node: ast.Call | None = None
    imported: tuple[Imported, Arguments] | None = None

    @property
    def name(self) -> str:
        """The last part of the name of what it was made from: `Linear`."""
        return self.made_from.qualname if isinstance(self.made_from, Class) else self.made_from.name.rpartition(".")[2]


@dataclass(frozen=True, eq=False)
class Super:
    """What `super()` gives in a method: the bases of the class that it stands in, bound to its `receiver`."""

    receiver: Value
    bases: tuple[Value, ...]


@dataclass(frozen=True)
class Method:
    """An attribute taken from a tensor, an array or an object that is not known further."""

    receiver: Value
    name: str


@dataclass(frozen=True)
class Choice:
    """One of several things, nobody knows which: an entry of a registry, what two branches leave."""

    options: tuple[Dotted | Function | Class | Instance | Method | Super, ...]


Meaning: TypeAlias = "Dotted | Function | Class | Instance | Method | Super | Choice"


class Value(NamedTuple):
    """One abstract value; `makers` are the expressions that made it, `items` the elements if their number is known.

    `roots` are what a gradient of it arrives at, where it is live; `weights` are the cuts of the factors of the
    products it was made from, whether or not they count as cuts of its own.

    Thousands are made and compared as one types: a frozen dataclass takes three times as long for either.
    """

    kind: Kind = Kind.OTHER
    live: bool = False
    cuts: frozenset[Cut] = frozenset()
    unknown: bool = False
    meaning: Meaning | None = None
    element: Value | None = None
    items: tuple[Value, ...] | None = None
    makers: frozenset[Key] = frozenset()
    traits: Traits = NOTHING
    roots: frozenset[Root] = frozenset()
    weights: frozenset[Cut] = frozenset()

    @property
    def derived(self) -> bool:
        """Was it made from a prediction?"""
        return self.live or bool(self.cuts)


INERT = Value()
NUMBER = Value(Kind.NUMBER)
UNKNOWN = Value(unknown=True)
LIVE = Value(Kind.TENSOR, live=True)
PARAMETER = LIVE._replace(roots=frozenset({Root("")}))
"""What is trained, before it has a name."""
LABEL = Value(Kind.TENSOR)
PLAIN = Value(Kind.ARRAY)

_OPTIONS = 8
_STRONGEST_FIRST = (Kind.TENSOR, Kind.ARRAY, Kind.SEQUENCE, Kind.NUMBER)


def of_model(value: Value, name: str) -> Value:
    """Return what a model of this name gives: a gradient of it arrives at that model."""
    if not value.live or not name:
        return value
    items = tuple(of_model(each, name) for each in value.items) if value.items is not None else None
    element = of_model(value.element, name) if value.element is not None else None
    return value._replace(items=items, element=element, roots=value.roots | {Root(name, is_model=True)})


def live_in(name: str, is_model: bool = False) -> Value:
    """Return a live value whose gradient arrives at what has this name."""
    return LIVE._replace(roots=frozenset({Root(name, is_model)})) if name else LIVE


def join(values: Iterable[Value]) -> Value:
    """Return the value of which each of `values` may be the one: two branches, two turns of a loop, two callers."""
    result: Value | None = None
    for value in values:
        if result is None:
            result = value
        elif value is not result and value is not None and value != result:
            result = _of_two(result, value)
    return INERT if result is None else result


def _of_two(one: Value, two: Value) -> Value:
    """Return the join of two values that differ."""
    return Value(
        one.kind if one.kind is two.kind else strongest((one, two)),
        one.live or two.live,
        one.cuts if one.cuts is two.cuts else one.cuts | two.cuts,
        one.unknown or two.unknown,
        one.meaning if one.meaning is two.meaning is None else _either(one.meaning, two.meaning),
        join((one.element, two.element)) if one.element and two.element else one.element or two.element,
        _join_items(one.items, two.items),
        one.makers if one.makers is two.makers else one.makers | two.makers,
        one.traits if one.traits is two.traits else joined((one.traits, two.traits)),
        one.roots if one.roots is two.roots else one.roots | two.roots,
        one.weights if one.weights is two.weights else one.weights | two.weights,
    )


def _either(*meanings: Meaning | None) -> Meaning | None:
    options: list[Dotted | Function | Class | Instance | Method | Super] = []
    for meaning in meanings:
        options += [
            each
            for each in (meaning.options if isinstance(meaning, Choice) else (meaning,))
            if each is not None and each not in options and not isinstance(each, (Method, Super))
        ]
    return Choice(tuple(options[:_OPTIONS])) if len(options) > 1 else options[0] if options else None


def first_choice(value: Value) -> Value:
    """Return a value that may be one of several things as the first of them that is in the graph."""
    if not isinstance(value.meaning, Choice):
        return value
    options = value.meaning.options
    inside = [each for each in options if not (isinstance(each, Dotted) and package_of(each.name) in LEAVERS)]
    return value._replace(meaning=(inside or list(options))[0])


def strongest(values: Iterable[Value]) -> Kind:
    """Return the kind that a result of these operands has: a tensor wins over an array, an array over a number."""
    kinds = [value.kind for value in values]
    for kind in _STRONGEST_FIRST:
        if kind in kinds:
            return kind
    return Kind.OTHER


def sequence(items: Iterable[Value], known_length: bool = True) -> Value:
    """Return the value of a list or tuple of `items`."""
    values = tuple(items)
    element = join(values) if values else INERT
    return Value(
        Kind.SEQUENCE, element.live, element.cuts, element.unknown,
        element=element, items=values if known_length else None, makers=element.makers, roots=element.roots,
        weights=element.weights,
    )  # fmt: skip


def uncertain(value: Value) -> Value:
    """Return a value with a mark on what is unknown of it: a gradient may flow into that which was not seen."""
    items = tuple(uncertain(each) for each in value.items) if value.items is not None else None
    element = uncertain(value.element) if value.element is not None else None
    may_carry = value.traits.may_carry or (value.unknown and not value.derived)
    return value._replace(items=items, element=element, traits=value.traits._replace(may_carry=may_carry))


def is_model_class(cls: Class) -> bool:
    """Does a class of the project inherit from a model or module of the framework, or of Lightning?"""
    for base in cls.bases:
        if isinstance(base.meaning, Class) and is_model_class(base.meaning):
            return True
        if isinstance(base.meaning, Dotted) and base.meaning.name.endswith(("Module", ".Model")):
            return True
    return False


def element_of(value: Value) -> Value:
    """Return what a loop over `value`, or an index into it, yields."""
    if value.element is not None:
        return value.element
    return value._replace(meaning=None, items=None, traits=NOTHING._replace(may_carry=value.traits.may_carry))


def _join_items(one: tuple[Value, ...] | None, two: tuple[Value, ...] | None) -> tuple[Value, ...] | None:
    if one is None or two is None or len(one) != len(two):
        return None
    return tuple(join(pair) for pair in zip(one, two, strict=True))
