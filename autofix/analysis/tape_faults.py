"""What is wrong with a training step's tapes, and what has to change: takes tapes and the facts of an abstract run.

AF301 what leads from the sources to the target stands outside the block; AF302 a source is a plain tensor that is not
watched; AF304 the target comes from `model.predict`; AF306 a tape is asked again. In doubt nothing is said.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autofix.analysis.record import Fact
from autofix.analysis.results import cut_at
from autofix.analysis.run import Run
from autofix.analysis.tapes import (
    Asked,
    Known,
    Recording,
    Tape,
    find_tapes,
    flat,
    holds,
    path_to,
    record,
    siblings,
    steps_of,
    unwatched,
    within,
)
from autofix.analysis.values import Dotted, Function, Instance, Value
from autofix.knowledge import effects, naming
from autofix.knowledge.frameworks import PACKAGES
from autofix.model import Cut, Exit, Reason
from autofix.syntax.bindings import changed, conflict, dotted, owners, reads, slice_back
from autofix.syntax.spans import span

_FIXED = (ast.Return, ast.Break, ast.Continue, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import,
          ast.ImportFrom, ast.Delete)  # fmt: skip


@dataclass(frozen=True, eq=False)
class TapeFix:
    """What has to change for one tape.

    `above` and `below` are the statements that move into the block from before and behind it; `watched` are names, each
    with the statement in the block that makes it, if one does; `hoisted` is a target that gets a name of its own.
    """

    tape: Tape
    above: tuple[ast.stmt, ...] = ()
    below: tuple[ast.stmt, ...] = ()
    watched: tuple[tuple[str, ast.stmt | None], ...] = ()
    persistent: bool = False
    hoisted: tuple[ast.expr, str] | None = None


@dataclass(frozen=True, eq=False)
class FaultyTapes:
    """The faults of one training step, the step being number `number` of its module.

    `calls` are the calls of `predict` to turn into calls of the model. `refusal` says why it is left to its author.
    """

    number: int
    cuts: tuple[Cut, ...]
    tape_fixes: tuple[TapeFix, ...] = ()
    calls: tuple[ast.Call, ...] = ()
    refusal: Reason | None = None

    @property
    def asked(self) -> frozenset[int]:
        """The identities of the calls that ask the step's tapes."""
        return frozenset(id(asked.call) for tape_fix in self.tape_fixes for asked in tape_fix.tape.asked)

    @property
    def watched(self) -> tuple[str, ...]:
        """The names of the tensors to watch."""
        return tuple(name for tape_fix in self.tape_fixes for name, _ in tape_fix.watched)


def tape_faults(tree: ast.Module, run: Run) -> tuple[FaultyTapes, ...]:
    """Return the training steps of a module whose tapes do not give the gradient that they are asked for."""
    found = [_Step(number, step, tree, run) for number, step in enumerate(steps_of(find_tapes(tree)))]
    return tuple(fault for each in found if (fault := each.fault()) is not None)


