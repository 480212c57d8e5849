"""Runs statements over abstract values: what names stand for, what branches and loops leave, what is recorded.

What one turn of a loop leaves to the next: the names that are read before they get a value in that turn.

A loop that leaves nothing is run once: a training step reads what it has computed itself. Reading and assigning follow
the interpreter, which runs the body of a `try` to its end and every branch that does not leave.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autofix.analysis.calls import last_name
from autofix.analysis.expressions import decided, handler_name, plain_where, positions_of
from autofix.analysis.known_calls import KnownCalls
from autofix.analysis.optimizers import name_of
from autofix.analysis.values import (
    BATCH,
    INERT,
    LIVE,
    NUMBER,
    PARAMETER,
    PLAIN,
    UNKNOWN,
    Class,
    Dotted,
    Function,
    Instance,
    Root,
    Scope,
    Traits,
    Value,
    element_of,
    join,
    sequence,
)
from autofix.knowledge import effects, naming
from autofix.knowledge.causes import has
from autofix.model import Cut, Framework, Kind
from autofix.syntax.memo import remembered, walk
from autofix.syntax.spans import Positions

_LOOPS = 3
_NOTHING_KNOWN: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())


@dataclass
class Frame:
    """One function on its way, and what it has returned so far."""

    function: Function
    returned: list[Value]


class Statements(KnownCalls):
    """Execution of statements; functions are followed by `Interpreter`."""

    def __init__(self, positions: Positions, framework: Framework) -> None:
        super().__init__(positions, framework)
        self.frames: list[Frame] = []
        self.strict = self.lenient = False
        self._doers: dict[type[ast.stmt], Callable[[Any, Any, Scope], bool | None] | None] = {}
        self._loops = 0
        self._attributes_set = 0
        self._branch = 0

    def execute(self, body: Sequence[ast.stmt], scope: Scope) -> bool:
        """Run statements one after the other; say whether they end in a return that is certain."""
        for statement in body:
            kind = statement.__class__
            if kind not in self._doers:
                self._doers[kind] = getattr(type(self), f"_do{handler_name(kind.__name__)}", None)
            handler = self._doers[kind]
            try:
                if handler is not None and handler(self, statement, scope):
                    return True
            except RecursionError:  # thousands of terms, as in generated tables: nothing is known of it
                continue
        return False

    def bind(self, target: ast.expr, value: Value, scope: Scope) -> None:
        if value.live and not value.makers:
            value = self._named(value, name_of(target))
        if isinstance(target, ast.Name):
            is_ordinate = _is_ordinate(target.id, value, scope)
            scope.names[target.id] = value if is_ordinate else self.intended(target.id, value)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, sequence((element_of(value),), known_length=False), scope)
        elif isinstance(target, (ast.Tuple, ast.List)):
            known = value.items if value.items is not None and len(value.items) == len(target.elts) else None
            for place, each in enumerate(target.elts):
                self.bind(each, known[place] if known else element_of(value), scope)
        elif isinstance(target, ast.Attribute):
            owner = self.evaluate(target.value, scope)
            if isinstance(owner.meaning, Instance):
                before = owner.meaning.attributes.get(target.attr) if self._branch else None
                owner.meaning.attributes[target.attr] = value if before is None else join((before, value))
                self._attributes_set += 1
        elif isinstance(target, ast.Subscript):
            owner = self.evaluate(target.value, scope)
            if owner.meaning is None and isinstance(target.value, ast.Name) and _holds_numbers(owner):
                index = self.evaluate(target.slice, scope)
                operands = (owner, *positions_of(index), value)
                self.bind(target.value, self.made(target, owner.kind, operands, callee="operator.setitem"), scope)
            elif owner.meaning is None and isinstance(target.value, (ast.Name, ast.Attribute)):
                element = owner.element and join((owner.element, value))
                self.bind(target.value, join((owner, value))._replace(kind=owner.kind, element=element), scope)

    def _named(self, value: Value, name: str) -> Value:
        """Return a parameter, or a leaf that an optimizer is given, under the name that it gets."""
        trained = value.roots == PARAMETER.roots or (not value.roots and name in self.optimized)
        return value._replace(roots=frozenset({Root(name)})) if trained and name else value

    def intended(self, name: str, value: Value) -> Value:
        """Read a plain value asked for under the name of a target, a teacher or an advantage as what it is meant to be.

        Where the run is `strict`, no name counts.
        """
        if self.strict or value.live or not value.cuts or naming.role(name) != "target" or naming.is_coordinate(name):
            return value
        if not naming.is_surely_target(name) and not all(_is_meant(cut) for cut in value.cuts):
            return value
        self.lenient = True
        return value._replace(cuts=frozenset(), makers=frozenset())

    def _do_expr(self, node: ast.Expr, scope: Scope) -> None:
        self.evaluate(node.value, scope)

    def _do_assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.evaluate(node.value, scope)
        if (
            isinstance(value.meaning, Function)
            and value.meaning.qualname == "<lambda>"
            and isinstance(node.targets[0], ast.Name)
        ):
            value = value._replace(meaning=replace(value.meaning, qualname=node.targets[0].id))
        for target in node.targets:
            leaf = isinstance(target, ast.Attribute) and target.attr == "requires_grad"
            if leaf and isinstance(target, ast.Attribute) and getattr(node.value, "value", None) is True:
                self._declare_leaf(node, target, scope)
            else:
                self.bind(target, value, scope)

    def _declare_leaf(self, node: ast.Assign, target: ast.Attribute, scope: Scope) -> None:
        owner = self.evaluate(target.value, scope)
        if name_of(target.value) in self.wanted_leaves and not owner.live:
            self.bind(target.value, LIVE._replace(traits=owner.traits), scope)
        elif owner.derived and not owner.live:
            self.bind(target.value, self.remade(node, owner), scope)
        elif not owner.derived and owner.meaning is None:
            self.bind(target.value, owner._replace(kind=Kind.TENSOR, live=True), scope)

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

    def _do_return(self, node: ast.Return, scope: Scope) -> bool:
        returned = self._either_way(node.value, scope) if isinstance(node.value, ast.IfExp) else [node.value]
        values = [self.evaluate(each, scope) if each is not None else INERT for each in returned]
        if self.frames:
            self.frames[-1].returned += values
        return True

    def _either_way(self, node: ast.IfExp, scope: Scope) -> list[ast.expr]:
        """Return both of what may be returned: `(loss, outputs) if return_outputs else loss` is a loss either way."""
        self.evaluate(node.test, scope)
        return [node.body, node.orelse]

    def _do_if(self, node: ast.If, scope: Scope) -> bool:
        self.evaluate(node.test, scope)
        chosen = decided(node.test, scope.find)
        if chosen is not None:
            return self.execute(node.body if chosen else node.orelse, scope)
        self._branches((node.body, node.orelse), scope, plain_where(node.test))
        return False

    def _do_match(self, node: ast.Match, scope: Scope) -> None:
        """Run every case; what a pattern takes out of the subject is unknown."""
        subject = self.evaluate(node.subject, scope)
        for each in ast.walk(node):
            name = getattr(each, "name", None) if isinstance(each, (ast.MatchAs, ast.MatchStar)) else None
            if name is not None:
                scope.names[name] = element_of(subject)._replace(items=None)
        bodies = [each.body for each in node.cases]
        every = any(isinstance(each.pattern, ast.MatchAs) and not each.guard and each.pattern.pattern is None
                    for each in node.cases)  # fmt: skip
        self._branches(bodies if every else [*bodies, []], scope, [frozenset()] * (len(bodies) + (not every)))

    def _branches(
        self, bodies: Sequence[Sequence[ast.stmt]], scope: Scope, plain: Sequence[frozenset[str]] = _NOTHING_KNOWN
    ) -> None:
        """Run both branches; `plain` are the names that are no tensors in each."""
        before, ends = dict(scope.names), []
        for body, names in zip(bodies, plain, strict=True):
            scope.names = {name: PLAIN if name in names else value for name, value in before.items()}
            self._branch += 1
            self.execute(body, scope)
            self._branch -= 1
            if not (body and isinstance(body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))):
                ends.append(scope.names)
        scope.names = _merge(ends) if ends else before

    def _do_for(self, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
        iterated = self.evaluate(node.iter, scope)
        element = self._batch(node.iter, scope) or element_of(iterated)

        def turn() -> None:
            self.bind(node.target, element, scope)
            self.execute(node.body, scope)

        self._repeat(node, turn, scope)
        self.execute(node.orelse, scope)

    _do_asyncfor = _do_for

    def _repeat(self, loop: ast.For | ast.AsyncFor | ast.While, turn: Callable[[], None], scope: Scope) -> None:
        """Run a turn of a loop, and another one where that may see what the first has left; but once deep inside."""
        self._loops += 1
        try:
            for _ in range(2 if self._loops <= _LOOPS else 1):
                before, set_before = dict(scope.names), self._attributes_set
                turn()
                scope.names = _merge([before, scope.names])
                left = (name for name, value in scope.names.items() if before.get(name) is not value)
                if self._attributes_set == set_before and carried(loop).isdisjoint(left):
                    break
        finally:
            self._loops -= 1

    def _batch(self, iterated: ast.expr, scope: Scope) -> Value | None:
        """Return what a loop over a data loader yields: tensors of two samples or more."""
        wrapper = last_name(iterated.func) if isinstance(iterated, ast.Call) and iterated.args else ""
        if isinstance(iterated, ast.Call) and wrapper in ("enumerate", "tqdm"):
            inner = self._batch(iterated.args[0], scope)
            return sequence((NUMBER, inner)) if wrapper == "enumerate" and inner else inner
        value = self.evaluate(iterated, scope)
        loader = value.meaning if isinstance(value.meaning, Instance) and value.meaning.name == "DataLoader" else None
        if loader is not None and loader.arguments is not None:
            size = loader.arguments.argument(1, "batch_size")
            several = size is not None and size.traits.constant != 1
        else:
            several = value.unknown and not value.derived and naming.is_loader(last_name(iterated))
        batch = UNKNOWN._replace(traits=Traits(shape=BATCH))
        return batch._replace(element=batch) if several else None

    def _do_while(self, node: ast.While, scope: Scope) -> None:
        def turn() -> None:
            self.evaluate(node.test, scope)
            self.execute(node.body, scope)

        self._repeat(node, turn, scope)

    def _do_with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
        no_grad, away, tapes = self.no_grad, self.away_from_tape, self.tapes
        for item in node.items:
            manager = self.evaluate(item.context_expr, scope)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, manager, scope)
            name = _made_from(manager)
            if name.endswith("GradientTape"):
                self.away_from_tape = False
                self.tapes += 1
            elif self.ends_recording(item.context_expr, scope):
                self.no_grad = self.no_grad or self.cut(
                    self.positions.key(item.context_expr), "AF109", item.context_expr
                )
            elif self.resumes_recording(item.context_expr, scope):
                self.no_grad = None
        self.execute(node.body, scope)
        self.no_grad, self.away_from_tape, self.tapes = no_grad, away, tapes

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
            scope.names[alias.asname or name] = Value(meaning=self.outside(name, node))

    def _do_importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        module = "." * node.level + (node.module or "")
        owner = f"{module}." if node.module else module
        for alias in node.names:
            scope.names[alias.asname or alias.name] = Value(meaning=self.outside(f"{owner}{alias.name}", node))

    def outside(self, name: str, node: ast.Import | ast.ImportFrom) -> Dotted:
        """Return what a name stands for that is imported at `node`."""
        return Dotted(effects.canonical(name))

    def _qualify(self, name: str) -> str:
        return f"{self.frames[-1].function.qualname}.<locals>.{name}" if self.frames else name

    def ends_recording(self, node: ast.expr, scope: Scope) -> bool:
        """Is this `torch.no_grad()`, `inference_mode()`, `set_grad_enabled(False)` or `tape.stop_recording()`?"""
        func = node.func if isinstance(node, ast.Call) else node
        if isinstance(func, ast.Attribute) and func.attr == "stop_recording":
            return True
        name, switch = self._switch(node, scope)
        if name in effects.NOT_RECORDING:
            return switch is not False
        return name in effects.RECORDING_SWITCHES and switch is False

    def resumes_recording(self, node: ast.expr, scope: Scope) -> bool:
        """Is this `torch.enable_grad()`, `set_grad_enabled(True)` or `inference_mode(False)`?"""
        name, switch = self._switch(node, scope)
        if name in effects.NOT_RECORDING:
            return switch is False
        switched_on = name in effects.RECORDING_SWITCHES and switch is True
        return switched_on or name in ("torch.enable_grad", "torch.autograd.enable_grad")

    def _switch(self, node: ast.expr, scope: Scope) -> tuple[str, object]:
        """Return the name of what is called, or stands here, and the literal that it is given first."""
        func = node.func if isinstance(node, ast.Call) else node
        meaning = self.evaluate(func, scope).meaning
        given = [*node.args, *(each.value for each in node.keywords)] if isinstance(node, ast.Call) else []
        name = meaning.name if isinstance(meaning, Dotted) else ""
        return name, getattr(given[0], "value", None) if given else None


def _holds_numbers(owner: Value) -> bool:
    return owner.kind in (Kind.TENSOR, Kind.ARRAY) and owner.element is None


def _merge(scopes: Sequence[dict[str, Value]]) -> dict[str, Value]:
    merged = dict(scopes[0])
    for scope in scopes[1:]:
        for name, value in scope.items():
            known = merged.get(name)
            if known is not value:
                merged[name] = value if known is None else join((known, value))
    return merged


def _is_meant(cut: Cut) -> bool:
    """May this have been asked for to have a target? Hardly of what is called a prediction: `y = y_pred.numpy()`."""
    return (cut.explicit or has(cut.code, "of-targets")) and not naming.speaks_of_prediction(cut.operation)


def _is_ordinate(name: str, value: Value, scope: Scope) -> bool:
    """Is this the `y1` of a box whose `x1` was made of predictions alike? Then it is no target."""
    beside = scope.names.get(name.replace("y", "x", 1)) if "y" in name and value.cuts else None
    if beside is None or not beside.cuts:
        return False
    return value.cuts == beside.cuts or {cut.code for cut in value.cuts | beside.cuts} == {"AF104"}


def _made_from(value: Value) -> str:
    meaning = value.meaning
    if isinstance(meaning, Instance) and isinstance(meaning.made_from, Dotted):
        return meaning.made_from.name
    return meaning.name if isinstance(meaning, Dotted) else ""


_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


@remembered
def carried(loop: ast.For | ast.AsyncFor | ast.While) -> frozenset[str]:
    """Return the names whose values from before a turn of a loop may be read in that turn."""
    reader = _Reader()
    if isinstance(loop, ast.While):
        reader.read(loop.test, set())
        reader.run(loop.body, set())
    else:
        given: set[str] = set()
        reader.give(loop.target, given)
        reader.run(loop.body, given)
    return frozenset(reader.before)


class _Reader:
    """Gathers the names that are read `before` they are given a value; `given` are those that have one by then."""

    def __init__(self) -> None:
        self.before: set[str] = set()

    def run(self, body: Iterable[ast.stmt], given: set[str]) -> set[str]:
        """Read statements one after the other; return the names that have a value at their end."""
        for each in body:
            if isinstance(each, ast.If):
                self.read(each.test, given)
                ends = [self.run(one, set(given)) for one in (each.body, each.orelse) if not _leaves(one)]
                for one in (each.body, each.orelse):
                    if _leaves(one):
                        self.run(one, set(given))
                given |= set.intersection(*ends) if ends else set()
            elif isinstance(each, (ast.For, ast.AsyncFor, ast.While)):
                self._loop(each, given)
            elif isinstance(each, (ast.With, ast.AsyncWith)):
                for item in each.items:
                    self.read(item.context_expr, given)
                    self.give(item.optional_vars, given)
                self.run(each.body, given)
            elif isinstance(each, ast.Try):
                self.run((*each.body, *each.orelse), given)
                for handler in each.handlers:
                    self.run(handler.body, set(given))
                self.run(each.finalbody, given)
            else:
                self._simple(each, given)
        return given

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, given: set[str]) -> None:
        inside = set(given)
        if isinstance(node, ast.While):
            self.read(node.test, given)
        else:
            self.read(node.iter, given)
            self.give(node.target, inside)
        self.run(node.body, inside)
        self.run(node.orelse, set(given))

    def _simple(self, node: ast.stmt, given: set[str]) -> None:
        if isinstance(node, ast.Assign):
            self.read(node.value, given)
            for target in node.targets:
                self.give(target, given)
        elif isinstance(node, ast.AnnAssign):
            self.read(node.value, given)
            self.give(node.target if node.value is not None else None, given)
        elif isinstance(node, ast.AugAssign):
            self.read(node.value, given)
            if isinstance(node.target, ast.Name) and node.target.id not in given:
                self.before.add(node.target.id)
            self.give(node.target, given)
        else:
            self.read(node, given)

    def give(self, target: ast.expr | None, given: set[str]) -> None:
        """Give the names in a target their value; what an attribute or an item belongs to is read."""
        if isinstance(target, ast.Name):
            given.add(target.id)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for each in target.elts:
                self.give(each, given)
        elif isinstance(target, ast.Starred):
            self.give(target.value, given)
        else:
            self.read(target, given)

    def read(self, node: ast.AST | None, given: set[str]) -> None:
        """Read an expression, or a whole function or class, whose own names are not told apart."""
        for each in walk(node) if node is not None else ():
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load) and each.id not in given:
                self.before.add(each.id)


def _leaves(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], _LEAVING)
