"""The way of a value from the prediction to where its gradient ends: takes a fault and a cut, gives the steps.

It is read backwards off the source, from the cut through the names that hold the value; the facts of the abstract run
say which of them carry a gradient. Only what they confirm is a step: in doubt there is no way at all.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import TypeAlias

from autofix.analysis.faults import Fault
from autofix.analysis.record import CallSite, Fact
from autofix.knowledge.causes import has
from autofix.model import Cut, Kind, Span, Step
from autofix.syntax.bindings import dotted
from autofix.syntax.module import FUNCTIONS, Binding, FunctionNode, Syntax, parameter, returned
from autofix.syntax.spans import Key

_Calls: TypeAlias = tuple[ast.Call, ...]
_Way: TypeAlias = tuple[ast.AST, ...]

"""Causes in which no value is on its way."""

_MOST = 40
"""How many bindings are looked at for one way."""


def trail(cut: Cut, fault: Fault, syntax: Syntax) -> tuple[Step, ...]:
    """Return the steps from the prediction to the cut, which is the last; the cut alone where no way is known.

    A block that records nothing (AF109) comes first, then what is lost in it.
    """
    walk = _Walk(fault, syntax)
    here = walk.step_at(cut)
    if cut.code == "AF109":
        lost = walk.first_lost(cut)
        return (here,) if lost is None else (here, walk.step(lost))
    node = syntax.at(cut.span) if not has(cut.code, "without-trace") else None
    try:
        way = walk.way(node, ()) if node is not None else None
    except RecursionError:  # thousands of terms, as in generated code: no way is known
        way = None
    return (*(walk.step(each) for each in way or () if each is not node), here)


class _Walk:
    """One search; `seen` are the bindings that were met on it."""

    def __init__(self, fault: Fault, syntax: Syntax) -> None:
        self._fault = fault
        self._syntax = syntax
        self._seen: set[int] = set()

    def step_at(self, cut: Cut) -> Step:
        return self._written(cut.span, cut.operation)

    def step(self, node: ast.AST) -> Step:
        where = self._syntax.span(node)
        if isinstance(node, ast.arg):  # without its annotation
            return Step(node.arg, _named(where, len(node.arg)), self._line(where.line))
        return self._written(where, ast.unparse(node))

    def _written(self, where: Span, text: str) -> Step:
        """Return the step of what stands somewhere, as written there; `text` says the same on one line."""
        line = self._line(where.line)
        written = line[where.column - 1 : where.end_column - 1] if where.line == where.end_line else text
        return Step(" ".join(written.split()), where, line)

    def _line(self, line: int) -> str:
        lines = self._syntax.lines
        return lines[line - 1].rstrip("\r\n") if 0 < line <= len(lines) else ""

    def first_lost(self, cut: Cut) -> ast.expr | None:
        """Return the first expression whose gradient ends by this cut."""
        lost = [key for key, fact in self._fault.program.facts.by_key.items() if _is_lost(fact, cut)]
        return self._syntax.with_key(min(lost, key=lambda key: (key.file, key[1:5], key.kind))) if lost else None

    def way(self, node: ast.expr, calls: _Calls, index: int | None = None) -> _Way | None:
        """Return what the value of `node` comes by, the prediction first; `calls` are those on whose inside it is."""
        for leaf in self._leaves(node, top=True):
            found = self._to(leaf, calls, index)
            if found is not None:
                return found
        return None

    def _leaves(self, node: ast.AST, top: bool = False) -> Iterator[ast.expr]:
        """Yield the names, attributes and calls in an expression by which a gradient comes into it."""
        fact = self._fact(node)
        if not top and fact is not None and not fact.value.live:
            return
        if isinstance(node, ast.Name):
            if fact is not None and fact.value.live:
                yield node
        elif isinstance(node, ast.Attribute) and top and fact is not None:
            yield from self._leaves(node.value, top=True)
        elif isinstance(node, ast.Attribute) and dotted(node) and self._syntax.attributes(dotted(node), node):
            yield node
        elif isinstance(node, ast.Call):
            yield from self._leaves_of_call(node, fact, top)
        elif isinstance(node, ast.Subscript):
            yield from self._leaves(node.value)
        elif isinstance(node, ast.IfExp):
            yield from self._leaves(node.body)
            yield from self._leaves(node.orelse)
        elif isinstance(node, ast.DictComp):
            yield from self._leaves(node.value)
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            yield from self._leaves(node.elt)
        elif not isinstance(node, ast.Lambda):
            for child in ast.iter_child_nodes(node):
                yield from self._leaves(child)

    def _leaves_of_call(self, node: ast.Call, fact: Fact | None, top: bool) -> Iterator[ast.expr]:
        if self._sites.get(self._syntax.key(node)) and fact is not None and fact.value.live:
            yield node
            return
        parts: list[ast.expr] = []
        if isinstance(node.func, ast.Attribute):
            inner = node.func.value
            in_chain = top and isinstance(inner, (ast.Call, ast.Attribute))  # `.detach().cpu().numpy()` is one cut
            parts += self._leaves(inner, top=in_chain)
        for given in (*node.args, *(each.value for each in node.keywords)):
            parts += self._leaves(given)
        yield from parts
        if not parts and fact is not None and fact.value.live:
            yield node

    def _to(self, leaf: ast.expr, calls: _Calls, index: int | None) -> _Way | None:
        if isinstance(leaf, ast.Name):
            return self._to_name(leaf, calls)
        if isinstance(leaf, ast.Attribute):
            return self._through(self._syntax.attributes(dotted(leaf), leaf), leaf, calls)
        if isinstance(leaf, ast.Call):
            return self._through_call(leaf, calls, index)
        return None

    def _to_name(self, name: ast.Name, calls: _Calls) -> _Way | None:
        scope, bindings = self._syntax.bindings(name)
        found = self._through(bindings, name, calls)
        if found is None and isinstance(scope, FUNCTIONS):
            found = self._to_parameter(scope, name.id, calls)
        return found

    def _through(self, bindings: list[Binding], read: ast.expr, calls: _Calls) -> _Way | None:
        """Return the way by the first binding whose value carries a gradient, and is the one that was read."""
        for each in bindings:
            if id(each) in self._seen or len(self._seen) > _MOST or not self._agree(each, read):
                continue
            self._seen.add(id(each))
            found = self.way(each.value, calls, each.index)
            if found is not None:
                return (each.target,) if found == (each.value,) else (*found, each.target)
            if _starts_one(each, self._fact(each.value)):
                return (each.target,)
        return None

    def _agree(self, binding: Binding, read: ast.expr) -> bool:
        """May the value that was read be the one bound here? The facts know the expressions that made either."""
        given, seen = self._fact(binding.value), self._fact(read)
        if given is None or seen is None or binding.adds or binding.index is not None:
            return True
        if seen.value.kind is not Kind.SEQUENCE and given.value.kind is Kind.SEQUENCE:
            return True  # an element of it
        return given.value.live and (
            not seen.value.makers or not given.value.makers or bool(seen.value.makers & given.value.makers)
        )

    def _to_parameter(self, function: FunctionNode, name: str, calls: _Calls) -> _Way | None:
        """Return the way into a function: by the call that is looked into, or any; it begins with the loss itself."""
        found = parameter(function, name)
        if found is None:
            return None
        if calls and any(each.callee.node is function for each in self._sites.get(self._syntax.key(calls[-1]), ())):
            given = self._argument(calls[-1], function, name)
            outside = self.way(given, calls[:-1]) if given is not None else None
            return (*outside, found) if outside is not None else None
        if self._fault.is_loss(function) and not self._is_called_by_its_like(function):
            return (found,)
        sites = [each for each in self._fault.program.call_sites if each.callee.node is function]
        for site in sorted(sites, key=lambda each: each.caller is None or not self._fault.is_loss(each.caller.node)):
            call = self._syntax.with_key(site.key)
            given = self._argument(call, function, name) if isinstance(call, ast.Call) else None
            outside = self.way(given, ()) if given is not None else None
            if outside is not None:
                return (*outside, found)
        return (found,)

    def _is_called_by_its_like(self, function: FunctionNode) -> bool:
        """Do other methods of its class call this one?"""
        sites = (each for each in self._fault.program.call_sites if each.callee.node is function)
        names = ((each.callee.qualname, each.caller.qualname) for each in sites if each.caller is not None)
        owners = ((one.rpartition(".")[0], other.rpartition(".")[0]) for one, other in names)
        return any(one and one == other for one, other in owners)

    def _argument(self, call: ast.Call, function: FunctionNode, name: str) -> ast.expr | None:
        """Return what a call gives to a parameter; None where that cannot be read off it."""
        for each in call.keywords:
            if each.arg == name:
                return each.value
        callees = [each.callee for each in self._sites.get(self._syntax.key(call), ()) if each.callee.node is function]
        if not callees or callees[0].given is not None or any(isinstance(each, ast.Starred) for each in call.args):
            return None
        names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        place = names.index(name) - (callees[0].receiver is not None) if name in names else -1
        return call.args[place] if 0 <= place < len(call.args) else None

    def _through_call(self, call: ast.Call, calls: _Calls, index: int | None) -> _Way:
        """Return by which argument a gradient comes through a function of this file; the call alone if by none."""
        for site in self._sites.get(self._syntax.key(call), ()) if call not in calls else ():
            function = site.callee.node
            for value in returned(function):
                part = value.elts[index] if isinstance(value, ast.Tuple) and index is not None else value
                found = self.way(part, (*calls, call))
                outside = [each for each in found or () if function not in self._syntax.around(each)]
                if outside:
                    return tuple(outside)
        return (call,)

    @cached_property
    def _sites(self) -> dict[Key, list[CallSite]]:
        sites: dict[Key, list[CallSite]] = {}
        for each in self._fault.program.call_sites:
            sites.setdefault(each.key, []).append(each)
        return sites

    def _fact(self, node: ast.AST) -> Fact | None:
        return self._fault.program.facts.by_key.get(self._syntax.key(node)) if hasattr(node, "lineno") else None


def _is_lost(fact: Fact, cut: Cut) -> bool:
    return cut in fact.value.cuts and not any(cut in each.cuts for each in fact.operands)


def _starts_one(binding: Binding, fact: Fact | None) -> bool:
    """Does a gradient begin with what is bound: a parameter made there, a model of which nothing is known?"""
    return fact is None and isinstance(binding.value, ast.Call) and not binding.adds


def _named(where: Span, length: int) -> Span:
    return Span(where.line, where.column, where.line, where.column + length)