class _Step:
    """One step: tapes that stand in one another."""

    def __init__(self, number: int, tapes: Sequence[Tape], tree: ast.Module, run: Run) -> None:
        self.number = number
        self.tapes = tapes
        self.tree = tree
        self.run = run
        self.cuts: list[Cut] = []
        self.calls: list[ast.Call] = []
        self.refusal: Reason | None = None

    def fault(self) -> FaultyTapes | None:
        tape_fixes = [self._tape_fix(tape) for tape in self.tapes]
        if not self.cuts:
            return None
        cuts = tuple(sorted(set(self.cuts), key=lambda cut: cut.span))
        return FaultyTapes(self.number, cuts, tuple(tape_fixes), tuple(self.calls), self.refusal)

    def _tape_fix(self, tape: Tape) -> TapeFix:
        above: list[ast.stmt] = []
        below: list[ast.stmt] = []
        hoisted: tuple[ast.expr, str] | None = None
        for asked in tape.asked:
            predicted = self._predicted(tape, asked)
            lost = self._outside(tape, asked, predicted)
            if lost is None:
                continue
            moved = _moves(tape, asked, lost)
            if isinstance(moved, Reason):
                self.refusal = moved
                continue
            above += [each for each in moved[0] if each not in above]
            below += [each for each in moved[1] if each not in below]
            if lost.target:
                hoisted = asked.target, self._free_name(tape)
        watched = tuple(unwatched(tape, self.tapes, self.run))
        for name, _ in watched:
            self._blame("AF302", next(each for each in self._sources(tape) if each.id == name))
        again = _asked_again(tape)
        if again is not None:
            self._blame("AF306", again)
        return TapeFix(tape, tuple(above), tuple(below), watched, again is not None, hoisted)

    def _blame(self, code: str, node: ast.AST) -> None:
        self.cuts.append(cut_at(self.run, node, code))

    def _sources(self, tape: Tape) -> Iterator[ast.Name]:
        for asked in tape.asked:
            yield from (each for each in ast.walk(asked.sources) if isinstance(each, ast.Name))

    def _free_name(self, tape: Tape) -> str:
        used = {each.id for each in ast.walk(tape.scope) if isinstance(each, ast.Name)}
        return next((name for name in naming.NAMES_OF_LOSSES if name not in used), "loss_of_the_step")

    def _values(self, asked: Asked) -> list[Value]:
        return [each.value for each in self.run.journal.consumed if each.node is asked.call]

    def _predicted(self, tape: Tape, asked: Asked) -> list[ast.Call]:
        """Return the calls of `predict` that the target comes from, those of what is trained."""
        values = self._values(asked)
        if not values or any(value.live for value in values):
            return []
        cuts = {cut.span: cut for value in values for cut in value.cuts if cut.code == "AF304"}
        calls = [each for each in ast.walk(self.tree) if isinstance(each, ast.Call)
                 and span(self.run.positions.key(each)) in cuts]  # fmt: skip
        trained = owners(asked.sources, flat(tape.scope.body, [tape.block]))
        own = [each for each in calls if isinstance(each.func, ast.Attribute) and dotted(each.func.value) in trained]
        if calls and not own:
            self.refusal = Reason(Exit.AUTHOR, "cannot tell which model is being trained")
        for call in own or calls:
            self._blame("AF304", call)
            if not any(each is call for each in within(tape.scope)):
                self.refusal = Reason(Exit.AUTHOR, "`predict` is called in a function that other code may use")
            elif call not in self.calls:
                self.calls.append(call)
        return own

    def _outside(self, tape: Tape, asked: Asked, predicted: Sequence[ast.Call]) -> Recording | None:
        """Return what stands outside the block between sources and target; None where that is as it must be."""
        values = self._values(asked)
        hard = {cut.code for value in values for cut in value.cuts}
        if any(value.live for value in values) or any(code.startswith("AF2") for code in hard):
            return None
        recording = record(tape, asked, Known(self._derived, self._opaque))
        if not recording.lost:
            return None
        guilty = [each for each in recording.guilty if not any(holds(each, call) for call in predicted)]
        if guilty:
            self._blame("AF301", _expression(guilty[0]))
        elif recording.target:
            self._blame("AF301", asked.target)
        return recording

    def _derived(self, node: ast.AST) -> bool:
        return any(fact is not None and fact.value.derived for fact in map(self._fact, ast.walk(node)))

    def _opaque(self, node: ast.AST) -> bool:
        return any(isinstance(each, ast.Call) and self._may_hide_a_model(each) for each in ast.walk(node))

    def _may_hide_a_model(self, call: ast.Call) -> bool:
        """May a call compute with variables that are not among its arguments? Not one of a framework or a criterion."""
        func = call.func
        fact = self._fact(func.value if isinstance(func, ast.Attribute) else func)
        meaning = fact.value.meaning if fact is not None else None
        if isinstance(meaning, Instance):
            meaning = meaning.made_from
        if isinstance(meaning, Dotted):
            known = meaning.name.partition(".")[0] in (*PACKAGES, "numpy", "math", "builtins")
            return not known or meaning.name.rpartition(".")[2] in effects.PARAMETRIC
        if isinstance(func, ast.Attribute):
            return dotted(func.value).partition(".")[0] == "self" and func.attr not in naming.CRITERIA
        return not isinstance(meaning, Function) and not naming.is_loss(func.id if isinstance(func, ast.Name) else "")

    def _fact(self, node: ast.AST) -> Fact | None:
        known = self.run.facts.by_key
        return known.get(self.run.positions.key(node)) if hasattr(node, "lineno") else None


def _expression(statement: ast.stmt) -> ast.AST:
    """Return what is computed in a statement, the first of it."""
    for each in ast.walk(statement):
        if isinstance(each, (ast.Assign, ast.AnnAssign)) and each.value is not None:
            return each.value
        if isinstance(each, (ast.AugAssign, ast.Expr)):
            return each
    return statement


