"""Run one loss at one point; give its value, its gradient along directions, and finite differences of the value.

Values that the author detached on purpose are held constant while the rest is varied. Parameters that a loss finds
outside its arguments (in its instance, its closure, its module) are differentiated like predictions: a rewrite that
cuts a learned temperature out of the graph is not a fix.
"""

from __future__ import annotations

import ast
import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Callable

from .draw import Argument, Array, Direction, Point, direction, moved, together
from .numerics import Leaf, LeafGradients, leaves, total
from .records import Gradient, LeafRecord, Run
from .standins import Opaque, StandIn, Values, adopt, filled

FIXED = "__fixed__"


class Fixed:
    """Called with each value that is to be held, in the order of the run: notes it, or gives back what was noted."""

    def __init__(self) -> None:
        self.known: list[Any] = []
        self.state = "idle"
        self.met = 0

    def __call__(self, value: Any) -> Any:
        if self.state == "noting":
            self.known.append(value)
        elif self.state == "holding":
            value = self.known[self.met]
            self.met += 1
        return value

    def start(self) -> None:
        """A run begins."""
        self.met = 0

    @contextlib.contextmanager
    def held_constant(self, run: Callable[[], Any]) -> Iterator[None]:
        """In here every value is what it was in one run."""
        self.known, self.state = [], "noting"
        try:
            run()
            self.state = "holding"
            yield
        finally:
            self.state = "idle"


class Marked(ast.NodeTransformer):
    """Hands the expressions at some places to the holder."""

    def __init__(self, places: Sequence[Sequence[int]]) -> None:
        self.places = {tuple(one) for one in places}

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if not isinstance(node, ast.expr):
            return node
        at = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        if at not in self.places:
            return node
        self.places.discard(at)
        holder = ast.copy_location(ast.Name(FIXED, ast.Load()), node)
        return ast.copy_location(ast.Call(holder, [node], []), node)


MOST = 8
MOST_ELEMENTS = 2000
CONTAINERS = (list, tuple, dict)


def parameters_of(
    function: Callable[..., Any], namespace: dict[str, Any], names: list[str], backend: Any
) -> dict[str, Any]:
    """Parameters by the name a reader knows them under (`self.log_sigma`, `head.weight`), few and small ones only."""
    found: dict[str, Any] = {}
    for root, value in holders(function, namespace, names):
        for name, parameter in within(root, value, backend):
            known = any(parameter is other for other in found.values())
            if not known and 0 < backend.count(parameter) <= MOST_ELEMENTS:
                found[name] = parameter
    return found if len(found) <= MOST else {}


def holders(function: Callable[..., Any], namespace: dict[str, Any], names: list[str]) -> Iterator[tuple[str, Any]]:
    """The instance of a method, what a closure holds, and the module's names that the loss uses."""
    if getattr(function, "__self__", None) is not None:
        yield "self", function.__self__  # type: ignore[attr-defined]
    inner = getattr(function, "__func__", function)
    code, cells = getattr(inner, "__code__", None), getattr(inner, "__closure__", None)
    if code is not None and cells:
        for name, cell in together(code.co_freevars, cells):
            try:
                yield name, cell.cell_contents
            except ValueError:
                continue
    yield from ((name, namespace[name]) for name in names if name in namespace)


def within(name: str, value: Any, backend: Any, depth: int = 2) -> Iterator[tuple[str, Any]]:
    """The parameters that a value is or has, one container or plain object deep."""
    own = () if isinstance(value, Opaque) else backend.parameters(value)
    if own is not None:
        yield from ((f"{name}{suffix}", parameter) for suffix, parameter in own)
    elif depth and isinstance(value, CONTAINERS):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from within(f"{name}[{key!r}]", item, backend, depth - 1)
    elif depth and name == "self" and hasattr(value, "__dict__"):
        for key, item in vars(value).items():
            yield from within(f"{name}.{key}", item, backend, depth - 1)


