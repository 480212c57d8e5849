"""Which cuts of the differentiated values are faults, and which function has to change for each.

Takes what is differentiated; gives blames, gathered by the function or the step that has to change.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autofix.analysis.attribution import blamed, faults_of, introduced, is_helper, responsible
from autofix.analysis.constants import within_dead_summands
from autofix.analysis.faults import Differentiated
from autofix.analysis.finding.differentiated import Asked, Keyed
from autofix.analysis.finding.state import Search, home_of
from autofix.analysis.record import Invocation
from autofix.analysis.run import Run
from autofix.analysis.syntactic import differentiates, frameworks
from autofix.analysis.values import Value
from autofix.knowledge.frameworks import record_of
from autofix.model import Cut


@dataclass(frozen=True)
class Blame:
    """One cut of one differentiated value, and the call or the step that has to change."""

    cut: Cut
    value: Value
    invocation: Invocation | None
    place: int | None
    consumer: ast.AST | None = None
    feeds: Differentiated | None = None


def grouped(search: Search, values: Iterable[Asked]) -> Iterable[list[Blame]]:
    """Gather what is wrong with the differentiated values by the function that has to change."""
    groups: dict[object, list[Blame]] = {}
    losing, brought = _losing(search.run), _brought_round(search.run)
    for asked in values:
        faults = blamed(asked.value, search.run) | _of_dead_terms(asked.value, search.run)
        for cut in faults - brought.get(asked.consumer, set()):
            invocation = _to_change(search, asked, cut, losing.get(cut, ()))
            if _is_told_here(search, asked, invocation):
                group = ("function", id(invocation.function.node)) if invocation else ("step", asked.place)
                alone = cut.code if cut.code == "AF206" else ""
                blame = Blame(cut, asked.value, invocation, asked.place, asked.consumer, asked.key)
                groups.setdefault((*group, alone), []).append(blame)
    return groups.values()


def of_consumed(search: Search, consumed: Iterable[Keyed]) -> list[Blame]:
    """Return what is wrong with the consumed values themselves, which nobody but their author can mend."""
    found: dict[Cut, Blame] = {}
    for consumption, key in {consumption: (consumption, key) for consumption, key in consumed}.values():
        for cut, invocation in faults_of(consumption, search.run):
            found.setdefault(cut, Blame(cut, consumption.value, invocation, None, feeds=key))
    return list(found.values())


def _to_change(search: Search, asked: Asked, cut: Cut, losing: Sequence[Invocation]) -> Invocation | None:
    """Return the call whose function has to change for a cut; None where it is the step that asks."""
    invocation = responsible(_on_the_way(losing, asked.value, search.run), cut)
    apart = invocation is not None and asked.here == (home_of(search, invocation) is not None)
    return None if invocation is not None and apart and is_helper(invocation, asked.value) else invocation


def _losing(run: Run) -> dict[Cut, list[Invocation]]:
    """Return the calls that lost a gradient by the cut, those of steps left out."""
    found: dict[Cut, list[Invocation]] = {}
    for each in run.journal.invocations:
        new = introduced(each)
        for cut in new if new and not differentiates(each.function.node) else ():
            found.setdefault(cut, []).append(each)
    return found


def _on_the_way(losing: Sequence[Invocation], asked: Value, run: Run) -> Sequence[Invocation]:
    """Return the calls whose result is in a value, of those that lost a gradient; all where none is known to be.

    A report that reads what the loss has left in an attribute has lost it too.
    """
    if len(losing) < 2:
        return losing
    reaching = run.facts.reaching(asked.makers)
    return [each for each in losing if each.result.makers & reaching] or losing


def _brought_round(run: Run) -> dict[ast.AST | None, set[Cut]]:
    """Return the plain values asked for on purpose that a loop brings round to a loss that has lived without.

    They are the state of a recurrent network, cut off between two batches.
    """
    met: dict[ast.AST | None, list[Value]] = {}
    for each in run.journal.consumed:
        met.setdefault(each.node, []).append(each.value)
    return {
        node: set(_explicit_in_some(values))
        for node, values in met.items()
        if len(values) > 1 and all(value.live for value in values)
    }


def _explicit_in_some(values: Sequence[Value]) -> Iterator[Cut]:
    for cut in {cut for value in values for cut in value.cuts if cut.explicit}:
        if not all(cut in value.cuts for value in values):
            yield cut


def _of_dead_terms(value: Value, run: Run) -> frozenset[Cut]:
    """Return what cuts whole terms of a loss that still trains: a loss without a gradient adds nothing to another.

    What is detached is meant: a straight-through estimator does it too.
    """
    if not value.live or not run.gradients.dead:
        return frozenset()
    within = within_dead_summands(value, run.facts, run.nodes, run.gradients.factors)
    terms = (cuts for makers, cuts in run.gradients.dead.items() if makers & within and cuts <= value.cuts)
    return frozenset(cut for cuts in terms for cut in cuts if cut.code != "AF103")


def _is_told_here(search: Search, asked: Asked, invocation: Invocation | None) -> bool:
    """Is a fault reported in this file? It is where the loss stands that has to change, if that file is checked.

    Where it is not, the fault is told where the loss is asked for.
    """
    home = home_of(search, invocation)
    if home is None:
        return asked.here or invocation is not None
    assert search.around is not None
    runs_on = record_of(search.framework).runs_on
    if search.around.checks(home.path) and runs_on in (record_of(each).runs_on for each in frameworks(home.tree)):
        search.blamed.add(home.path)
        return False
    return asked.here
