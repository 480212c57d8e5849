"""Runs a module over abstract values: statements, functions of the file, and what gets differentiated in the end."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from autofix.analysis.calls import differentiates, last_name
from autofix.analysis.imported import Imports
from autofix.analysis.optimizers import PARAMETERS, made_as_leaves, optimized, wanted_leaves
from autofix.analysis.record import CallSite, Facts, Invocation, copy_of, likeness
from autofix.analysis.statements import Frame
from autofix.analysis.values import (
    INERT,
    LABEL,
    PLAIN,
    UNKNOWN,
    Arguments,
    Choice,
    Class,
    Dotted,
    Function,
    Instance,
    Meaning,
    Scope,
    Value,
    join,
    live_in,
    sequence,
)
from autofix.knowledge import naming
from autofix.model import Cut, Framework, Kind
from autofix.syntax.memo import nodes_of, remembered
from autofix.syntax.neighbours import Around, Neighbour
from autofix.syntax.spans import Positions

_DEPTH = 8
_BUDGET = 3000


@dataclass(frozen=True)
class Consumption:
    """What gets differentiated, and where; `weighted` says that the gradient of its elements is given."""

    node: ast.AST
    value: Value
    weighted: bool = False


class Interpreter(Imports):
    """An abstract run of one module, and of what it uses from the files `around` it.

    Functions are followed where they are called, with the arguments of that call. `consumed`, `invocations` and
    `call_sites` are what was met on the way.
    """

    def __init__(
        self,
        tree: ast.Module,
        positions: Positions,
        framework: Framework,
        own_rules: frozenset[str] = frozenset(),
        around: Around | None = None,
    ) -> None:
        super().__init__(positions, framework, around)
        self.tree = tree
        self.own_rules = own_rules
        self.models = trained_names(tree)
        self.wanted_leaves, self.made_as_leaves = wanted_leaves(tree), made_as_leaves(tree)
        self.optimized = optimized(tree)
        self.consumed: list[Consumption] = []
        self.invocations: list[Invocation] = []
        self.call_sites: list[CallSite] = []
        self._known: dict[object, tuple[Value, object]] = {}
        self._alike: dict[object, Instance] = {}
        self._budget = _BUDGET
        self._assumes = True

    def run(self) -> None:
        """Run the module's own statements."""
        self.away_from_tape = (self.framework == "tensorflow" and opens_tape(self.tree)) or None
        self.execute(self.tree.body, self.module)
        self.away_from_tape = None

    def run_user(self, user: Neighbour) -> Scope:
        """Run the statements of a file that uses this one."""
        return self.enter(user, user.tree.body)

    def learn_models(self, tree: ast.Module) -> None:
        self.models |= trained_names(tree)

    def consume(self, node: ast.AST, value: Value, weighted: bool = False) -> None:
        self.consumed.append(Consumption(node, value, weighted))

    def called(self, node: ast.Call, function: Function, arguments: Arguments) -> None:
        caller = self.frames[-1].function if self.frames else None
        given = tuple(self._as_array(each) for each in arguments.values)
        self.call_sites.append(CallSite(self.positions.key(node), caller, function, given))

    def _as_array(self, value: Value) -> Value:
        """Return what NumPy made of something unknown as the array that it may be."""
        if value.kind is not Kind.NUMBER:
            return value
        behind = (self.facts.by_key.get(key) for key in self.facts.reaching(value.makers))
        of_numpy = any(each is not None and each.callee.startswith(("numpy.", "ndarray.")) for each in behind)
        return value._replace(kind=Kind.ARRAY) if of_numpy else value

    def look_into(self, function: Function) -> None:
        """Follow a function that nothing differentiates only to see what it calls; it leaves no other trace."""
        facts, consumed, invocations = self.facts, len(self.consumed), len(self.invocations)
        self.facts, self._assumes = Facts(), False
        try:
            self.invoke(function, Arguments((), {}))
        finally:
            self.facts, self._assumes = facts, True
            del self.consumed[consumed:], self.invocations[invocations:]

    def instantiate(self, cls: Class, arguments: Arguments) -> Value:
        form = likeness(cls, arguments)
        context = (form, self.no_grad, self.away_from_tape, self.tapes > 0, len(self.frames), self._assumes)
        if context in self._alike:
            return Value(meaning=copy_of(self._alike[context]))
        made = super().instantiate(cls, arguments)
        if form is not None and isinstance(made.meaning, Instance) and self._budget > 0:
            self._alike[context] = copy_of(made.meaning)
        return made

    def in_metric_loss(self) -> bool:
        return any(naming.is_metric_loss(frame.function.qualname) for frame in self.frames)

    def invoke(self, function: Function, arguments: Arguments) -> Value:
        bound = self._bind_arguments(function, arguments)
        if has_own_gradient(function.node):
            return join(arguments.values) if arguments.values else UNKNOWN
        active = any(frame.function.node is function.node for frame in self.frames)
        if active or len(self.frames) >= _DEPTH or self._budget <= 0:
            return join(arguments.values) if any(each.derived for each in arguments.values) else UNKNOWN
        memo = (id(function.node), id(function.scope), _signature(function.receiver), self.no_grad, self.away_from_tape,
                self.tapes > 0, tuple((name, _signature(value)) for name, value in bound.items()))  # fmt: skip
        if memo not in self._known:
            self._budget -= 1
            invocation = Invocation(function, tuple(bound.items()), self._follow(function, bound))
            self.invocations.append(invocation)
            self._known[memo] = invocation.result, invocation  # kept alive: the memo holds identities
        return self._known[memo][0]

    def _follow(self, function: Function, bound: dict[str, Value]) -> Value:
        node, scope = function.node, Scope(function.scope, dict(bound))
        if isinstance(node, ast.Lambda):
            return self.evaluate(node.body, scope)
        frame = Frame(function, [])
        self.frames.append(frame)
        no_grad, away = self.no_grad, self.away_from_tape
        if differentiates(node):  # a step that is called for its value takes no gradient there
            self.no_grad = None
        self.no_grad = self.no_grad or self._decorated_no_grad(node, function.scope)
        if away is None:
            self.away_from_tape = (self.framework == "tensorflow" and opens_tape(node)) or None
        try:
            self.execute(node.body, scope)
        finally:
            self.no_grad, self.away_from_tape = no_grad, away
            self.frames.pop()
        single = [value for value in frame.returned if value.kind is not Kind.SEQUENCE]
        several = [value for value in frame.returned if value.kind is Kind.SEQUENCE]
        returned = single if any(value.derived for value in single) else single + several
        return join(returned) if returned else INERT

    def _bind_arguments(self, function: Function, arguments: Arguments) -> dict[str, Value]:
        spec = function.node.args
        names = [each.arg for each in (*spec.posonlyargs, *spec.args)]
        before = function.given or Arguments((), {})
        given = [*before.positional, *arguments.positional]
        named = before.keywords | arguments.keywords
        if function.receiver is not None:
            given.insert(0, function.receiver)
        bound: dict[str, Value] = {}
        defaults = dict(zip(names[len(names) - len(spec.defaults) :], spec.defaults, strict=True))
        defaults |= {
            each.arg: default for each, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if default
        }
        for place, name in enumerate([*names, *(each.arg for each in spec.kwonlyargs)]):
            if place < len(given) and place < len(names):
                bound[name] = given[place]
            elif name in named:
                bound[name] = named[name]
            elif name in defaults:
                bound[name] = self.evaluate(defaults[name], function.scope)
            else:
                bound[name] = UNKNOWN
        if spec.vararg:
            bound[spec.vararg.arg] = sequence(given[len(names) :])
        if spec.kwarg:
            bound[spec.kwarg.arg] = UNKNOWN
        return self._assume(function, bound)

    def _assume(self, function: Function, bound: dict[str, Value]) -> dict[str, Value]:
        """Give parameters of a loss of which nothing is known the role that their names say.

        What `__init__` is given, and hands on, are settings.
        """
        name = function.qualname.replace("<lambda>", "")
        if (
            name.endswith(("__init__", "compute_loss", "training_step"))
            or any(frame.function.qualname.endswith("__init__") for frame in self.frames)
            or not (self._assumes and _is_loss(name))
            or any(value.derived for value in bound.values())
        ):
            return {each: self.intended(each, value) for each, value in bound.items()}
        open_names = [each for each, value in bound.items() if value.unknown and each not in ("self", "cls")]
        roles = {each: naming.role(each) for each in open_names}
        wanted = "prediction" if "prediction" in roles.values() else "unknown"
        assumed = {
            each: live_in(f"{each}=", True) if roles[each] == wanted else LABEL
            for each in open_names
            if roles[each] != "number"
        }
        assumed |= {each: PLAIN for each in assumed if each in _annotated_arrays(function.node)}
        return {**bound, **assumed}

    def _decorated_no_grad(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Cut | None:
        for decorator in node.decorator_list:
            if self.ends_recording(decorator, scope):
                return self.cut(self.positions.key(decorator), "AF109", decorator)
        return None


def _annotated_arrays(node: ast.AST) -> frozenset[str]:
    """Return the parameters that are declared to be NumPy arrays: what nobody calls with a tensor is right for them."""
    spec = getattr(node, "args", None)
    declared = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs] if spec is not None else []
    return frozenset(each.arg for each in declared if each.annotation is not None
                     and ast.unparse(each.annotation).rpartition(".")[2] in ("ndarray", "ArrayLike"))  # fmt: skip