def as_arguments(parameters: Mapping[str, Any], backend: Any) -> Point:
    """The parameters with the values that they were made with."""
    return tuple(Argument(name, (backend.array_of(one),), owned=True) for name, one in parameters.items())


DIRECTIONS, FEWER_DIRECTIONS = 6, 3


@dataclass(frozen=True)
class Runnable:
    """A loss that has been loaded, and how it is to be given its arguments.

    `parameters` are what it owns, `standins` the models that it holds and that are not there; what is `fixed` stays
    where it is in finite differences.
    """

    function: Callable[..., Any]
    backend: Any
    precision: str
    takes_arrays: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    standins: Mapping[str, StandIn] = field(default_factory=dict)
    fixed: Fixed = field(default_factory=Fixed)

    def call(self, point: Point) -> Callable[[list[Any]], Any]:
        def with_tensors(tensors: list[Any]) -> Any:
            arguments = rebuild(point, self.as_taken(point, tensors), self.backend)
            for name in [name for name in arguments if name in self.standins]:
                adopt(self.standins[name], arguments.pop(name))
            return self.function(**arguments)

        return with_tensors

    def as_taken(self, point: Point, tensors: list[Any]) -> list[Any]:
        """The tensors, as arrays where the loss takes those; what a model returns stays a tensor."""
        as_arrays = [
            argument.array or (self.takes_arrays and argument.form is None)
            for argument in passed(point)
            for _ in argument.arrays
        ]
        pairs = together(tensors, as_arrays)
        return [self.backend.to_array(one) if is_array else one for one, is_array in pairs]

    def ready(self, point: Point, seed: int = 1) -> None:
        self.backend.precision(self.precision)
        self.backend.reseed(seed)
        self.fixed.start()
        for one in point:
            if one.owned and one.name in self.parameters:
                self.backend.assign(self.parameters[one.name], one.arrays[0])

    def value(self, point: Point, seed: int = 1) -> list[Leaf]:
        self.ready(point, seed)
        result = self.backend.evaluate(self.call(point), arrays_of(point), self.precision, recorded_of(point))
        return leaves(result, self.backend)

    def value_unrecorded(self, point: Point) -> Run:
        """The value where no gradient is recorded, and the arguments that were changed in place."""
        self.ready(point)
        result, changed = self.backend.evaluate_watching(self.call(point), arrays_of(point), self.precision)
        owner = owners(point)
        return {
            "value": records_of(result, self.backend),
            "changed": list(dict.fromkeys(owner[index] for index in changed)),
        }

    def gradient(self, point: Point, names: Sequence[str], count: int = FEWER_DIRECTIONS) -> Run:
        """Value, and for every named argument the norm of its gradient and its slopes along the directions."""
        self.ready(point)
        wanted = wanted_of(point, names)
        owned = [one for one in point if one.owned and one.name in names and one.name in self.parameters]
        result, found = self.backend.differentiate(
            self.call(point), arrays_of(point), wanted, self.precision, [self.parameters[one.name] for one in owned],
            recorded_of(point),
        )  # fmt: skip
        return self.report(point, names, count, result, found, owned)

    def graph(self, points: list[Point], names: Sequence[str]) -> list[Run]:
        """Value and gradient at each point inside a graph that was traced once."""
        self.ready(points[0])
        wanted = wanted_of(points[0], names)
        arrays = [arrays_of(point) for point in points]
        converted = replace(self, function=self.backend.converted(self.function))
        passed = [one for one in names if any(each.name == one and not each.owned for each in points[0])]
        return [
            self.report(point, passed, FEWER_DIRECTIONS, result, found, [])
            for point, (result, found) in together(
                points, self.backend.graph(converted.call(points[0]), arrays, wanted, self.precision)
            )
        ]

    def other_device(self, point: Point) -> None:
        """The loss with its arguments on another device than the CPU; raises what speaks against it."""
        self.ready(point)
        self.backend.on_other_device(self.call(point), arrays_of(point))

    def report(
        self, point: Point, names: Sequence[str], count: int, result: Any, found: LeafGradients, owned: list[Argument]
    ) -> Run:
        gradients = dict(together([*wanted_of(point, names), *(one.name for one in owned)], found))
        slopes: dict[str, Gradient] = {}
        for one in point:
            if one.name in names:
                places = (
                    [one.name] if one.owned else [at for at, owner in enumerate(owners(point)) if owner == one.name]
                )
                slopes[one.name] = slopes_of(one, [gradients.get(place) for place in places], count)
        return {"value": records_of(result, self.backend), "gradients": slopes}

    def differences(self, point: Point, name: str, step: float, count: int = FEWER_DIRECTIONS) -> list[list[float]]:
        """The loss at `-step` and `+step` along each direction of one argument."""
        argument = next(one for one in point if one.name == name)
        with self.fixed.held_constant(lambda: self.value(point)):
            return [
                [total(self.value(moved(point, name, way, sign * step))) for sign in (-1.0, 1.0)]
                for way in directions(argument, count)
            ]


