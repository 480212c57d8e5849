"""Finds the losses of a module that lose their gradient: enters its functions, and gives one fault a broken loss."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from autofix.analysis.faults import Fault, ForeignFault, GraphFault, TapeFault, in_order
from autofix.analysis.finding.blames import grouped, of_consumed
from autofix.analysis.finding.differentiated import (
    Asked,
    consumed_values,
    keyed,
    losses_by_body,
    named_losses,
    shown_losses,
    taken_by_library,
)
from autofix.analysis.finding.records import fault_of_tapes, fault_of_untrained, faults_blaming
from autofix.analysis.finding.state import Search, all_call_sites, enter_module, meet, new_search, start_strictly
from autofix.analysis.lifting.lift import consumers
from autofix.analysis.syntactic import frameworks
from autofix.analysis.tape_faults import FaultyTapes, tape_faults
from autofix.analysis.trainable import untrained
from autofix.analysis.values import Function, Value
from autofix.knowledge.frameworks import record_of
from autofix.model import Kind, OwnRules, Survey
from autofix.syntax.spans import HERE, Around


def faults_in(search: Search) -> list[Fault]:
    """Run the module and return its faults, in no order; the search then knows the losses that it met."""
    functions, run = _entered(search), search.run
    places = {id(node): place for place, node in enumerate(consumers(run.journal.consumed))}
    steps = tape_faults(search.tree, run) if record_of(search.framework).has_tape else ()
    consumed = list(keyed(run.journal.consumed, places))
    values = [*consumed_values(search, consumed, places), *taken_by_library(search, functions)]
    blames = [blame for blame in of_consumed(search, consumed) if blame.cut.span.file == HERE]
    reported = [fault for blame in blames for fault in faults_blaming(search, [blame])]
    values += named_losses(search, functions)
    values += losses_by_body(search, functions)
    values += shown_losses(search, functions)
    for each in run.journal.consumed:
        meet(search, each.node, each.value)
    idle = untrained(search.tree) if search.framework in frameworks(search.tree)[:1] else ()
    groups = [fault for members in grouped(search, values) for fault in faults_blaming(search, members)]
    groups, of_tapes = _with_tapes(search, groups, steps, places, values)
    groups = _with_call_sites(search, groups, functions)
    return [*groups, *of_tapes, *(fault_of_untrained(search, each) for each in idle), *reported]


def _entered(search: Search) -> list[Function]:
    """Run the module, again where a name excused what is no target: nothing else is in the loss then."""
    functions = enter_module(search)
    if search.run.names.excused and any(_is_constant(each.value) for each in search.run.journal.consumed):
        start_strictly(search)
        functions = enter_module(search)
    return functions


def _is_constant(value: Value) -> bool:
    return not value.derived and not value.unknown and not value.traits.may_carry and value.kind is not Kind.OTHER


def _with_tapes(
    search: Search,
    groups: list[GraphFault | ForeignFault],
    steps: Iterable[FaultyTapes],
    places: dict[int, int],
    values: Sequence[Asked],
) -> tuple[list[GraphFault | ForeignFault], list[TapeFault]]:
    """Return the faults that no tape is asked for, and those of the tapes with what they are asked for."""
    of_tapes: list[TapeFault] = []
    for step in steps:
        own = {places[call] for call in step.asked if call in places}
        same = [each for each in groups if not isinstance(each, ForeignFault) and each.place in own]
        asked = {each.key for each in values if each.place in own and each.key is not None}
        of_tapes.append(fault_of_tapes(search, step, same, asked))
        groups = [each for each in groups if each not in same]
    return groups, of_tapes


def _with_call_sites(
    search: Search, groups: list[GraphFault | ForeignFault], functions: Iterable[Function]
) -> list[GraphFault | ForeignFault]:
    """Return faults with all calls of the file's functions, those included that no loss has to do with."""
    if not groups:
        return groups
    sites = all_call_sites(search, functions, frozenset().union(*(each.cuts for each in groups)))
    program = replace(groups[0].program, call_sites=sites)
    return [replace(each, program=program) for each in groups]


_NONE = OwnRules()


def diagnose(tree: ast.Module, text: str, own: OwnRules = _NONE, around: Around | None = None) -> tuple[Fault, ...]:
    """Return the broken losses of a module in the order of their first cut, then the steps whose tape is at fault.

    What the project has rules of its `own` for leaves the graph, as NumPy does. `around` has the files to follow.
    """
    return in_order(each for search in _searches(tree, text, own, around) for each in faults_in(search))


def blamed_files(tree: ast.Module, text: str, own: OwnRules = _NONE, around: Around | None = None) -> frozenset[str]:
    """Return the other checked files that lose a gradient which this module differentiates."""
    found: set[str] = set()
    for search in _searches(tree, text, own, around):
        faults_in(search)
        found |= search.blamed
    return frozenset(found)


def _searches(tree: ast.Module, text: str, own: OwnRules, around: Around | None) -> Iterator[Search]:
    return (new_search(tree, text, framework, own, around) for framework in frameworks(tree))


def survey(tree: ast.Module, text: str, own: OwnRules = _NONE, around: Around | None = None) -> Survey:
    """Count the losses of a module, whether or not anything is wrong with them."""
    met: dict[int, bool] = {}
    for search in _searches(tree, text, own, around):
        faults_in(search)
        met |= {node: met.get(node, False) or followed for node, followed in search.met.items()}
    return Survey(len(met), sum(met.values()))
