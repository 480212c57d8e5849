"""One abstract run: its state, and how a node finds the function that evaluates or executes it.

Those functions stand in files named after what they follow. Each is registered for the kinds of nodes that it knows;
`interpreter` imports all of them, and begins a run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

from autofix.analysis.record import CallSite, Facts, Invocation
from autofix.analysis.values import INERT, Arguments, Function, Imported, Instance, Root, Scope, Value
from autofix.knowledge import naming
from autofix.model import Cut, Framework
from autofix.source.suppressions import NO_WISHES, Wishes
from autofix.syntax.spans import Around, Key, Neighbour, Positions

BUDGET = 3000
"""Calls of the project's functions that one run follows."""

Handler = TypeVar("Handler", bound=Callable[..., object])
TapeState = Literal["none", "closed", "open"]
"""Whether the tape of the step that is being followed records here; `none` where the step has no tape."""


class Call(NamedTuple):
    """One call: its arguments as they were evaluated, and the scope that it stands in."""

    node: ast.Call
    arguments: Arguments
    scope: Scope


@dataclass(frozen=True)
class Consumption:
    """What gets differentiated, and where; `weighted` says that the gradient of its elements is given."""

    node: ast.AST
    value: Value
    weighted: bool = False


@dataclass
class Frame:
    """A function that is being followed, what it has returned so far, and what it has written to files."""

    function: Function
    returned: list[Value] = field(default_factory=list)
    written: list[Value] = field(default_factory=list)


@dataclass
class Context:
    """Where a run is: the functions, blocks, branches and loops that it is in.

    `no_grad` is the cut of the innermost block under which torch records nothing.
    """

    frames: list[Frame] = field(default_factory=list)
    no_grad: Cut | None = None
    tape: TapeState = "none"
    open_tapes: int = 0
    branches: int = 0
    loops: int = 0


@dataclass
class Declared:
    """What the text says by itself of what is trained, before it is run; `models` grows with the files that are read.

    `leaves` are names, `made_as_leaves` the identities of calls. `wishes` are what its comments say of single lines.
    """

    models: frozenset[str] = frozenset()
    leaves: frozenset[str] = frozenset()
    made_as_leaves: frozenset[int] = frozenset()
    optimized: frozenset[str] = frozenset()
    wishes: Wishes = NO_WISHES


@dataclass
class NamePolicy:
    """What names may decide: where a run is `strict`, none makes a plain value a target.

    `excused` says that one did. `assumes_roles` gives the parameters of a loss that nobody calls the roles they name;
    `losses` are the functions that are such a loss by what they do, whatever they are called, by their identities.
    """

    strict: bool = False
    excused: bool = False
    assumes_roles: bool = True
    losses: set[int] = field(default_factory=set)


@dataclass
class Gradients:
    """What is known of gradients beside the values.

    `factors` are the makers of constant factors, `cut_off` what a gradient that a cut ends would have arrived at,
    `dead` the cuts of losses without a gradient, by their makers.
    """

    factors: set[Key] = field(default_factory=set)
    cut_off: dict[Cut, frozenset[Root]] = field(default_factory=dict)
    dead: dict[frozenset[Key], frozenset[Cut]] = field(default_factory=dict)


@dataclass
class Journal:
    """What happened in a run, in its order."""

    consumed: list[Consumption] = field(default_factory=list)
    invocations: list[Invocation] = field(default_factory=list)
    call_sites: list[CallSite] = field(default_factory=list)
    attributes_set: int = 0


@dataclass
class Files:
    """The other files of the project: those that were read, and what their names stand for.

    All are by path; `scopes` has None for a file that cannot be read; `stars` are the star imports of a file;
    `instances` those made of other files' classes, by the identity of what stood for them.
    """

    around: Around | None
    neighbours: dict[str, Neighbour] = field(default_factory=dict)
    scopes: dict[str, Scope | None] = field(default_factory=dict)
    behind: dict[Imported, Value | None] = field(default_factory=dict)
    stars: dict[str, list[Imported]] = field(default_factory=dict)
    instances: dict[int, Value] = field(default_factory=dict)