def slopes_of(argument: Argument, parts: list[list[float] | None], count: int) -> Gradient:
    """The norm of a gradient and its slope along each direction; None for the norm where there is no gradient."""
    if all(part is None for part in parts):
        return {"norm": None, "slopes": []}
    whole = [
        part if part is not None else [0.0] * (0 if array.integral else len(array.values))
        for part, array in together(parts, argument.arrays)
    ]
    return {
        "norm": math.sqrt(sum(number * number for part in whole for number in part)),
        "slopes": [
            sum(a * b for part, way in together(whole, ways) for a, b in together(part, way))
            for ways in directions(argument, count)
        ],
    }


def directions(argument: Argument, count: int) -> list[Direction]:
    return [direction(argument, number) for number in range(count)]


def passed(point: Point) -> list[Argument]:
    """The arguments proper: parameters that the loss owns are not passed."""
    return [argument for argument in point if not argument.owned]


def arrays_of(point: Point) -> list[Array]:
    return [array for argument in passed(point) for array in argument.arrays]


def recorded_of(point: Point) -> list[int]:
    """The places of the tensors that have to require a gradient when the loss is run."""
    recorded = [argument.recorded for argument in passed(point) for _ in argument.arrays]
    return [index for index, array in enumerate(arrays_of(point)) if recorded[index] and not array.integral]


def owners(point: Point) -> list[str]:
    return [argument.name for argument in passed(point) for _ in argument.arrays]


def wanted_of(point: Point, names: Sequence[str]) -> list[int]:
    """The places of the tensors to differentiate by; integers among them have no gradient."""
    arrays = together(owners(point), arrays_of(point))
    return [index for index, (owner, array) in enumerate(arrays) if owner in names and not array.integral]


def rebuild(point: Point, tensors: list[Any], backend: Any) -> dict[str, Any]:
    """The arguments by name, lists and dicts of tensors put together again, models made of what they return."""
    rest = list(tensors)
    arguments: dict[str, Any] = {}
    for argument in passed(point):
        taken = [rest.pop(0) for _ in argument.arrays]
        if argument.form is not None:
            arguments[argument.name] = filled(StandIn(argument.name, backend), argument.form, taken)
        elif argument.fields:
            arguments[argument.name] = Values({**dict(together(argument.keys, taken)), **(argument.plain or {})})
        elif not taken:
            arguments[argument.name] = argument.plain
        elif argument.keys:
            arguments[argument.name] = dict(together(argument.keys, taken))
        else:
            arguments[argument.name] = taken if argument.listed else taken[0]
    return arguments


def records_of(result: Any, backend: Any) -> list[LeafRecord]:
    """The numbers of a result, as the host takes them."""
    return [leaf.record() for leaf in leaves(result, backend)]
