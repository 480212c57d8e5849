"""Which values of a module are differentiated: what calls consume, what libraries take, what a name calls a loss."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from autofix.analysis.attribution import blamed, is_training_loss
from autofix.analysis.faults import Differentiated
from autofix.analysis.finding.by_body import loss_by_body
from autofix.analysis.finding.state import (
    Search,
    enter,
    enter_module,
    functions_of,
    looks_like_a_loss,
    meet,
    stem_of,
    was_invoked,
)
from autofix.analysis.reads import Reads
from autofix.analysis.run import Consumption
from autofix.analysis.syntactic import differentiates
from autofix.analysis.tapes import find_tapes
from autofix.analysis.trainers import differentiated, given_by_library
from autofix.analysis.values import LIVE, Arguments, Function, Value
from autofix.knowledge import naming
from autofix.knowledge.causes import has
from autofix.knowledge.frameworks import CALLED, record_of
from autofix.syntax.bindings import required_parameters
from autofix.syntax.spans import HERE, is_here

Keyed = tuple[Consumption, Differentiated | None]
"""A consumed value, and what tells it from the others; None where its consumer has no place in this file."""


@dataclass(frozen=True)
class Asked:
    """A value that is differentiated, and by what; where among the consumers, and whether it is this file that asks."""

    value: Value
    consumer: ast.AST | None = None
    place: int | None = None
    here: bool = True
    key: Differentiated | None = None


def keyed(consumed: Sequence[Consumption], places: Mapping[int, int]) -> Iterator[Keyed]:
    """Yield the consumed values with their keys; `places` are the numbers of the consumers, by their identity."""
    turns: Counter[int] = Counter()
    for each in consumed:
        place = places.get(id(each.node))
        yield each, None if place is None else Differentiated(place, turns[place])
        turns.update([] if place is None else [place])


def consumed_values(search: Search, consumed: Iterable[Keyed], places: Mapping[int, int]) -> Iterator[Asked]:
    """Yield what calls of the module differentiate; what a faulty tape is asked for is the fault of the tape."""
    tapes = find_tapes(search.tree) if record_of(search.framework).has_tape else ()
    of_tapes = {id(asked.call) for tape in tapes for asked in tape.asked}
    for each, key in consumed:
        node = each.node
        if id(node) in of_tapes and all(has(cut.code, "of-tapes") for cut in blamed(each.value, search.run)):
            continue
        yield Asked(each.value, node, places.get(id(node)), is_here(node), key)


def taken_by_library(search: Search, functions: Iterable[Function]) -> Iterator[Asked]:
    """Yield what a library differentiates of the results of methods: Lightning, Keras."""
    for function in functions:
        given = given_by_library(function)
        if given is not None:
            result = differentiated(enter(search, function, given))
            meet(search, function.node, result)
            key = Differentiated(function.qualname)
            yield Asked(result, function.node, here=is_here(function.node), key=key)


def named_losses(search: Search, functions: Iterable[Function]) -> Iterator[Asked]:
    """Yield the results of functions that nobody here uses, and whose name or class says that they are losses."""
    for function in functions:
        if is_here(function.node) and _is_named(search, function) and not was_invoked(search, function):
            result = enter(search, function)
            meet(search, function.node, result)
            if is_training_loss(result):
                yield Asked(result)


def _is_named(search: Search, function: Function) -> bool:
    """Does a name say that this is a loss? An `AdaptedRandError` in a file of metrics is one of those."""
    sure = naming.is_named_loss(function.qualname) or not naming.is_no_loss(stem_of(search))
    return sure and looks_like_a_loss(function)


def losses_by_body(search: Search, functions: Iterable[Function]) -> Iterator[Asked]:
    """Yield the results of functions that nobody here uses and that do what a broken loss does."""
    for function in functions:
        result = loss_by_body(search, function) if not was_invoked(search, function) else None
        if result is not None:
            meet(search, function.node, result)
            yield Asked(result)


def shown_losses(search: Search, functions: Iterable[Function]) -> Iterator[Asked]:
    """Yield the results of functions that a run has seen to lose a gradient, whoever calls them.

    That may be a library: a layer of Keras, a module in a `Sequential`, a function of a trainer. What they are given
    carries a gradient then.
    """
    for function in functions:
        lines = range(function.node.lineno, (function.node.end_lineno or 0) + 1)
        is_shown = is_here(function.node) and not search.own.lost.isdisjoint(lines)
        if is_shown and not isinstance(function.node, ast.Lambda):
            own = [each for each in required_parameters(function.node) if each not in ("self", "cls")]
            yield Asked(enter(search, function, Arguments((LIVE,) * len(own), {})))


def everything_entered(search: Search, reads: Reads, known: Collection[str] = ()) -> list[Value]:
    """Run the module and every function of it, and return what is differentiated, here or by who calls a loss.

    So are the results of functions that are `known` to be losses: rewritten, one may no longer do what showed that.
    """
    functions = enter_module(search)
    asked: list[Value] = []
    for function in functions:
        given = given_by_library(function)
        if given is not None:
            asked.append(differentiated(enter(search, function, given)))
            asked.append(Value(makers=reads.in_tuples(function.node)))
    for function in (*functions, *functions_of(search, search.run.module, HERE)):
        if is_here(function.node) and not was_invoked(search, function):
            by_body = loss_by_body(search, function) if not looks_like_a_loss(function) else None
            if by_body is not None:
                asked.append(by_body)
                continue
            result, name = enter(search, function), function.qualname.rpartition(".")[2]
            gives = naming.is_loss(name) or name in CALLED or looks_like_a_loss(function) or function.qualname in known
            asked += [result] if gives and not differentiates(function.node) else []
    return [*asked, *(each.value for each in search.run.journal.consumed)]