def _is_loss(qualname: str) -> bool:
    """Does the name of a function say that it is a loss, or that of the class which it is a method of?"""
    owner, _, name = qualname.rpartition(".")
    if naming.words(name)[:1] == ("test",):
        return False
    return naming.is_loss(name) or naming.is_kind_of_loss(owner.rpartition(".")[2]) or naming.is_named_loss(owner)


@remembered
def trained_names(tree: ast.AST) -> frozenset[str]:
    """Return the names of what has parameters, by use: `m.parameters()`, `m.trainable_variables`."""
    owners = (each.value for each in nodes_of(tree, ast.Attribute) if each.attr in PARAMETERS)
    return frozenset(last_name(owner) for owner in owners) - {"", "self"}


@remembered
def has_own_gradient(node: ast.AST) -> bool:
    """Does a function bring its own gradient (`@tf.custom_gradient`)? What stands in it says nothing about that one."""
    return any("custom_gradient" in ast.unparse(decorator) for decorator in getattr(node, "decorator_list", ()))


@remembered
def opens_tape(node: ast.AST) -> bool:
    """Does this body open a `tf.GradientTape()` itself, not counting functions that are defined in it?"""
    return _opens_tape(node)


def _opens_tape(node: ast.AST) -> bool:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(child, ast.withitem) and "GradientTape" in ast.unparse(child.context_expr):
            return True
        if _opens_tape(child):
            return True
    return False


def _identity(meaning: Meaning | None) -> object:
    if isinstance(meaning, Choice):
        return tuple(_identity(each) for each in meaning.options)
    return meaning if isinstance(meaning, Dotted) else id(meaning)


def _signature(value: Value | None) -> object:
    """Return what a call's result can depend on, in a form that can be compared."""
    if value is None:
        return None
    parts = tuple(_signature(each) for each in value.items or ())
    meaning = _identity(value.meaning)
    element = _signature(value.element)
    made = value.kind, value.live, value.cuts, value.unknown, meaning, value.makers, value.roots
    return *made, parts, element, value.traits