def _moves(tape: Tape, asked: Asked, lost: Recording) -> tuple[list[ast.stmt], list[ast.stmt]] | Reason:
    """Return what moves into the block from above and from below it, or why nothing can be moved."""
    around = list(siblings(tape.scope, tape.block))
    block = around.index(tape.block)
    end = next((at for at, each in enumerate(around) if at >= block and holds(each, asked.call)), None)
    if end is None or not all(any(each is statement for each in around[:end]) for statement in lost.guilty):
        return Reason(Exit.REWRITE, "the code to be recorded is not in the same block as the tape")
    after = around[block + 1 : end]
    below = slice_back(after, lost.needed)
    for each in reversed(after):
        if each not in below and any(conflict(each, later) for later in below if later.lineno > each.lineno):
            below.append(each)
    above = [each for each in around[:block] if each in lost.guilty]
    for each in around[:block]:
        if each not in above and any(conflict(earlier, each) for earlier in above if earlier.lineno < each.lineno):
            above.append(each)
    moved = [*above, *below]
    if any(isinstance(piece, _FIXED) for each in moved for piece in (each, *within(each))):
        return Reason(Exit.REWRITE, "the code to be recorded cannot be moved into the tape's block")
    if any(tape.name in changed(each) for each in moved) or any(tape.name in reads(each) for each in above):
        return Reason(Exit.REWRITE, "the code to be recorded uses the tape itself")
    return sorted(above, key=_line), sorted(below, key=_line)


def _line(statement: ast.stmt) -> int:
    return statement.lineno


def _asked_again(tape: Tape) -> ast.Call | None:
    """Return the call that asks a tape once more than it answers; None where that cannot happen, or is provided for."""
    if tape.persistent or _is_reset(tape):
        return None
    calls = [each.call for each in tape.asked]
    for at, call in enumerate(calls):
        if _in_a_loop_of_its_own(tape, call):
            return call
        if any(not _exclusive(tape.scope, before, call) for before in calls[:at]):
            return call
    return None


def _is_reset(tape: Tape) -> bool:
    """Is the tape used again, or by others: `tape.reset()`, `with tape:`, handed on?"""
    asking = {id(each.call.func.value) for each in tape.asked if isinstance(each.call.func, ast.Attribute)}
    methods = {id(each.value) for each in within(tape.scope) if isinstance(each, ast.Attribute)
               and each.attr in ("watch", "stop_recording", "watched_variables")}  # fmt: skip
    uses = [each for each in within(tape.scope) if isinstance(each, ast.Name) and each.id == tape.name
            and isinstance(each.ctx, ast.Load)]  # fmt: skip
    return any(id(each) not in asking | methods for each in uses)


def _in_a_loop_of_its_own(tape: Tape, call: ast.Call) -> bool:
    loops = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)
    way = path_to(tape.scope, call)
    for node, field in way:
        if not isinstance(node, loops) or holds(node, tape.block) or field in ("iter", "generators"):
            continue
        body = getattr(node, "body", [])
        if not (isinstance(body, list) and _ends(body)) and not _only_first(way, node):
            return True
    return False


def _only_first(way: Sequence[tuple[ast.AST, str]], loop: ast.AST) -> bool:
    """Does the loop end with the statement in which the call stands?"""
    inside = way[next(at for at, (node, _) in enumerate(way) if node is loop) :]
    return any(isinstance(node, ast.Return) or _ends(getattr(node, field, [])) for node, field in inside)


def _exclusive(scope: ast.AST, first: ast.Call, second: ast.Call) -> bool:
    """Can at most one of two calls run, for one run of the block?"""
    one, other = path_to(scope, first), path_to(scope, second)
    common = 0
    while common < min(len(one), len(other)) and one[common][0] is other[common][0]:
        common += 1
    fork, field = one[common - 1]
    if isinstance(fork, (ast.If, ast.IfExp, ast.Try)) and field != other[common - 1][1]:
        return field != "test"
    return any(isinstance(node, ast.Return) or _ends(getattr(node, field, [])) for node, field in one[common:])


def _ends(body: object) -> bool:
    last = body[-1] if isinstance(body, list) and body else None
    return isinstance(last, (ast.Return, ast.Raise, ast.Break, ast.Continue))
