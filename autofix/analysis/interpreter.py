"""Runs a module over abstract values: statements, functions of the file, and what gets differentiated in the end."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from autofix.analysis import effects, words
from autofix.analysis.calls import Arguments
from autofix.analysis.facts import Invocation, Positions
from autofix.analysis.known_calls import KnownCalls
from autofix.analysis.values import (
    INERT,
    LABEL,
    LIVE,
    UNKNOWN,
    Class,
    Dotted,
    Function,
    Instance,
    Scope,
    Value,
    element_of,
    join,
    sequence,
)
from autofix.model import Cut, Framework, Kind

_DEPTH = 8
_BUDGET = 3000
_NO_GRAD = ("torch.no_grad", "torch.inference_mode", "torch.autograd.no_grad", "torch.autograd.inference_mode")


@dataclass(frozen=True)
class Consumption:
    """What gets differentiated, and where."""

    node: ast.AST
    value: Value


@dataclass
class _Frame:
    function: Function
    returned: list[Value]


class Interpreter(KnownCalls):
    """An abstract run of one module.

    Functions are followed where they are called, with the arguments of that call. `consumed` and `invocations` are what
    was met on the way.
    """

    def __init__(self, tree: ast.Module, positions: Positions, framework: Framework) -> None:
        super().__init__(positions, framework)
        self.tree = tree
        self.module = Scope()
        self.consumed: list[Consumption] = []
        self.invocations: list[Invocation] = []
        self._frames: list[_Frame] = []
        self._known: dict[object, tuple[Value, object]] = {}
        self._budget = _BUDGET

    def run(self) -> None:
        """Run the module's own statements."""
        self.away_from_tape = opens_tape(self.tree) or None
        self.execute(self.tree.body, self.module)
        self.away_from_tape = None

    def consume(self, node: ast.AST, value: Value) -> None:
        self.consumed.append(Consumption(node, value))

    def invoke(self, function: Function, arguments: Arguments, node: ast.AST) -> Value:
        bound = self._bind_arguments(function, arguments)
        active = any(frame.function.node is function.node for frame in self._frames)
        if active or len(self._frames) >= _DEPTH or self._budget <= 0:
            return join(arguments.values) if any(each.derived for each in arguments.values) else UNKNOWN
        memo = (id(function.node), id(function.scope), _signature(function.receiver), self.no_grad, self.away_from_tape,
                tuple((name, _signature(value)) for name, value in bound.items()))  # fmt: skip
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
        frame = _Frame(function, [])
        self._frames.append(frame)
        no_grad, away = self.no_grad, self.away_from_tape
        self.no_grad = self.no_grad or self._decorated_no_grad(node, function.scope)
        if away is None:
            self.away_from_tape = opens_tape(node) or None
        try:
            self.execute(node.body, scope)
        finally:
            self.no_grad, self.away_from_tape = no_grad, away
            self._frames.pop()
        single = [value for value in frame.returned if value.kind is not Kind.SEQUENCE]
        several = [value for value in frame.returned if value.kind is Kind.SEQUENCE]
        returned = single if any(value.derived for value in single) else single + several
        return join(returned) if returned else INERT

    def _bind_arguments(self, function: Function, arguments: Arguments) -> dict[str, Value]:
        spec = function.node.args
        names = [each.arg for each in (*spec.posonlyargs, *spec.args)]
        given = list(arguments.positional)
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
            elif name in arguments.keywords:
                bound[name] = arguments.keywords[name]
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
        """Give parameters of a loss of which nothing is known the role that their names say."""
        name = function.qualname.replace("<lambda>", "")
        if not words.is_loss(name) or any(value.derived for value in bound.values()):
            return {each: _intended(each, value) for each, value in bound.items()}
        open_names = [each for each, value in bound.items() if value.unknown and each not in ("self", "cls")]
        roles = {each: words.role(each) for each in open_names}
        wanted = "prediction" if "prediction" in roles.values() else "unknown"
        assumed = {each: LIVE if roles[each] == wanted else LABEL for each in open_names if roles[each] != "number"}
        return {**bound, **assumed}

    def execute(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        """Run statements one after the other."""
        for statement in body:
            handler = getattr(self, f"_do_{type(statement).__name__.lower()}", None)
            if handler is not None:
                handler(statement, scope)

    def bind(self, target: ast.expr, value: Value, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            scope.names[target.id] = _intended(target.id, value)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, sequence((element_of(value),), known_length=False), scope)
        elif isinstance(target, (ast.Tuple, ast.List)):
            known = value.items if value.items is not None and len(value.items) == len(target.elts) else None
            for place, each in enumerate(target.elts):
                self.bind(each, known[place] if known else element_of(value), scope)
        elif isinstance(target, ast.Attribute):
            owner = self.evaluate(target.value, scope)
            if isinstance(owner.meaning, Instance):
                owner.meaning.attributes[target.attr] = value
        elif isinstance(target, ast.Subscript):
            owner = self.evaluate(target.value, scope)
            if owner.meaning is None and isinstance(target.value, (ast.Name, ast.Attribute)):
                whole = replace(
                    join((owner, value)), kind=owner.kind, element=owner.element and join((owner.element, value))
                )
                self.bind(target.value, whole, scope)

    def _do_expr(self, node: ast.Expr, scope: Scope) -> None:
        self.evaluate(node.value, scope)

    def _do_assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.evaluate(node.value, scope)
        if (
            isinstance(value.meaning, Function)
            and value.meaning.qualname == "<lambda>"
            and isinstance(node.targets[0], ast.Name)
        ):
            value = replace(value, meaning=replace(value.meaning, qualname=node.targets[0].id))
        for target in node.targets:
            leaf = isinstance(target, ast.Attribute) and target.attr == "requires_grad"
            if leaf and isinstance(target, ast.Attribute) and getattr(node.value, "value", None) is True:
                self._declare_leaf(node, target, scope)
            else:
                self.bind(target, value, scope)

    def _declare_leaf(self, node: ast.Assign, target: ast.Attribute, scope: Scope) -> None:
        owner = self.evaluate(target.value, scope)
        if owner.derived and not owner.live:
            self.bind(target.value, self.remade(node, owner), scope)
        elif not owner.derived and owner.meaning is None:
            self.bind(target.value, replace(owner, kind=Kind.TENSOR, live=True), scope)

    def _do_annassign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.bind(node.target, self.evaluate(node.value, scope), scope)

    def _do_augassign(self, node: ast.AugAssign, scope: Scope) -> None:
        left, right = self.evaluate(node.target, scope), self.evaluate(node.value, scope)
        if left.kind is Kind.SEQUENCE:
            value = sequence((element_of(left), element_of(right)), known_length=False)
        else:
            value = self.made(node, max((left, right), key=lambda each: each.kind is Kind.TENSOR).kind, (left, right))
        self.bind(node.target, value, scope)

    def _do_return(self, node: ast.Return, scope: Scope) -> None:
        value = self.evaluate(node.value, scope) if node.value else INERT
        if self._frames:
            self._frames[-1].returned.append(value)

    def _do_if(self, node: ast.If, scope: Scope) -> None:
        self.evaluate(node.test, scope)
        self._branches((node.body, node.orelse), scope)

    def _branches(self, bodies: Sequence[Sequence[ast.stmt]], scope: Scope) -> None:
        before, ends = dict(scope.names), []
        for body in bodies:
            scope.names = dict(before)
            self.execute(body, scope)
            if not (body and isinstance(body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))):
                ends.append(scope.names)
        scope.names = _merge(ends) if ends else before

    def _do_for(self, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
        iterated = self.evaluate(node.iter, scope)
        for _ in range(2):
            before = dict(scope.names)
            self.bind(node.target, element_of(iterated), scope)
            self.execute(node.body, scope)
            scope.names = _merge([before, scope.names])
        self.execute(node.orelse, scope)

    _do_asyncfor = _do_for

    def _do_while(self, node: ast.While, scope: Scope) -> None:
        for _ in range(2):
            before = dict(scope.names)
            self.evaluate(node.test, scope)
            self.execute(node.body, scope)
            scope.names = _merge([before, scope.names])

    def _do_with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
        no_grad, away = self.no_grad, self.away_from_tape
        for item in node.items:
            manager = self.evaluate(item.context_expr, scope)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, manager, scope)
            name = _made_from(manager)
            if name.endswith("GradientTape"):
                self.away_from_tape = False
            elif self._ends_recording(item.context_expr, scope):
                self.no_grad = self.no_grad or self.cut(
                    self.positions.key(item.context_expr), "AF109", item.context_expr
                )
        self.execute(node.body, scope)
        self.no_grad, self.away_from_tape = no_grad, away

    _do_asyncwith = _do_with

    def _do_try(self, node: ast.Try, scope: Scope) -> None:
        self.execute([*node.body, *node.orelse], scope)
        for handler in node.handlers:
            if handler.type is not None:
                self.evaluate(handler.type, scope)
            self._branches(((), handler.body), scope)
        self.execute(node.finalbody, scope)

    def _do_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        scope.names[node.name] = Value(meaning=Function(node, scope, self._qualify(node.name)))

    _do_asyncfunctiondef = _do_functiondef

    def _do_classdef(self, node: ast.ClassDef, scope: Scope) -> None:
        bases = tuple(self.evaluate(base, scope) for base in node.bases)
        members = Scope(scope)
        self.execute([each for each in node.body if not isinstance(each, ast.FunctionDef)], members)
        for each in node.body:
            if isinstance(each, ast.FunctionDef):
                qualname = f"{self._qualify(node.name)}.{each.name}"
                members.names[each.name] = Value(meaning=Function(each, scope, qualname))
        members.parent = None
        scope.names[node.name] = Value(meaning=Class(node, scope, self._qualify(node.name), bases, members))

    def _do_import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            name = alias.name if alias.asname else alias.name.partition(".")[0]
            scope.names[alias.asname or name] = Value(meaning=Dotted(effects.canonical(name)))

    def _do_importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            scope.names[alias.asname or alias.name] = Value(meaning=Dotted(effects.canonical(f"{module}.{alias.name}")))

    def _qualify(self, name: str) -> str:
        return f"{self._frames[-1].function.qualname}.<locals>.{name}" if self._frames else name

    def _decorated_no_grad(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Cut | None:
        for decorator in node.decorator_list:
            if self._ends_recording(decorator, scope):
                return self.cut(self.positions.key(decorator), "AF109", decorator)
        return None

    def _ends_recording(self, node: ast.expr, scope: Scope) -> bool:
        """Is this `torch.no_grad()`, `inference_mode()`, `set_grad_enabled(False)` or `tape.stop_recording()`?"""
        func = node.func if isinstance(node, ast.Call) else node
        if isinstance(func, ast.Attribute) and func.attr == "stop_recording":
            return True
        meaning = self.evaluate(func, scope).meaning
        if not isinstance(meaning, Dotted):
            return False
        refused = isinstance(node, ast.Call) and any(getattr(each, "value", None) is False for each in node.args)
        return (meaning.name in _NO_GRAD and not refused) or (meaning.name == "torch.set_grad_enabled" and refused)


def opens_tape(node: ast.AST) -> bool:
    """Does this body open a `tf.GradientTape()` itself, not counting functions that are defined in it?"""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(child, ast.withitem) and "GradientTape" in ast.unparse(child.context_expr):
            return True
        if opens_tape(child):
            return True
    return False


def _merge(scopes: Sequence[dict[str, Value]]) -> dict[str, Value]:
    names = dict.fromkeys(name for scope in scopes for name in scope)
    return {name: join([scope[name] for scope in scopes if name in scope]) for name in names}


def _intended(name: str, value: Value) -> Value:
    """Read a plain value asked for under the name of a target, a teacher or an advantage as what it is meant to be."""
    if value.live or not value.cuts or not all(cut.explicit or cut.code in ("AF109", "AF301") for cut in value.cuts):
        return value
    if words.role(name) != "target":
        return value
    return replace(value, cuts=frozenset(), makers=frozenset())


def _made_from(value: Value) -> str:
    meaning = value.meaning
    if isinstance(meaning, Instance) and isinstance(meaning.made_from, Dotted):
        return meaning.made_from.name
    return meaning.name if isinstance(meaning, Dotted) else ""


def _signature(value: Value | None) -> object:
    """Return what a call's result can depend on, in a form that can be compared."""
    if value is None:
        return None
    parts = tuple(_signature(each) for each in value.items or ())
    meaning = value.meaning if isinstance(value.meaning, Dotted) else id(value.meaning)
    return value.kind, value.live, value.cuts, value.unknown, meaning, value.makers, parts, _signature(value.element)
