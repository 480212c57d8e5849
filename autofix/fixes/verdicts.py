"""Take a verdict; give the outcome for the loss: its fix with its limits, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autofix.analysis.faults import Fault, TapeFault
from autofix.analysis.looks import Looks
from autofix.fixes.kinds import held_in
from autofix.model import Cut, Evidence, Exit, Fix, Reason, Verdict
from autofix.source.diff import unified_diff
from autofix.source.edits import Origin, edits_between
from autofix.syntax.changed_lines import changed_lines, line_before, unrun
from autofix.syntax.spans import at_line, moved, said
from autofix.verify.wording import beside

_INCOMPLETE = Reason(Exit.VERDICT, "part of its gradient would still be lost")


@dataclass(frozen=True)
class Rewritten:
    """A loss after the attempt: the text from now on, the fix, and the cuts to report (None: the loss is right).

    `flows` says whether a run saw some gradient arrive as the loss was written; `ran` are the changed lines that a run
    came to, those of earlier fixes too.
    """

    text: str
    fix: Fix
    cuts: tuple[Cut, ...] | None
    flows: bool | None = None
    ran: frozenset[int] = frozenset()


def not_run(what: str) -> str:
    """Return the limit of a fix of which this was not run: a line, or what is written there."""
    return f"{what} was not run"


def judged(
    original: str,
    current: str,
    fault: Fault,
    path: str,
    candidates: tuple[str, ...],
    verdict: Verdict,
    look: Looks,
) -> Rewritten:
    """Return what becomes of a loss by the verdict on its candidates."""
    if verdict.status == "verified" and verdict.candidate is not None:
        patched = candidates[verdict.candidate]
        failing = _fails_where_not_run(original, current, patched, fault, verdict, look)
        if failing is not None:
            return Rewritten(current, Fix("rejected", failing), fault.cuts)
        if verdict.evidence and not verdict.evidence.compiles and look.again(patched, fault):
            return Rewritten(current, Fix("rejected", _INCOMPLETE), fault.cuts)
        edits = edits_between(original, current, patched)
        limits = limits_of(original, current, patched, verdict.unrun)
        evidence = verdict.evidence.limited(limits) if verdict.evidence else None
        fix = Fix("verified", None, unified_diff(path, current, patched), evidence, edits)
        ran = _changed_and_run(original, patched, verdict)
        return Rewritten(patched, fix, fault.cuts, _flowed(verdict, fault), ran)
    if verdict.status == "healthy":
        return Rewritten(current, Fix("none"), None)
    cuts, remark = beside(verdict, fault.cuts, fault.partly, path, original, held_in(fault))
    if verdict.status == "flat":
        flat = Reason(Exit.VERDICT, (verdict.reason or "its value is piecewise constant") + remark)
        return Rewritten(current, Fix("none", flat), cuts)
    if verdict.status == "rejected":
        rejected = Reason(Exit.VERDICT, verdict.reason + remark)
        return Rewritten(current, Fix("rejected", rejected), cuts, verdict.lost.flows)
    return Rewritten(current, Fix("unverifiable", Reason(Exit.TRIAL, verdict.reason)), cuts)


def _flowed(verdict: Verdict, fault: Fault) -> bool | None:
    """Did some gradient arrive before the fix? None where that is not known: a tape may give one of zeros."""
    before = verdict.evidence.gradient_before if verdict.evidence and not isinstance(fault, TapeFault) else 0.0
    return None if before == 0.0 else before is not None


def _fails_where_not_run(
    original: str, current: str, patched: str, fault: Fault, verdict: Verdict, look: Looks
) -> Reason | None:
    """Return why a fix is certain to fail in lines that no run came to; None where nothing is known of them."""
    if not verdict.unrun:
        return None
    from autofix.fixes.whole import certain_to_fail

    others = changed_lines(original, patched) - changed_lines(current, patched)
    reason = certain_to_fail(patched, set(verdict.unrun) - others, fault, look)
    origin = Origin(original, patched)
    if reason is None:
        return None
    return reason.worded(
        lambda text: moved(text, lambda line: origin.line(line) or line_before(original, patched, line))
    )


def with_limits(original: str, current: str, patched: str, verdict: Verdict) -> Evidence | None:
    """Return the evidence of a program's verdict, with the changed lines that its run did not come to."""
    if verdict.status != "verified" or verdict.evidence is None:
        return None
    missed = unrun(original, patched, verdict.ran)
    return verdict.evidence.limited([said(each, original) for each in limits_of(original, current, patched, missed)])


def limits_of(original: str, current: str, patched: str, unrun: Iterable[int]) -> list[str]:
    """Return what is said of the lines of a fix that no run came to."""
    found: list[str] = []
    lines = patched.splitlines()
    changed = (line for line in changed_lines(current, patched).intersection(unrun) if _is_code(lines[line - 1]))
    for line in sorted(changed):
        before = line_before(original, patched, line)
        written = f"`{lines[line - 1].strip()}`"
        found.append(not_run(at_line(before) if before is not None else written))
    return found


def _is_code(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _changed_and_run(original: str, patched: str, verdict: Verdict) -> frozenset[int]:
    """Return the lines of the original that are changed by now and that the run of a fix came to."""
    lines = {line: line_before(original, patched, line) for line in changed_lines(original, patched)}
    missed = {lines.get(line) for line in verdict.unrun}
    return frozenset(before for before in lines.values() if before is not None and before not in missed)
