"""Finds the losses of a module that lose their gradient: takes its text, gives one fault a broken loss.

A loss is found by use: whatever `.backward()`, `tape.gradient`, `minimize` or `compile(loss=…)` consumes. A loss that
nobody here uses is looked into when its class or its name says what it is. `finding/` has the stages of a search.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autofix.analysis.faults import Fault, TapeFault
from autofix.analysis.finding.differentiated import everything_entered
from autofix.analysis.finding.entering import functions_of
from autofix.analysis.finding.search import faults_in
from autofix.analysis.finding.state import Search, new_search
from autofix.analysis.imports import frameworks
from autofix.analysis.lifting.asked import consumers, returned
from autofix.analysis.lifting.lift import lift
from autofix.analysis.lifting.state import Lifted
from autofix.analysis.reads import Reads, observed
from autofix.analysis.run import Run
from autofix.model import Framework, OwnRules
from autofix.syntax.neighbours import HERE, Around
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import Key

_NONE = OwnRules()


def diagnose(tree: ast.Module, text: str, own: OwnRules = _NONE, around: Around | None = None) -> tuple[Fault, ...]:
    """Return the broken losses of a module in the order of their first cut, then the steps whose tape is at fault.

    What the project has rules of its `own` for leaves the graph, as NumPy does. `around` has the files to follow.
    """
    found = [each for search in _searches(tree, text, own, around) for each in faults_in(search)]
    return tuple(sorted(found, key=lambda each: (isinstance(each, TapeFault), each.cuts[0].span)))


def blamed_files(tree: ast.Module, text: str, own: OwnRules = _NONE, around: Around | None = None) -> frozenset[str]:
    """Return the other checked files that lose a gradient which this module differentiates."""
    found: set[str] = set()
    for search in _searches(tree, text, own, around):
        faults_in(search)
        found |= search.blamed
    return frozenset(found)


def _searches(tree: ast.Module, text: str, own: OwnRules, around: Around | None) -> Iterator[Search]:
    return (new_search(tree, text, framework, own, around) for framework in frameworks(tree))


@dataclass(frozen=True)
class Survey:
    """How many losses a module has, and how many of them were followed back to a prediction."""

    losses: int
    followed: int


def survey(tree: ast.Module, text: str, own: OwnRules = _NONE, around: Around | None = None) -> Survey:
    """Count the losses of a module, whether or not anything is wrong with them."""
    met: dict[int, bool] = {}
    for search in _searches(tree, text, own, around):
        faults_in(search)
        met |= {node: met.get(node, False) or followed for node, followed in search.met.items()}
    return Survey(len(met), sum(met.values()))


def run_of(text: str, framework: Framework, own: OwnRules = _NONE, around: Around | None = None) -> Run:
    """Return the abstract run of a module, after its losses and steps were entered."""
    search = new_search(parsed(text), text, framework, own, around)
    faults_in(search)
    return search.run


def reads_of(
    text: str, framework: Framework, own: OwnRules = _NONE, around: Around | None = None, *, mended: bool = False
) -> tuple[Reads, frozenset[Key]]:
    """Return the abstract run of a module in which each read is told apart, and the way to what is differentiated.

    Every function was entered. One that nobody here calls gives a loss if its name says so, or if it is a module.
    """
    search = new_search(parsed(text), text, framework, own, around)
    reads = observed(search.run)
    asked = everything_entered(search, reads)
    return reads, reads.way_to(asked, mended)


def lifted(
    text: str,
    framework: Framework,
    place: int | str,
    own: OwnRules = _NONE,
    around: Around | None = None,
    like: Lifted | None = None,
) -> Lifted | None:
    """Return a module with the loss of its consumer number `place` as a function; None where it cannot be taken out.

    A `place` that is a name is that of a method whose result a library differentiates. `like` is the same loss as it
    was taken out before it was mended.
    """
    search = new_search(parsed(text), text, framework, own, around)
    faults_in(search)
    consumer = _consumer_at(search, place)
    return lift(text, search.tree, consumer, search.run, like) if consumer is not None else None


def _consumer_at(search: Search, place: int | str) -> ast.Call | ast.Return | None:
    """Return the call that differentiates, or the last `return` of a method."""
    if isinstance(place, int):
        return next(iter(consumers(search.run.journal.consumed)[place:]), None)
    here = functions_of(search, search.run.module, HERE)
    named = next((each.node for each in here if each.qualname == place), None)
    return returned(named) if isinstance(named, (ast.FunctionDef, ast.AsyncFunctionDef)) else None
