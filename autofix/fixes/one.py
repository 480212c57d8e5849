"""One broken loss in, its fix out: candidates that break nothing else, and the one that a run verifies."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

from autofix.analysis.faults import Fault, ForeignFault
from autofix.analysis.lifting.lift import stood_in
from autofix.analysis.looks import Looks
from autofix.analysis.syntactic import halves, only_eager
from autofix.fixes.kinds import NOT_EXTRACTED, candidates_of, held_in, instead, reason_of, requests_of
from autofix.fixes.verdicts import Rewritten, judged
from autofix.knowledge.causes import has
from autofix.model import Cut, Exit, Fix, Reason, Request, Verdict
from autofix.source.edits import Origin
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import at_line, moved
from autofix.verify.proving import Proving
from autofix.verify.wording import in_words_of_the_file, missed_by

_MOST_LINES = 10_000
"""Lines of a file that is rewritten: LibCST takes a second for so many, a dozen times for each fix."""


def fix_one(
    original: str,
    current: str,
    fault: Fault,
    path: str,
    verifier: Proving | Reason,
    look: Looks,
) -> Rewritten:
    """Rewrite one loss on top of what is fixed already, and have the result verified against the original."""
    refusal = _left_to_its_author(fault, current)
    if refusal is not None:
        return Rewritten(current, Fix("none", refusal), fault.cuts)
    verifier = _able(verifier, fault, path, original)
    candidates = _candidates(original, current, fault, look)
    if not isinstance(candidates, Rewritten):
        candidates = _settled(original, current, candidates, fault, look)
    if isinstance(candidates, Rewritten):
        return candidates
    if isinstance(verifier, Reason):
        return Rewritten(current, Fix("unverifiable", verifier), fault.cuts)
    verdict = _tried(original, candidates, fault, path, verifier, look)
    return judged(original, current, fault, path, candidates, verdict, look)


def _tried(
    original: str, candidates: tuple[str, ...], fault: Fault, path: str, verifier: Proving, look: Looks
) -> Verdict:
    """Return the verdict on the candidates: the first that says something, else the first of all."""
    first: Verdict | None = None
    unasked, tree = NOT_EXTRACTED, parsed(original)
    held = tuple(sorted({cut.operation for cut in held_in(fault)}))
    demanded = any(cut.demanded for cut in fault.cuts)
    eager, casts = only_eager(fault), halves(fault, tree)
    for request in requests_of(fault, path, original, candidates, look):
        if isinstance(request, Reason):
            unasked = request
            continue
        request = replace(request, only_eager=eager, halves=casts, held=held, demanded=demanded)
        verdict = _asked(request, fault, tree, verifier)
        if verdict.status != "unverifiable":
            return verdict
        first = first or verdict
    return first or Verdict("unverifiable", unasked.text)


def _asked(request: Request, fault: Fault, tree: ast.Module, verifier: Proving) -> Verdict:
    """Return the verifier's answer in terms of the file; one of a run that did not reach the fault says nothing."""
    verdict = _with_stand_ins(verifier.verify(request), request)
    if verdict.status == "healthy" and (missed := missed_by(verdict, fault, tree)):
        verdict = Verdict("unverifiable", f"no run reached {at_line(missed[0].span.line)}")
    return in_words_of_the_file(verdict, request)


def _left_to_its_author(fault: Fault, text: str) -> Reason | None:
    """Return why no rewrite is tried; None where one is."""
    if isinstance(fault, ForeignFault):
        return fault.refusal
    if any(has(cut.code, "for-the-author") for cut in fault.cuts):
        return instead(fault)
    if (lines := text.count("\n")) > _MOST_LINES:
        reason = f"the file has {lines:,} lines, more than the limit of {_MOST_LINES:,}"
        return Reason(Exit.SIZE, f"{reason}; move the loss to its own file")
    return None


def _able(verifier: Proving | Reason, fault: Fault, path: str, original: str) -> Proving | Reason:
    """Return the verifier, or why it cannot run anything for a file of this path."""
    if isinstance(verifier, Reason):
        return verifier
    missing = verifier.missing(fault.framework, Path(path).parent, original)
    return Reason(Exit.TRIAL, missing) if missing else verifier


def ways_to_write(current: str, fault: Fault, look: Looks) -> tuple[str, ...]:
    """Return the texts that fix a loss and break nothing else in the file; none where there is no such text."""
    if _left_to_its_author(fault, current) is not None:
        return ()
    found = _candidates("", current, fault, look)
    if not isinstance(found, Rewritten):
        found = _settled(current, current, found, fault, look)
    return () if isinstance(found, Rewritten) else found


def _with_stand_ins(verdict: Verdict, request: Request) -> Verdict:
    """Return a verdict whose evidence names the losses for which a common one stood."""
    names = stood_in(request.original) if verdict.evidence is not None else ()
    return verdict.remarked(f"with the mean squared error in place of {', '.join(names)}") if names else verdict


def _candidates(original: str, current: str, fault: Fault, look: Looks) -> tuple[str, ...] | Rewritten:
    """Return the ways to write this loss in the current text; what stands there already counts as one."""
    again = fault if current == original else look.again(current, fault)
    if again is None:
        return (current,)
    found = candidates_of(again, current, look)
    if not isinstance(found, Reason):
        return found
    reason = _in_lines_of(original, current, reason_of(fault, found))
    return Rewritten(current, Fix("none", reason), _blaming_the_callee(fault.cuts, found))


def _blaming_the_callee(cuts: tuple[Cut, ...], refusal: Reason) -> tuple[Cut, ...]:
    """Return the cuts of which that in the line of a refused call is the library's."""
    where = refusal.span
    if where is None or not refusal.callee.startswith(("scipy.", "sklearn.")):
        return cuts
    found = (replace(each, code="AF107", span=where) if each.span.line == where.line else each for each in cuts)
    return tuple(dict.fromkeys(found))


def _settled(
    original: str, current: str, candidates: tuple[str, ...], fault: Fault, look: Looks
) -> tuple[str, ...] | Rewritten:
    """Return the candidates that break nothing else in the file."""
    from autofix.rewrite.candidates import settled

    found = settled(current, candidates, fault, look)
    texts = tuple(text for text in found if not isinstance(text, Reason))
    refusals = (_in_lines_of(original, current, each) for each in found if isinstance(each, Reason))
    return texts or Rewritten(current, Fix("none", next(refusals)), fault.cuts)


def _in_lines_of(original: str, current: str, reason: Reason) -> Reason:
    """Return a reason that names lines of `current` with those of `original`."""
    return reason.worded(lambda text: moved(text, Origin(original, current).line))