@dataclass
class Memory:
    """What is not computed twice, and how many more calls may be followed.

    `results` are by what a call can depend on; each holds its invocation, whose identities the key names.
    """

    budget: int = BUDGET
    constants: dict[ast.Constant, Value] = field(default_factory=dict)
    results: dict[object, Invocation] = field(default_factory=dict)
    alike: dict[object, Instance] = field(default_factory=dict)


class Observer(Protocol):
    """What observes a run, and may give each read of a value a maker of its own."""

    def evaluated(self, node: ast.expr, value: Value) -> Value:
        """Return the value that an expression has for whoever reads it."""

    def called(self, node: ast.Call, function: Function) -> None:
        """A function of the project is called."""

    def returned(self, function: Function, values: Sequence[Value]) -> None:
        """A function returns one of these."""

    def binding(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """A target is about to be given a value."""


@dataclass
class Run:
    """An abstract run of one module, and of what it uses from other files; functions are followed where called.

    `nodes` are the expressions that made a value, by their keys. Without an `observer` every read of a name has the
    makers of what it was bound to.
    """

    tree: ast.Module
    positions: Positions
    framework: Framework
    own_rules: frozenset[str]
    declared: Declared
    files: Files
    module: Scope = field(default_factory=Scope)
    names: NamePolicy = field(default_factory=NamePolicy)
    context: Context = field(default_factory=Context)
    facts: Facts = field(default_factory=Facts)
    nodes: dict[Key, ast.AST] = field(default_factory=dict)
    gradients: Gradients = field(default_factory=Gradients)
    journal: Journal = field(default_factory=Journal)
    memory: Memory = field(default_factory=Memory)
    observer: Observer | None = None


EXPRESSIONS: dict[type[ast.AST], Callable[[Run, Any, Scope], Value]] = {}
STATEMENTS: dict[type[ast.AST], Callable[[Run, Any, Scope], bool | None]] = {}


def evaluates(*kinds: type[ast.expr]) -> Callable[[Handler], Handler]:
    """Register a function `(run, node, scope) -> Value` for kinds of expressions."""
    return registering(EXPRESSIONS, kinds)


def executes(*kinds: type[ast.stmt]) -> Callable[[Handler], Handler]:
    """Register a function `(run, node, scope) -> bool | None` for kinds of statements: True if it surely returns."""
    return registering(STATEMENTS, kinds)


def registering(table: dict[Any, Any], keys: Sequence[object]) -> Callable[[Handler], Handler]:
    """Return a decorator that enters a function into a table under these keys."""

    def register(handler: Handler) -> Handler:
        assert table.keys().isdisjoint(keys)
        table.update(dict.fromkeys(keys, handler))
        return handler

    return register


def evaluate(run: Run, node: ast.expr, scope: Scope) -> Value:
    """Return the value of an expression; what cannot be followed is unknown."""
    value = EXPRESSIONS.get(node.__class__, _evaluate_parts)(run, node, scope)
    return value if run.observer is None else run.observer.evaluated(node, value)


def _evaluate_parts(run: Run, node: ast.expr, scope: Scope) -> Value:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            evaluate(run, child, scope)
    return INERT


def execute(run: Run, body: Sequence[ast.stmt], scope: Scope) -> bool:
    """Run statements one after the other; say whether they end in a return that is certain."""
    for statement in body:
        handler = STATEMENTS.get(statement.__class__)
        try:
            if handler is not None and handler(run, statement, scope):
                return True
        except RecursionError:  # thousands of terms, as in generated tables: nothing is known of it
            continue
    return False


def is_in_loss(run: Run) -> bool:
    """Is a function being followed that its name calls a loss, or a term of one?"""
    return any(naming.is_loss(frame.function.qualname) for frame in run.context.frames)


def is_in_metric_loss(run: Run) -> bool:
    """Is a loss being followed that compares samples with their like: triplet, contrastive, siamese?"""
    return any(naming.is_metric_loss(frame.function.qualname) for frame in run.context.frames)


def qualified(run: Run, name: str) -> str:
    """Return the qualified name of what is defined here."""
    frames = run.context.frames
    return f"{frames[-1].function.qualname}.<locals>.{name}" if frames else name


def read_only(run: Run, parts: Iterable[ast.expr | None], scope: Scope) -> None:
    """Evaluate what no loss is made of, for an observer that asks who reads a value."""
    for each in parts if run.observer is not None else ():
        if each is not None:
            evaluate(run, each, scope)
