"""Executes statements over abstract values: what names stand for, what branches and loops leave, what is recorded.

A loop whose turns leave names to the next is run again; one that leaves nothing is run once, as a training step reads
what it has computed itself. Names are read in the order in which statements are executed here: the body of a `try` to
its end, and every branch that does not leave.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from autofix.analysis.assignment import bind
from autofix.analysis.expressions import decided, plain_where
from autofix.analysis.functions import ends_recording, resumes_recording
from autofix.analysis.lookup import imported_as
from autofix.analysis.optimizers import name_of
from autofix.analysis.results import as_leaf, cut_at, result_of
from autofix.analysis.run import Run, evaluate, execute, executes, qualified, read_only
from autofix.analysis.syntactic import last_name
from autofix.analysis.values import (
    BATCH,
    INERT,
    LIVE,
    NUMBER,
    PLAIN,
    UNKNOWN,
    Class,
    Dotted,
    Function,
    Instance,
    Scope,
    Traits,
    Value,
    element_of,
    join,
    sequence,
)
from autofix.knowledge import naming
from autofix.model import Kind
from autofix.syntax.memo import remembered, walk

_LOOPS = 3
_NOTHING_KNOWN: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())


@executes(ast.Expr)
def _expr(run: Run, node: ast.Expr, scope: Scope) -> None:
    evaluate(run, node.value, scope)


@executes(ast.Assign)
def _assign(run: Run, node: ast.Assign, scope: Scope) -> None:
    value = _named_lambda(evaluate(run, node.value, scope), node.targets[0])
    is_true = isinstance(node.value, ast.Constant) and node.value.value is True
    for target in node.targets:
        if is_true and isinstance(target, ast.Attribute) and target.attr == "requires_grad":
            _declare_leaf(run, node, target.value, scope)
        else:
            bind(run, target, value, scope)


def _named_lambda(value: Value, target: ast.expr) -> Value:
    """Return a lambda that is assigned to a name as a function of that name."""
    function = value.meaning
    if not isinstance(function, Function) or function.qualname != "<lambda>" or not isinstance(target, ast.Name):
        return value
    return value._replace(meaning=replace(function, qualname=target.id))


def _declare_leaf(run: Run, node: ast.Assign, target: ast.expr, scope: Scope) -> None:
    """Follow `target.requires_grad = True`."""
    owner = evaluate(run, target, scope)
    if name_of(target) in run.declared.leaves and not owner.live:
        bind(run, target, LIVE._replace(traits=owner.traits), scope)
    elif owner.derived and not owner.live:
        bind(run, target, as_leaf(run, node, owner), scope)
    elif not owner.derived and owner.meaning is None:
        bind(run, target, owner._replace(kind=Kind.TENSOR, live=True), scope)


@executes(ast.AnnAssign)
def _annassign(run: Run, node: ast.AnnAssign, scope: Scope) -> None:
    if node.value is not None:
        bind(run, node.target, evaluate(run, node.value, scope), scope)


@executes(ast.AugAssign)
def _augassign(run: Run, node: ast.AugAssign, scope: Scope) -> None:
    left, right = evaluate(run, node.target, scope), evaluate(run, node.value, scope)
    if left.kind is Kind.SEQUENCE:
        value = sequence((element_of(left), element_of(right)), known_length=False)
    else:
        kind = Kind.TENSOR if right.kind is Kind.TENSOR else left.kind
        value = result_of(run, node, kind, (left, right))
    bind(run, node.target, value, scope)


@executes(ast.Return)
def _return(run: Run, node: ast.Return, scope: Scope) -> bool:
    values = [evaluate(run, each, scope) if each is not None else INERT for each in _either_way(run, node, scope)]
    if run.context.frames:
        frame = run.context.frames[-1]
        frame.returned += values
        if run.observer is not None:
            run.observer.returned(frame.function, values)
    return True


def _either_way(run: Run, node: ast.Return, scope: Scope) -> Sequence[ast.expr | None]:
    """Return what may be returned: `(loss, outputs) if return_outputs else loss` is a loss either way."""
    if not isinstance(node.value, ast.IfExp):
        return (node.value,)
    evaluate(run, node.value.test, scope)
    return node.value.body, node.value.orelse


@executes(ast.Raise)
def _raise(run: Run, node: ast.Raise, scope: Scope) -> None:
    read_only(run, (node.exc, node.cause), scope)


@executes(ast.Assert)
def _assert(run: Run, node: ast.Assert, scope: Scope) -> None:
    read_only(run, (node.test, node.msg), scope)


@executes(ast.Delete)
def _delete(run: Run, node: ast.Delete, scope: Scope) -> None:
    read_only(run, (each.slice for each in node.targets if isinstance(each, ast.Subscript)), scope)


@executes(ast.If)
def _if(run: Run, node: ast.If, scope: Scope) -> bool:
    evaluate(run, node.test, scope)
    chosen = decided(node.test, scope.find)
    if chosen is not None:
        return execute(run, node.body if chosen else node.orelse, scope)
    _branches(run, (node.body, node.orelse), scope, plain_where(node.test))
    return False


@executes(ast.Match)
def _match(run: Run, node: ast.Match, scope: Scope) -> None:
    """Run every case; what a pattern takes out of the subject is unknown."""
    read_only(run, (each.guard for each in node.cases), scope)
    subject = evaluate(run, node.subject, scope)
    for each in ast.walk(node):
        if isinstance(each, (ast.MatchAs, ast.MatchStar)) and each.name is not None:
            scope.names[each.name] = element_of(subject)._replace(items=None)
    bodies = [each.body for each in node.cases]
    every = any(isinstance(each.pattern, ast.MatchAs) and not each.guard and each.pattern.pattern is None
                for each in node.cases)  # fmt: skip
    bodies += [] if every else [[]]
    _branches(run, bodies, scope, [frozenset()] * len(bodies))


def _branches(
    run: Run, bodies: Sequence[Sequence[ast.stmt]], scope: Scope, plain: Sequence[frozenset[str]] = _NOTHING_KNOWN
) -> None:
    """Run every branch; `plain` are the names that are no tensors in each."""
    before, ends = dict(scope.names), []
    for body, names in zip(bodies, plain, strict=True):
        scope.names = {name: PLAIN if name in names else value for name, value in before.items()}
        run.context.branches += 1
        execute(run, body, scope)
        run.context.branches -= 1
        if not _leaves(body):
            ends.append(scope.names)
    scope.names = _merge(ends) if ends else before


@executes(ast.For, ast.AsyncFor)
def _for(run: Run, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
    iterated = evaluate(run, node.iter, scope)
    element = _batch(run, node.iter, scope) or element_of(iterated)

    def turn() -> None:
        bind(run, node.target, element, scope)
        execute(run, node.body, scope)

    _repeat(run, node, turn, scope)
    execute(run, node.orelse, scope)


@executes(ast.While)
def _while(run: Run, node: ast.While, scope: Scope) -> None:
    def turn() -> None:
        evaluate(run, node.test, scope)
        execute(run, node.body, scope)

    _repeat(run, node, turn, scope)


def _repeat(run: Run, loop: ast.For | ast.AsyncFor | ast.While, turn: Callable[[], None], scope: Scope) -> None:
    """Run a turn of a loop, and another one where that may see what the first has left; but once deep inside."""
    context, journal = run.context, run.journal
    context.loops += 1
    try:
        for _ in range(2 if context.loops <= _LOOPS else 1):
            before, set_before = dict(scope.names), journal.attributes_set
            turn()
            scope.names = _merge([before, scope.names])
            left = (name for name, value in scope.names.items() if before.get(name) is not value)
            if journal.attributes_set == set_before and carried(loop).isdisjoint(left):
                break
    finally:
        context.loops -= 1


def _batch(run: Run, iterated: ast.expr, scope: Scope) -> Value | None:
    """Return what a loop over a data loader yields: tensors of two samples or more."""
    wrapper = last_name(iterated.func) if isinstance(iterated, ast.Call) and iterated.args else ""
    if isinstance(iterated, ast.Call) and wrapper in ("enumerate", "tqdm"):
        inner = _batch(run, iterated.args[0], scope)
        return sequence((NUMBER, inner)) if wrapper == "enumerate" and inner else inner
    value = evaluate(run, iterated, scope)
    loader = value.meaning if isinstance(value.meaning, Instance) and value.meaning.name == "DataLoader" else None
    if loader is not None and loader.arguments is not None:
        size = loader.arguments.argument(1, "batch_size")
        several = size is not None and size.traits.constant != 1
    else:
        several = value.unknown and not value.derived and naming.is_loader(last_name(iterated))
    batch = UNKNOWN._replace(traits=Traits(shape=BATCH))
    return batch._replace(element=batch) if several else None


@executes(ast.With, ast.AsyncWith)
def _with(run: Run, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
    context = run.context
    before = context.no_grad, context.tape, context.open_tapes
    try:
        for item in node.items:
            _enter_block(run, item, scope)
        execute(run, node.body, scope)
    finally:
        context.no_grad, context.tape, context.open_tapes = before


def _enter_block(run: Run, item: ast.withitem, scope: Scope) -> None:
    """Open a tape, end the recording of gradients or resume it."""
    manager, context = evaluate(run, item.context_expr, scope), run.context
    if item.optional_vars is not None:
        bind(run, item.optional_vars, manager, scope)
    if _class_name(manager).endswith("GradientTape"):
        context.tape = "open"
        context.open_tapes += 1
    elif ends_recording(run, item.context_expr, scope):
        context.no_grad = context.no_grad or cut_at(run, item.context_expr, "AF109")
    elif resumes_recording(run, item.context_expr, scope):
        context.no_grad = None


@executes(ast.Try)
def _try(run: Run, node: ast.Try, scope: Scope) -> None:
    execute(run, [*node.body, *node.orelse], scope)
    for handler in node.handlers:
        if handler.type is not None:
            evaluate(run, handler.type, scope)
        _branches(run, ((), handler.body), scope)
    execute(run, node.finalbody, scope)


@executes(ast.FunctionDef, ast.AsyncFunctionDef)
def _functiondef(run: Run, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
    read_only(run, node.decorator_list, scope)
    scope.names[node.name] = Value(meaning=Function(node, scope, qualified(run, node.name)))


@executes(ast.ClassDef)
def _classdef(run: Run, node: ast.ClassDef, scope: Scope) -> None:
    bases = tuple(evaluate(run, base, scope) for base in node.bases)
    members, qualname = Scope(scope), qualified(run, node.name)
    execute(run, [each for each in node.body if not isinstance(each, ast.FunctionDef)], members)
    for each in node.body:
        if isinstance(each, ast.FunctionDef):
            members.names[each.name] = Value(meaning=Function(each, scope, f"{qualname}.{each.name}"))
    members.parent = None
    scope.names[node.name] = Value(meaning=Class(node, scope, qualname, bases, members))


@executes(ast.Import)
def _import(run: Run, node: ast.Import, scope: Scope) -> None:
    for alias in node.names:
        name = alias.name if alias.asname else alias.name.partition(".")[0]
        scope.names[alias.asname or name] = Value(meaning=imported_as(run, name, node))


@executes(ast.ImportFrom)
def _importfrom(run: Run, node: ast.ImportFrom, scope: Scope) -> None:
    module = "." * node.level + (node.module or "")
    owner = f"{module}." if node.module else module
    for alias in node.names:
        meaning = imported_as(run, f"{owner}{alias.name}", node)
        scope.names[alias.asname or alias.name] = Value(meaning=meaning)


def _merge(scopes: Sequence[dict[str, Value]]) -> dict[str, Value]:
    merged = dict(scopes[0])
    for scope in scopes[1:]:
        for name, value in scope.items():
            known = merged.get(name)
            if known is not value:
                merged[name] = value if known is None else join((known, value))
    return merged


def _class_name(value: Value) -> str:
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


def _leaves(body: Sequence[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], _LEAVING)
