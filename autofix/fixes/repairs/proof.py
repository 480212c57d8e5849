"""Try the repairs of a program, kind by kind, until it verifies one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from autofix.fixes.repairs import (
    adapted,
    births,
    captured,
    carried,
    checkpointed,
    collected,
    conditions,
    derivatives,
    early,
    elsewhere,
    first_pass,
    masked,
    order,
    overwritten,
    plain,
    rebound,
    recording,
    replaced,
    selected,
    stored,
    tapes,
    tied,
    uncollected,
    unheld,
    unregistered,
    untracked,
    written,
)
from autofix.fixes.repairs.program import FaultyProgram, Repair
from autofix.fixes.verdicts import with_limits
from autofix.model import Evidence, Exit, Fix, Reason
from autofix.observe.faults import is_faultless
from autofix.observe.first_steps import Measured, count_trained, leaves_out, prove_by_program, starves
from autofix.source.diff import unified_diff
from autofix.source.edits import edits_between
from autofix.syntax.parsing import parsed

_MODULES = (
    masked, overwritten, recording, checkpointed, conditions, written, derivatives, selected, collected, tapes, carried,
    early, captured, births, replaced, unregistered, untracked, plain, uncollected, unheld, first_pass, stored, tied,
    rebound, adapted, order, elsewhere,
)  # fmt: skip
MOST_TRIED = 16
"""Texts that are run for one program."""
Spell = Callable[[str], str]


@dataclass(frozen=True)
class Repaired:
    """A repair that the program verifies, and the text with all that it took."""

    repair: Repair
    text: str
    fix: Fix


def repaired(program: FaultyProgram, read: str, original: Measured, spell: Spell) -> Repaired | Reason:
    """Return the first repair that holds; `read` is the text as it was read, `spell` writes what is left otherwise."""
    failed = Reason(Exit.REWRITE, "there is no known change")
    incomplete: Repaired | None = None
    starving: list[tuple[Repair, str]] = []
    for repair, text in _texts(program, spell):
        candidate = original.of_text(text)
        if repair.grows and starves(candidate):
            starving.append((repair, text))
            continue
        found = _verified(program, read, original, repair, text)
        if isinstance(found, Reason):
            failed = found
        elif not repair.grows or not leaves_out(candidate):
            return found
        else:
            incomplete = found
    if incomplete is not None:
        return incomplete
    for repair, text in sorted(starving, key=lambda each: -count_trained(original.of_text(each[1]).natural)):
        found = _verified(program, read, original, repair, text)
        if not isinstance(found, Reason):
            return found
        failed = found
    return failed


def _verified(program: FaultyProgram, read: str, original: Measured, repair: Repair, text: str) -> Repaired | Reason:
    """Return a repair that the program verifies, or what speaks against it."""
    if repair.nested:
        original = replace(original, run=replace(original.run, nested=True), first=None)
    verdict = prove_by_program(original, [original.of_text(text)], repair.same_leaves, is_faultless)
    evidence = with_limits(read, program.text, text, verdict)
    if evidence is None:
        return Reason(Exit.VERDICT, verdict.reason)
    if repair.reaches_more and not _reaches_more(original, original.of_text(text)):
        return Reason(Exit.VERDICT, "no more parameters would be trained than before")
    if not _settles_any(program, original.of_text(text)):
        return Reason(Exit.VERDICT, "what was found would stay as it is")
    if left := {each.name for each in original.of_text(text).natural.strays} & repair.settles:
        return Reason(Exit.VERDICT, f"`{min(left)}` would still be trained by no optimizer")
    return Repaired(repair, text, _fix(program, read, text, evidence))


def _settles_any(program: FaultyProgram, candidate: Measured) -> bool:
    """Is something gone of what a program means to train and does not, where nothing else is wrong with it?

    A gradient that it brings to something else is none that was missed.
    """
    strays = [each.stray for each in program.faults]
    if not strays or any(each is None for each in strays):
        return True
    left = {(each.kind, each.name) for each in candidate.natural.strays}
    return any((each.kind, each.name) not in left for each in strays if each is not None)


def _reaches_more(original: Measured, candidate: Measured) -> bool:
    """Does the gradient of a value come to parameters that no gradient comes to in the original?"""
    before, after = (
        {one for each in measured.frozen.events for one in each.reaches} for measured in (original, candidate)
    )
    return before < after


def _texts(program: FaultyProgram, spell: Spell) -> Iterator[tuple[Repair, str]]:
    """Yield what to run: each repair, and what spelling the rest makes of it."""
    known = {program.text}
    for kind in _MODULES:
        for repair in kind.repairs(program):
            for text in _with_spelled(repair, spell):
                if text not in known and _is_valid(text):
                    known.add(text)
                    yield repair, text
                if len(known) > MOST_TRIED:
                    return


def _with_spelled(repair: Repair, spell: Spell) -> Iterator[str]:
    yield repair.text
    if repair.spelled and _is_valid(repair.text):
        yield spell(repair.text)


def _is_valid(text: str) -> bool:
    try:
        parsed(text)
    except SyntaxError:
        return False
    return True


def _fix(program: FaultyProgram, read: str, text: str, evidence: Evidence) -> Fix:
    diff = unified_diff(program.path, program.text, text)
    return Fix("verified", None, diff, evidence, edits_between(read, program.text, text))
