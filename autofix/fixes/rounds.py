"""All broken losses of a text, fixed one on top of the other, in rounds; half fixes are reverted."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import replace

from autofix.analysis.explanations import Explainer
from autofix.analysis.faults import Fault, LossFault
from autofix.analysis.looks import Looks
from autofix.fixes.observed import contradiction, fix_by_program
from autofix.fixes.one import fix_one
from autofix.fixes.verdicts import Rewritten, not_run
from autofix.fixes.whole import Attempt, State, called_by, functions_of, groups_of, half_fixes
from autofix.knowledge.frameworks import record_of
from autofix.model import Cut, Exit, Finding, Fix, Reason
from autofix.observe.first_steps import Measured
from autofix.source import suppressions
from autofix.source.edits import Origin, apply_edits, edits_between
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import at_line, moved, said
from autofix.verify.proving import Proving

PARTLY_HIDDEN = Reason(
    Exit.HIDDEN,
    "part of this loss is silenced by an `# autofix: ignore` comment, and a loss is only fixed as a whole",
)


_ROUNDS = 3
"""How often a text is read again for what is lost behind the losses that were fixed."""


class Fixing:
    """The losses of one text, fixed one on top of the other; `current` is the text so far.

    What one fix has brought back may be lost again further on: the text is read again after a fix, and what is found
    only then is reported where it stood in the text at first.
    """

    def __init__(
        self,
        text: str,
        path: str,
        verifier: Proving | Reason,
        look: Looks,
        wanted: Callable[[str], bool],
        comments: suppressions.Comments,
    ) -> None:
        self._text, self._path, self._look = text, path, look
        self._verifier = verifier
        self._wanted, self._comments = wanted, comments
        self._rounds = 0
        self._attempts: list[Attempt] = []
        self.decided: tuple[Attempt, ...] = ()
        """What became of losses when the text was read before, and stays so."""
        self.current = text
        self.met: list[Cut] = []
        self.traces: dict[str, None] = {}

    def attend_all(self) -> None:
        """Fix the losses of the text, and those that come to light by that."""
        for _ in range(1 + _ROUNDS):
            read = self.current
            self.attend(read)
            if self.current == read:
                break

    def attend(self, read: str) -> None:
        """Fix the losses of a text, but for those of another one that are fixed, or right, already.

        One that could not be run then is reported again if it can be run now.
        """
        origin = Origin(self._text, read)
        again, self._rounds = self._rounds > 0, self._rounds + 1
        explainer = Explainer(parsed(read), read)
        for fault in self._look.faults(read):
            known = [at for at, each in enumerate(self._attempts) if again and fault.same_as(each.fault)]
            if not known:
                attempt = self._decided(fault) or self._attend(read, fault, origin, explainer)
                self._attempts.append(attempt)
            elif self._attempts[known[0]].fix.status == "unverifiable":
                before = self.current
                attempt = self._attend(read, fault, origin, explainer)
                if self.current != before:
                    self._attempts[known[0]] = replace(attempt, fault=self._attempts[known[0]].fault)

    def attend_by_program(self, original: Measured) -> None:
        """Fix what is left where the program itself verifies it; take back what the program shows to break it."""
        self.current, fixed = fix_by_program(
            self._text, self.current, self._path, self._attempts, original, self._look
        )  # fmt: skip
        for at, attempt in fixed.items():
            self._attempts[at] = attempt
        if not fixed and self.current != self._text and (reason := contradiction(original, self.current)):
            self._attempts = [_without_fix(each, reason) if each.state == "fixed" else each for each in self._attempts]
            self.current = self._text

    def _decided(self, fault: Fault) -> Attempt | None:
        """Return what became of a loss before; of two of one name, of that with the same cuts."""
        same = [each for each in self.decided if fault.same_as(each.fault)]
        found = next((each for each in same if each.fault.cuts == fault.cuts), next(iter(same), None))
        if found is not None and found.state != "hidden":
            self.met += found.fault.cuts
        return found

    def reverted(self) -> tuple[Attempt, ...]:
        """Return what became of each loss without the fixes that are only half of one; empty where there are none."""
        if not any(each.state == "fixed" for each in self._attempts):
            return ()
        now = self._look.faults(self.current)
        halves = half_fixes(self._attempts, now)
        for left in (each for each in self._attempts if each.late and each.state == "left"):
            culprit = self._uncovering(left)
            if culprit is not None:
                where = f"`{left.fault.cuts[0].operation}` in {at_line(left.line)} would then raise"
                said = f"{where}: {left.fix.reason}" if left.fix.reason else where
                halves.setdefault(culprit, Reason(Exit.HALF, said, left.fault.cuts[0].span))
        for at, reason in self._of_shared_helpers():
            halves.setdefault(at, reason)
        if not halves:
            self._attempts = [each for each in self._attempts if not _is_settled(each, now)]
            self._mark_groups()
            return ()
        return tuple(
            _without_fix(each, halves[at]) if at in halves else each
            for at, each in enumerate(self._attempts)
            if at in halves or (each.state != "fixed" and not each.late)
        )

    def _of_shared_helpers(self) -> Iterator[tuple[int, Reason]]:
        """Yield the fixes that have changed a helper which a loss calls that is left as it is."""
        remaining = [each for each in self._attempts if each.state == "left"]
        if not remaining:
            return
        before, after = (functions_of(parsed(each)) for each in (self._text, self.current))
        changed = {name for name, node in before.items() if ast.dump(node) != ast.dump(after.get(name, node))}
        for left in remaining if changed else ():
            for name in sorted(called_by(left.fault) & changed):
                lines = range(before[name].lineno, (before[name].end_lineno or 0) + 1)
                why = f": {left.fix.reason}" if left.fix.reason else ""
                caller = f"`{left.fault.loss}` in {at_line(left.line)}"
                reason = Reason(Exit.HALF, f"{caller} also calls `{name}`, and cannot be fixed{why}")
                for at, each in enumerate(self._attempts):
                    if each.state == "fixed" and any(edit.span.line in lines for edit in each.fix.edits):
                        yield at, reason

    def _uncovering(self, left: Attempt) -> int | None:
        """Return the fix that brought a fault to light which is not fixed: NumPy fails on what is live there now."""
        fixed = {at: each.fix for at, each in enumerate(self._attempts) if each.state == "fixed"}
        is_of_numpy = any(cut.code == "AF101" for cut in left.fault.cuts)
        if (
            record_of(left.fault.framework).reads_as_plain
            or not is_of_numpy
            or not all(fix.edits for fix in fixed.values())
        ):
            return None
        for at in fixed:
            others = [edit for other, fix in fixed.items() if other != at for edit in fix.edits]
            text = apply_edits(self._text, others)
            if self._look.again(text, left.fault) is None:
                return at
        return None

    def _mark_groups(self) -> None:
        """Give the fixes that belong together a common mark, and the edits of them all."""
        fixed = [each for each in self._attempts if each.state == "fixed"]
        for number, group in enumerate(groups_of(self._attempts), 1):
            parts = [self._attempts[at].fix.edits for at in group]
            whole = tuple(dict.fromkeys(edit for edits in parts for edit in edits)) if all(parts) else ()
            if len(group) == len(fixed):
                whole = edits_between(self._text, self._text, self.current)
            for at in group:
                attempt = self._attempts[at]
                self._attempts[at] = attempt.with_fix(replace(attempt.fix, edits=whole, group=number))

    def revert_all(self) -> None:
        """Take back every fix: the halves among them could not be told from the rest."""
        reason = Reason(Exit.HALF, "its fix could not be separated from those of the other losses in the file")
        self._attempts = [_without_fix(each, reason) if each.state == "fixed" else each for each in self._attempts]
        self.current = self._text

    @property
    def findings(self) -> list[Finding]:
        """What is found in the file as it was read, in the order of the rounds."""
        return [_as_said(finding, self._text) for each in self._attempts for finding in each.findings]

    def _attend(self, read: str, fault: Fault, origin: Origin, explainer: Explainer) -> Attempt:
        cuts = [origin.cut(cut) for cut in fault.cuts]
        line, late = cuts[0].span.line, self._rounds > 1
        self.met += cuts
        chosen = [cut for cut in fault.cuts if self._is_shown(origin.cut(cut))]
        if not chosen:
            is_hidden = all(map(self._comments.hide, cuts))
            fix = Fix("none", Reason(Exit.HIDDEN, f"{cuts[0].code} is excluded by --select or --ignore", cuts[0].span))
            return Attempt(fault, "hidden" if is_hidden else "left", fix, line, late=late)
        fixes = [each.fix for each in self._attempts if each.state == "fixed"]
        gone = next((fix for fix in fixes if all(_takes_away(fix, cut) for cut in fault.cuts)), None)
        if gone is not None:
            rewritten = Rewritten(self.current, gone, fault.cuts)
        elif any(self._comments.hide(origin.cut(cut)) for cut in fault.cuts):
            rewritten = Rewritten(self.current, Fix("none", PARTLY_HIDDEN), tuple(chosen))
        else:
            rewritten = self._contained(read, fault)
        self.current = rewritten.text
        self._attempts = [run_by(each, {origin.line(line) for line in rewritten.ran}) for each in self._attempts]
        self.met += map(origin.cut, rewritten.cuts or ())
        observed = _as_observed(fault, rewritten)
        shown = [cut for cut in rewritten.cuts or () if self._is_shown(origin.cut(cut))]
        fix = rewritten.fix if rewritten.fix is gone else _in_original_lines(rewritten.fix, origin)
        findings = [origin.finding(finding_of(cut, observed, self._path, fix, explainer)) for cut in shown]
        state: State = "fixed" if fix.status == "verified" else "left" if rewritten.cuts is not None else "right"
        return Attempt(fault, state, fix, line, tuple(findings), late)

    def _contained(self, read: str, fault: Fault) -> Rewritten:
        """Return a loss after the attempt; where autofix itself fails on it, the finding says so, and the others go on.

        A SyntaxError is none of the user's here: their text was parsed before.
        """
        try:
            return self._rewritten(read, fault)
        except Exception as error:
            import traceback  # here, as most runs need none of it

            self.traces.setdefault(traceback.format_exc())
            said = f"internal error ({type(error).__name__}: {error}); please report it (-v shows the traceback)"
            return Rewritten(self.current, Fix("none", Reason(Exit.INTERNAL, " ".join(said.split()))), fault.cuts)

    def _rewritten(self, read: str, fault: Fault) -> Rewritten:
        """Return a loss of the text that was read after the attempt; its edits are those of the text at first."""
        before = self.current
        rewritten = fix_one(read, before, fault, self._path, self._verifier, self._look)
        if read == self._text or rewritten.fix.status != "verified":
            return rewritten
        return replace(rewritten, fix=replace(rewritten.fix, edits=edits_between(self._text, before, rewritten.text)))

    def _is_shown(self, cut: Cut) -> bool:
        return self._wanted(cut.code) and not self._comments.hide(cut)


def _as_observed(fault: Fault, rewritten: Rewritten) -> Fault:
    """Return a fault with what its run showed: where the gradient ends, and whether some of it arrives."""
    cuts, flows = rewritten.cuts or fault.cuts, rewritten.flows
    if flows is None or (isinstance(fault, LossFault) and fault.beside):
        return replace(fault, cuts=cuts)
    return replace(fault, cuts=cuts, partly=flows)


def _is_settled(attempt: Attempt, now: Sequence[Fault]) -> bool:
    """Is what was left no fault any more? A value cut on purpose is one only while nothing else trains what it cuts."""
    is_beside = attempt.state == "left" and attempt.fault.partly
    return is_beside and not any(attempt.fault.same_as(each) for each in now)


def run_by(attempt: Attempt, lines: Set[int | None]) -> Attempt:
    """Return an earlier fix without the limits that these lines were not run: a later one has run them."""
    known = {not_run(at_line(line)) for line in lines if line is not None}
    evidence = attempt.fix.evidence
    if evidence is None or known.isdisjoint(evidence.limits):
        return attempt
    evidence = replace(evidence, limits=tuple(each for each in evidence.limits if each not in known))
    return attempt.with_fix(replace(attempt.fix, evidence=evidence))


def _in_original_lines(fix: Fix, origin: Origin) -> Fix:
    """Return a fix that names lines of the file as it was read."""
    return _reworded(fix, lambda text: moved(text, origin.line))


def _as_said(finding: Finding, text: str) -> Finding:
    """Return a finding that names lines as its reader counts them."""
    return replace(finding, fix=_reworded(finding.fix, lambda each: said(each, text)))


def _reworded(fix: Fix, change: Callable[[str], str]) -> Fix:
    """Return a fix with its reason and its limits changed."""
    evidence = fix.evidence
    if evidence is not None and evidence.limits:
        evidence = replace(evidence, limits=tuple(map(change, evidence.limits)))
    return replace(fix, why=fix.why.worded(change) if fix.why is not None else None, evidence=evidence)


def _without_fix(attempt: Attempt, reason: Reason) -> Attempt:
    return replace(attempt.with_fix(Fix("none", reason)), state="left")


def finding_of(cut: Cut, fault: Fault, path: str, fix: Fix, explainer: Explainer) -> Finding:
    """Return the finding of one cut, explained."""
    explanation = explainer.explain(cut, fault)
    line = explanation.line
    return Finding(path, cut.span, cut.code, line, fault.loss, fault.framework, fix, explanation=explanation)


def _takes_away(fix: Fix, cut: Cut) -> bool:
    """Does a fix drop the line that declares a loss a leaf? It fails on what has a past again."""
    line = cut.span.line
    return cut.code == "AF303" and any(
        each.span.line <= line < each.span.end_line and not each.text for each in fix.edits
    )
