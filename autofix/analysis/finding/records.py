"""Makes the record of each fault: of a function, a step, its tapes, or a loss of another file.

Takes blames of one function or step, and the state of the search; gives what the rewriter needs to fix it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from autofix.analysis.attribution import (
    calls_that_lead_to,
    held_constant,
    mended_there,
    one_for_each_call,
    target_of,
)
from autofix.analysis.faults import Differentiated, ForeignFault, GraphFault, LossFault, Program, StepFault, TapeFault
from autofix.analysis.finding.blames import Blame
from autofix.analysis.finding.state import Search, home_of
from autofix.analysis.record import Facts, Invocation
from autofix.analysis.results import cut_at
from autofix.analysis.tape_faults import FaultyTapes
from autofix.analysis.uses import Use, use_of
from autofix.analysis.values import LABEL, Function, join
from autofix.analysis.ways import is_all
from autofix.model import Cut, Kind, Span
from autofix.syntax.module import Arm, arms_at, enclosing
from autofix.syntax.spans import HERE, Key, Neighbour


def faults_blaming(search: Search, members: Sequence[Blame]) -> Iterator[GraphFault | ForeignFault]:
    """Yield the fault of what has to change in one place; none where nothing of it can be shown in this file."""
    invocation, lost = members[0].invocation, frozenset(each.cut for each in members)
    home = home_of(search, invocation)
    result = invocation.result if invocation and not home else join([each.value for each in members])
    held, untouched = _held(search, members, lost)
    reaching = search.run.facts.reaching(result.makers, untouched)
    cuts = _cuts_here(search, lost, reaching)
    if not cuts:
        return
    if invocation is not None and home is not None:
        yield _foreign(search, invocation, cuts, home)
        return
    consumer, values = members[0].consumer, [each.value for each in members]
    sites = _called_at(search, invocation.function) if invocation else set()
    step = StepFault(
        loss=invocation.function.qualname if invocation else enclosing(search.tree, cuts[0].span),
        cuts=cuts,
        program=_program(search),
        use=use_of(search.run, consumer, values),
        partly=any(each.live for each in values),
        alone=frozenset(each.cut for each in members if is_all(each.cut, each.value, search.run)),
        feeds=frozenset(each.feeds for each in members if each.feeds is not None),
        starved=frozenset(each.feeds for each in members if each.feeds is not None and not each.value.live),
        arms=_arms(search, sites if invocation else [cut.span for cut in cuts]),
        lost=lost,
        reaching=reaching,
        results=result.makers,
        place=members[0].place,
        held=held,
        untouched=untouched,
    )
    yield step if invocation is None else _in_function(search, step, invocation, sites)


def _in_function(search: Search, step: StepFault, invocation: Invocation, sites: set[Key]) -> LossFault:
    """Return what a step loses in one of its functions, which is called at these sites."""
    return step.in_function(
        invocation.function,
        target_of(invocation),
        beside=step.partly and not invocation.result.live,
        chosen_at=frozenset(sites - search.iterated) if sites else frozenset(),
    )


def _foreign(search: Search, invocation: Invocation, cuts: tuple[Cut, ...], home: Neighbour) -> ForeignFault:
    """Return the fault of a loss that this file only uses."""
    name = invocation.function.qualname
    use, refusal = _use_by(search, None), mended_there(name, home, search.run)
    return ForeignFault(loss=name, cuts=cuts, program=_program(search), use=use, refusal=refusal)


def fault_of_tapes(
    search: Search, tapes: FaultyTapes, same: Sequence[GraphFault], asked: set[Differentiated]
) -> TapeFault:
    """Return the fault of a step, with those of what its tapes are asked for."""
    found = {cut for each in same for cut in each.cuts} | set(tapes.cuts)
    cuts = tuple(sorted(found, key=lambda cut: cut.span))
    calls = tapes.tape_fixes[0].tape.asked[:1] if tapes.tape_fixes else ()
    use = _use_by(search, calls[0].call if calls else None)
    feeds = frozenset(asked).union(*(each.feeds for each in same))
    loss = enclosing(search.tree, cuts[0].span)
    return TapeFault(loss=loss, cuts=cuts, program=_program(search), use=use, feeds=feeds, starved=feeds, tapes=tapes)


def fault_of_untrained(search: Search, node: ast.AST) -> StepFault:
    """Return the fault of a step that trains nothing."""
    cut = cut_at(search.run, node, "AF305")
    loss, use = enclosing(search.tree, cut.span), _use_by(search, None)
    lost = frozenset({cut})
    return StepFault(loss=loss, cuts=(cut,), program=_program(search), use=use, lost=lost, reaching=frozenset())


def _use_by(search: Search, consumer: ast.AST | None) -> Use:
    return use_of(search.run, consumer, [LABEL])


def _program(search: Search) -> Program:
    run = search.run
    return Program(
        search.framework,
        run.module,
        run.facts,
        tuple(run.journal.invocations),
        tuple(run.journal.call_sites),
        search.own.names_in(search.framework),
        search.around,
        run.files.neighbours,
    )


def _held(search: Search, members: Sequence[Blame], lost: frozenset[Cut]) -> tuple[frozenset[Cut], frozenset[Cut]]:
    """Return the cuts that are meant, and those of them that leave what is made of them as it is."""
    held = frozenset().union(*(held_constant(each.value, search.run) for each in members)) - lost
    arrays, partly = _as_arrays(held, search.run.facts), any(each.value.live for each in members)
    return held, frozenset(cut for cut in held if cut not in arrays or (partly and cut.code != "AF109"))


def _as_arrays(held: frozenset[Cut], facts: Facts) -> frozenset[Cut]:
    """Return the wishes among these cuts whose tensors NumPy is given: it has to be rewritten all the same."""
    wishes = frozenset(cut for cut in held if cut.code in ("AF103", "AF109"))
    values = (fact.value for fact in facts.by_key.values()) if wishes else ()
    return wishes & frozenset().union(
        *(each.cuts for each in values if each.kind is Kind.ARRAY and not each.live and each.cuts <= held)
    )


def _called_at(search: Search, function: Function) -> set[Key]:
    return {site.key for site in search.run.journal.call_sites if site.callee.node is function.node}


def _arms(search: Search, places: Iterable[Key | Span]) -> frozenset[Arm]:
    """Return the branches that all of these places of the file are in."""
    lines = [each.line for each in places if each.file == HERE]
    found = [arms_at(search.tree, line) for line in dict.fromkeys(lines)]
    return frozenset.intersection(*found) if found else frozenset()


def _cuts_here(search: Search, lost: Iterable[Cut], reaching: frozenset[Key]) -> tuple[Cut, ...]:
    """Return cuts as they are told in this file: where they stand, or at the calls that lead to other files."""
    found: set[Cut] = set()
    for cut in lost:
        neighbour = search.run.files.neighbours.get(cut.span.file)
        found |= {cut} if neighbour is None else calls_that_lead_to(cut, neighbour, reaching, search.run)
    return tuple(sorted(one_for_each_call(found), key=lambda cut: cut.span))
