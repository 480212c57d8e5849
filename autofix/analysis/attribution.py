"""Decides which cuts of a differentiated value are faults, which call has to change for them, and where that is told.

Takes a value and the abstract run; gives cuts. A value may be wrong by itself too: it is no single number, or no
prediction is in it. A gradient that is lost in another file is told at the call that leads there.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from autofix.analysis.constants import dead_summands, is_asked, is_demanded, is_wish, kept
from autofix.analysis.functions import invoke
from autofix.analysis.record import Fact, Invocation
from autofix.analysis.results import cut_at
from autofix.analysis.run import Consumption, Run
from autofix.analysis.trainers import adds_losses, is_step
from autofix.analysis.values import LABEL, LIVE, Arguments, Function, Instance, Value
from autofix.analysis.ways import without_way
from autofix.knowledge import naming
from autofix.knowledge.causes import has
from autofix.knowledge.effects import discrete
from autofix.knowledge.frameworks import record_of
from autofix.model import Cut, Elsewhere, Exit, Kind, Parameter, Reason, Role, Span, Target
from autofix.syntax.module import holds
from autofix.syntax.spans import HERE, Around, Key, Neighbour, file_of, span


def blamed(value: Value, run: Run) -> frozenset[Cut]:
    """Return the cuts that are faults in a value that is differentiated; none where the code is right."""
    if value.live:
        return _beside_flow(value, run)
    cuts = frozenset(cut for cut in value.cuts if cut.code != "AF206")
    if value.traits.may_carry:
        cuts = frozenset(cut for cut in cuts if not cut.explicit and not _is_soft(cut))
    hard = frozenset(cut for cut in cuts if not _is_soft(cut))
    mendable = frozenset(cut for cut in hard if has(cut.code, "fixable") or is_demanded(cut))
    if mendable:
        mendable -= kept(value, mendable, run)
        return mendable | {cut for cut in hard if cut.code == "AF303"}
    if not any(cut.code != "AF303" for cut in hard):
        return cuts
    restoring = frozenset(cut for cut in cuts - hard if _restores(cut, value, run))
    return restoring | {cut for cut in hard if cut.code == "AF303"} if restoring else hard


def _is_soft(cut: Cut) -> bool:
    return has(cut.code, "soft") and not is_demanded(cut)


def _restores(cut: Cut, value: Value, run: Run) -> bool:
    """Would a gradient reach this value without the cut? Then a mask or a branch beside it is no fault."""
    return leads_to(cut, value, run, is_discrete)


def leads_to(cut: Cut, value: Value, run: Run, stops: Callable[[Fact, ast.AST | None], bool]) -> bool:
    """Does a way lead from a value back to a cut of it on which no operation `stops`?"""
    waiting, seen = list(value.makers), set[Key]()
    while waiting:
        key = waiting.pop()
        fact = run.facts.by_key.get(key)
        if key in seen or fact is None or cut not in fact.value.cuts:
            continue
        if span(key) == cut.span:
            return True
        seen.add(key)
        if not stops(fact, run.nodes.get(key)):
            waiting += [maker for each in _parts(fact.operands) for maker in each.makers]
    return False


def _parts(values: Iterable[Value]) -> Iterator[Value]:
    for each in values:
        yield each
        yield from _parts(each.items or ())


def is_discrete(fact: Fact, node: ast.AST | None) -> bool:
    """Does the result of an operation move in steps?"""
    is_floor = isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv)
    return isinstance(node, ast.Compare) or is_floor or discrete(fact.callee.rpartition(".")[2]) is not None


def _beside_flow(value: Value, run: Run) -> frozenset[Cut]:
    """Return the faults of a value that a gradient reaches all the same.

    They are what nobody asked for, the summands that never train, and what leaves a parameter without any gradient.
    """
    faults = frozenset(filter(_is_wrong_in_flow, value.cuts))
    asked = frozenset(cut for cut in value.cuts if is_asked(cut))
    dead = asked & dead_summands(value, run.facts, run.nodes, run.gradients.factors) if asked else asked
    return (faults - asked) | dead | without_way(value, run)


def held_constant(value: Value, run: Run) -> frozenset[Cut]:
    """Return the conversions by which a value holds a part of it constant on purpose."""
    if not value.live:
        return kept(value, frozenset(cut for cut in value.cuts if has(cut.code, "fixable")), run)
    wishes = frozenset(cut for cut in value.cuts | value.weights if is_wish(cut))
    return wishes - _beside_flow(value, run)


def is_training_loss(value: Value) -> bool:
    """Is the result of a function that nobody here uses a loss? A metric gives a number, or counts hits and misses."""
    return value.kind is Kind.TENSOR and any(map(_is_wrong_in_flow, value.cuts))


def _is_wrong_in_flow(cut: Cut) -> bool:
    """Is a cut a fault although a gradient flows beside it, unless it is meant?"""
    return has(cut.code, "fixable") or cut.code == "AF206" or is_demanded(cut)


def responsible(losing: Sequence[Invocation], cut: Cut) -> Invocation | None:
    """Return the call that lost the gradient: the innermost loss, else the outermost function that is no step.

    What is called within the guard of a function (`no_grad`) has nothing to do with it.
    """
    first = next((number for number, each in enumerate(losing) if holds(each.function.node, cut.span)), 0)
    losing = losing[first:]
    named = [each for each in losing if naming.is_loss(each.function.qualname)]
    files = {file_of(each.function.node) for each in losing}
    if len(files) > 1 and is_step(losing[-1].function):
        losing = losing[:-1]  # what a library calls is a step too, and the loss that it asks for is another file's
    return named[0] if named else losing[-1] if losing else None


def introduced(invocation: Invocation) -> frozenset[Cut]:
    before = (
        frozenset().union(*(value.cuts for _, value in invocation.arguments)) if invocation.arguments else frozenset()
    )
    return invocation.result.cuts - before


def target_of(invocation: Invocation) -> Target:
    node = invocation.function.node
    parameters = tuple(
        Parameter(name, _role(name, value), value.kind is Kind.SEQUENCE)
        for name, value in invocation.arguments
        if not isinstance(value.meaning, Instance) or value is not invocation.function.receiver
    )
    return Target(invocation.function.qualname, node.lineno, parameters)


def _role(name: str, value: Value) -> Role:
    if value.derived:
        return "prediction"
    if value.kind is Kind.NUMBER:
        return "number"
    return "target" if value.kind in (Kind.TENSOR, Kind.ARRAY) else naming.role(name)


def faults_of(consumption: Consumption, run: Run) -> Iterator[tuple[Cut, Invocation | None]]:
    """Yield what is wrong with one consumed value, and the call of the loss that is to blame, if there is one."""
    value, node = consumption.value, consumption.node
    same = [each for each in run.journal.consumed if each.node is node]
    if not record_of(run.framework).has_tape and all(_is_several(each) for each in same):
        yield cut_at(run, node, "AF205"), None
    if not value.derived and not adds_losses(run.tree):
        for invocation in run.journal.invocations:
            if _made_by(value, invocation) and _ignores_prediction(invocation, run):
                yield _cut_of_result(invocation, run), invocation
                return


def _is_several(consumption: Consumption) -> bool:
    """Is this a live value of two elements or more, without the weights that would make one number of them?"""
    return consumption.value.live and consumption.value.traits.shape.many and not consumption.weighted


def _made_by(value: Value, invocation: Invocation) -> bool:
    result = invocation.result
    return not result.derived and (value is result or (bool(result.makers) and result.makers <= value.makers))


def _ignores_prediction(invocation: Invocation, run: Run) -> bool:
    """Does a loss that is given a prediction return something made of the target alone?

    It is run twice more: with targets for all that is called a target, and with the roles of the two changed. A value
    that moves with the target only is a mistake; one that moves with neither is a dummy.
    """
    function, given = invocation.function, dict(invocation.arguments)
    if not any(value.live for value in given.values()) or isinstance(function.node, ast.Lambda):
        return False
    plain = {name: _as_target(name, value) for name, value in given.items()}
    result = _again(function, plain, run)
    if result.derived or result.unknown or result.kind not in (Kind.TENSOR, Kind.ARRAY):
        return False
    turned = {name: value._replace(live=False) if value.live else _turned(value) for name, value in plain.items()}
    return _again(function, turned, run).live


def _as_target(name: str, value: Value) -> Value:
    plain = value.meaning is None and not value.derived
    return LABEL._replace(traits=value.traits) if plain and naming.is_ground_truth(name) else value


def _turned(value: Value) -> Value:
    return LIVE if value.kind is Kind.TENSOR and value.meaning is None else value


def _again(function: Function, given: dict[str, Value], run: Run) -> Value:
    """Return what a function gives for these arguments, leaving no trace in what was met."""
    invocations, by_key = list(run.journal.invocations), dict(run.facts.by_key)
    bare = replace(function, receiver=None)
    try:
        return invoke(run, bare, Arguments((), given))
    finally:
        run.journal.invocations[:] = invocations
        run.facts.by_key = by_key


def _cut_of_result(invocation: Invocation, run: Run) -> Cut:
    """Return the fault at the last expression that the function returns."""
    function = invocation.function.node
    returned = [each.value for each in ast.walk(function) if isinstance(each, ast.Return) and each.value is not None]
    node = max(returned, key=lambda each: each.lineno) if returned else function
    return cut_at(run, node, "AF208")


def calls_that_lead_to(cut: Cut, neighbour: Neighbour, reaching: frozenset[Key], run: Run) -> frozenset[Cut]:
    """Return the cut at each call of this file that leads to it, among the expressions that the loss was made from.

    None where no such call is known: then nothing can be shown to the user either.
    """
    facts = run.facts.by_key
    keys = [key for key, fact in facts.items() if key.file == HERE and key.kind == "Call" and _brings(fact, cut)]
    chosen = [key for key in keys if key in reaching] or keys
    place = Elsewhere(as_seen_from(run.files.around, neighbour), cut.span.line, cut.operation)
    return frozenset(
        replace(cut, span=span(key), operation=_written(run.nodes.get(key)), elsewhere=place) for key in chosen
    )


def one_for_each_call(cuts: Iterable[Cut]) -> Iterator[Cut]:
    """Yield these cuts, of those to which the same call leads only the first."""
    first: dict[Span, Cut] = {}
    for cut in cuts:
        if cut.elsewhere is None:
            yield cut
        elif cut.span not in first or _place(cut) < _place(first[cut.span]):
            first[cut.span] = cut
    yield from first.values()


def _place(cut: Cut) -> tuple[str, int, str]:
    there = cut.elsewhere
    return (there.path, there.line, there.operation) if there is not None else ("", 0, "")


def is_helper(invocation: Invocation, asked: Value) -> bool:
    """Is another file's function something that a step goes through on its way to the loss, and not the loss itself?

    A loss gives a tensor, or what is differentiated as it is, and compares something with something else.
    """
    function, result = invocation.function, invocation.result
    if naming.is_loss(function.qualname):
        return False
    alone = len(function.node.args.args) == 1 and not isinstance(function.node, ast.Lambda)
    return alone or (result.kind is not Kind.TENSOR and not result.makers <= asked.makers)


def _brings(fact: Fact, cut: Cut) -> bool:
    return cut in fact.value.cuts and not any(cut in operand.cuts for operand in fact.operands)


def _written(node: ast.AST | None) -> str:
    return ast.unparse(node) if node is not None else "this call"


def as_seen_from(around: Around | None, neighbour: Neighbour) -> str:
    """Return the path of another file from the folder of the one that is analysed."""
    return path_beside(around.path if around is not None else "", neighbour.path)


def path_beside(here: str, other: str) -> str:
    """Return the path of `other` from the folder of the file `here`, with forward slashes."""
    try:
        return os.path.relpath(other, os.path.dirname(here)).replace(os.sep, "/")  # noqa: PTH120
    except ValueError:  # on another drive
        return other


def mended_there(loss: str, home: Neighbour, run: Run) -> Reason:
    """Say where a loss is to be mended that this file only uses."""
    path = as_seen_from(run.files.around, home)
    here = os.path.basename(run.files.around.path) if run.files.around is not None else ""  # noqa: PTH119
    way_out = f"to fix it there, run `autofix {path} {here}`"
    return Reason(Exit.ELSEWHERE, f"the loss `{loss}` is defined in another file; {way_out}")
