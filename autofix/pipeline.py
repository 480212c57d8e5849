"""The core: a text goes in; its findings, and the text with every proven fix in place, come out.

Losses are mended one after the other, each on top of the fixes already proven, so that the diffs apply in their order.
There is no I/O but the verifier's.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from autofix.analysis.explanations import Explainer
from autofix.analysis.faults import Diagnosis
from autofix.analysis.losses import diagnose, enclosing, frameworks, lifted, reads_of
from autofix.analysis.program import halves, only_eager
from autofix.analysis.steps import stood_in
from autofix.knowledge.causes import cause, has
from autofix.model import Cut, Finding, Fix, Framework, Generated, Outcome, OwnRules, Refusal, Request, Span, Verdict
from autofix.rewrite.whole import Attempt, State, called_by, functions_of, groups_of, half_fixes
from autofix.source import suppressions
from autofix.source.edits import Home
from autofix.source.line_ends import has_lone_returns, restored, with_plain_ends
from autofix.syntax.changed_lines import changed_lines, line_before
from autofix.syntax.places import at_line, moved, said
from autofix.trial.stated import check_comments
from autofix.verify.wording import beside, in_words_of_the_file, missed_by

if TYPE_CHECKING:
    from autofix.analysis.reads import Reads
    from autofix.rewrite.catalogue import Catalogue
    from autofix.syntax.neighbours import Around


_PARTLY_HIDDEN = "a part of this loss is silenced by a comment, and a loss is mended as a whole or not at all"
_NONE = OwnRules()


class Proving(Protocol):
    """What the core needs of a verifier."""

    def verify(self, request: Request) -> Verdict:
        """Say which candidate is the original with its gradient restored."""

    def missing(self, framework: Framework, near: Path, text: str) -> str | None:
        """Say why nothing can be run for a framework by a file of this text in a folder; None where it can."""


_MOST_LOSSES = 4
_MOST_LINES = 10_000
"""Lines of a file that is rewritten: LibCST takes a second for so many, a dozen times for each fix."""

_ROUNDS = 3
"""How often a text is read again for what is lost behind the losses that were mended."""
_MOST_REVERTS = 4
"""How often a text is begun again without the fixes that turned out to be half ones."""


class _Once:
    """A verifier that is asked each question once, however often a text is begun again."""

    def __init__(self, verifier: Proving) -> None:
        self._verifier = verifier
        self._known: list[tuple[Request, Verdict]] = []

    def missing(self, framework: Framework, near: Path, text: str) -> str | None:
        return self._verifier.missing(framework, near, text)

    def verify(self, request: Request) -> Verdict:
        known = next((verdict for asked, verdict in self._known if asked == request), None)
        if known is None:
            known = self._verifier.verify(request)
            self._known.append((request, known))
        return known


class _Looks:
    """What the analysis says of a text and of each state of it, looked at once, however many losses ask."""

    def __init__(self, own: OwnRules, around: Around | None) -> None:
        self.own, self._around = own, around
        self._diagnoses: dict[str, tuple[Diagnosis, ...]] = {}
        self._reads: dict[tuple[str, Framework], Reads] = {}

    def diagnoses(self, text: str) -> tuple[Diagnosis, ...]:
        """Return the broken losses of a text."""
        if text not in self._diagnoses:
            self._diagnoses[text] = diagnose(ast.parse(text), text, self.own, self._around)
        return self._diagnoses[text]

    def again(self, text: str, diagnosis: Diagnosis) -> Diagnosis | None:
        """Return a loss as it is broken in another state of its text; None where it is not."""
        return next((each for each in self.diagnoses(text) if each.same_as(diagnosis)), None)

    def reads(self, text: str, framework: Framework) -> Reads:
        """Return the abstract run of a text in which its reads are told apart."""
        if (text, framework) not in self._reads:
            self._reads[text, framework], _ = reads_of(text, framework, self.own, self._around)
        return self._reads[text, framework]


@dataclass(frozen=True)
class _Mended:
    """A loss after the attempt: the text from now on, the fix, and the cuts to report (None: the loss is right).

    `flows` says whether a run saw some gradient arrive as the loss was written; `ran` are the changed lines that a run
    came to, those of earlier fixes too.
    """

    text: str
    fix: Fix
    cuts: tuple[Cut, ...] | None
    flows: bool | None = None
    ran: frozenset[int] = frozenset()


def fix_source(
    text: str,
    path: str,
    verifier: Proving | None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    no_verify_reason: str = "",
    own: OwnRules = _NONE,
    around: Around | None = None,
) -> Outcome:
    """Find the broken losses of a text and mend those for which a proof succeeds.

    `select` and `ignore` are prefixes of codes. Without a verifier nothing is mended, for `no_verify_reason`. `own` are
    the project's rules, which win over the bundled ones; `around` gives the files that the text imports, or is imported
    by, where they are to be looked into.
    Raises SyntaxError for a text that is no Python, and CommentError for a comment on inputs that cannot be read.
    """
    if has_lone_returns(text):
        plain = with_plain_ends(text)
        return restored(fix_source(plain, path, verifier, select, ignore, no_verify_reason, own, around), text)
    tree = ast.parse(text)
    comments = suppressions.read(text, tree)
    if comments.skip_file:
        return Outcome(text)
    check_comments(text)
    once = None if verifier is None else _Once(verifier)
    look = _Looks(own, around)
    reverted: tuple[Attempt, ...] = ()
    traces: dict[str, None] = {}
    for _ in range(_MOST_REVERTS):
        fixing = _Fixing(text, path, once, no_verify_reason, look, lambda code: _wanted(code, select, ignore), comments)
        fixing.decided, fixing.traces = reverted, traces
        fixing.attend_all()
        reverted = fixing.reverted()
        if not reverted:
            break
    else:
        fixing.revert_all()
    findings = fixing.findings
    if _wanted(suppressions.UNUSED, select, ignore):
        findings += _idle(comments.faults(fixing.met), tree, path)
    return Outcome(fixing.current, tuple(sorted(findings, key=lambda each: each.span)), "".join(fixing.traces))


class _Fixing:
    """The losses of one text, mended one on top of the other; `current` is the text so far.

    What one fix has brought back may be lost again further on: the text is read again after a fix, and what is found
    only then is told where it stood in the text at first.
    """

    def __init__(
        self,
        text: str,
        path: str,
        verifier: Proving | None,
        no_verify_reason: str,
        look: _Looks,
        wanted: Callable[[str], bool],
        comments: suppressions.Comments,
    ) -> None:
        self._text, self._path, self._look = text, path, look
        self._verifier, self._no_verify_reason = verifier, no_verify_reason
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

        One that could not be run then is told anew where it can be now.
        """
        home = Home(self._text, read)
        again, self._rounds = self._rounds > 0, self._rounds + 1
        explainer = Explainer(ast.parse(read), read)
        for diagnosis in self._look.diagnoses(read):
            known = [at for at, each in enumerate(self._attempts) if again and diagnosis.same_as(each.diagnosis)]
            if not known:
                attempt = self._decided(diagnosis) or self._attend(read, diagnosis, home, explainer)
                self._attempts.append(attempt)
            elif self._attempts[known[0]].fix.status == "unverifiable":
                before = self.current
                attempt = self._attend(read, diagnosis, home, explainer)
                if self.current != before:
                    self._attempts[known[0]] = replace(attempt, diagnosis=self._attempts[known[0]].diagnosis)

    def _decided(self, diagnosis: Diagnosis) -> Attempt | None:
        """Return what became of a loss before; of two of one name, of that with the same cuts."""
        same = [each for each in self.decided if diagnosis.same_as(each.diagnosis)]
        found = next((each for each in same if each.diagnosis.cuts == diagnosis.cuts), next(iter(same), None))
        if found is not None and found.state != "hidden":
            self.met += found.diagnosis.cuts
        return found

    def reverted(self) -> tuple[Attempt, ...]:
        """Return what became of each loss without the fixes that are only half of one; empty where there are none."""
        if not any(each.state == "fixed" for each in self._attempts):
            return ()
        now = self._look.diagnoses(self.current)
        halves = half_fixes(self._attempts, now)
        for left in (each for each in self._attempts if each.late and each.state == "left"):
            culprit = self._uncovering(left)
            if culprit is not None:
                where = f"`{left.diagnosis.cuts[0].operation}` in {at_line(left.line)} would fail then"
                halves.setdefault(culprit, f"{where}: {left.fix.reason}" if left.fix.reason else where)
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

    def _of_shared_helpers(self) -> Iterator[tuple[int, str]]:
        """Yield the fixes that have changed a helper which a loss calls that is left as it is."""
        remaining = [each for each in self._attempts if each.state == "left"]
        if not remaining:
            return
        before, after = (functions_of(ast.parse(each)) for each in (self._text, self.current))
        changed = {name for name, node in before.items() if ast.dump(node) != ast.dump(after.get(name, node))}
        for left in remaining if changed else ():
            for name in sorted(called_by(left.diagnosis) & changed):
                lines = range(before[name].lineno, (before[name].end_lineno or 0) + 1)
                why = f": {left.fix.reason}" if left.fix.reason else ""
                reason = f"`{left.diagnosis.loss}` in {at_line(left.line)} calls `{name}` too, and cannot be fixed{why}"
                for at, each in enumerate(self._attempts):
                    if each.state == "fixed" and any(edit.span.line in lines for edit in each.fix.edits):
                        yield at, reason

    def _uncovering(self, left: Attempt) -> int | None:
        """Return the fix that brought a fault to light which is not fixed: NumPy fails on what is live there now."""
        fixed = {at: each.fix for at, each in enumerate(self._attempts) if each.state == "fixed"}
        is_of_numpy = any(cut.code == "AF101" for cut in left.diagnosis.cuts)
        if left.diagnosis.framework != "torch" or not is_of_numpy or not all(fix.edits for fix in fixed.values()):
            return None
        from autofix.source.edits import apply_edits

        for at in fixed:
            others = [edit for other, fix in fixed.items() if other != at for edit in fix.edits]
            text = apply_edits(self._text, others)
            if self._look.again(text, left.diagnosis) is None:
                return at
        return None

    def _mark_groups(self) -> None:
        """Give the fixes that belong together a common mark, and the edits of them all."""
        from autofix.source.edits import edits_between

        fixed = [each for each in self._attempts if each.state == "fixed"]
        for number, group in enumerate(groups_of(self._attempts), 1):
            parts = [self._attempts[at].fix.edits for at in group]
            whole = tuple(dict.fromkeys(edit for edits in parts for edit in edits)) if all(parts) else ()
            if len(group) == len(fixed):
                whole = edits_between(self._text, self._text, self.current)
            for at in group:
                attempt = self._attempts[at]
                fix = replace(attempt.fix, edits=whole, group=number)
                findings = tuple(replace(each, fix=fix) for each in attempt.findings)
                self._attempts[at] = replace(attempt, fix=fix, findings=findings)

    def revert_all(self) -> None:
        reason = "what its loss needs besides could not be told apart from the other losses of the file"
        self._attempts = [_without_fix(each, reason) if each.state == "fixed" else each for each in self._attempts]
        self.current = self._text

    @property
    def findings(self) -> list[Finding]:
        return [_as_said(finding, self._text) for each in self._attempts for finding in each.findings]

    def _attend(self, read: str, diagnosis: Diagnosis, home: Home, explainer: Explainer) -> Attempt:
        cuts = [home.cut(cut) for cut in diagnosis.cuts]
        line, late = cuts[0].span.line, self._rounds > 1
        self.met += cuts
        chosen = [cut for cut in diagnosis.cuts if self._is_shown(home.cut(cut))]
        if not chosen:
            is_hidden = all(map(self._comments.hide, cuts))
            fix = Fix("none", f"{cuts[0].code} is not among the codes that are checked")
            return Attempt(diagnosis, "hidden" if is_hidden else "left", fix, line, late=late)
        fixes = [each.fix for each in self._attempts if each.state == "fixed"]
        gone = next((fix for fix in fixes if all(_takes_away(fix, cut) for cut in diagnosis.cuts)), None)
        if gone is not None:
            mended = _Mended(self.current, gone, diagnosis.cuts)
        elif any(self._comments.hide(home.cut(cut)) for cut in diagnosis.cuts):
            mended = _Mended(self.current, Fix("none", _PARTLY_HIDDEN), tuple(chosen))
        else:
            mended = self._contained(read, diagnosis)
        self.current = mended.text
        self._attempts = [run_by(each, {home.line(line) for line in mended.ran}) for each in self._attempts]
        self.met += map(home.cut, mended.cuts or ())
        told = replace(diagnosis, cuts=mended.cuts or diagnosis.cuts)  # what the run saw counts
        if mended.flows is not None and not told.beside:
            told = replace(told, partly=mended.flows)
        shown = [cut for cut in mended.cuts or () if self._is_shown(home.cut(cut))]
        fix = mended.fix if mended.fix is gone else _at_home(mended.fix, home)
        findings = [home.finding(_finding(cut, told, self._path, fix, explainer)) for cut in shown]
        state: State = "fixed" if fix.status == "verified" else "left" if mended.cuts is not None else "right"
        return Attempt(diagnosis, state, fix, line, tuple(findings), late)

    def _contained(self, read: str, diagnosis: Diagnosis) -> _Mended:
        """Return a loss after the attempt; where autofix itself fails on it, the finding says so, and the others go on.

        A SyntaxError is none of the user's here: their text was parsed before.
        """
        try:
            return self._mended(read, diagnosis)
        except Exception as error:
            import traceback  # here, as most runs need none of it

            self.traces.setdefault(traceback.format_exc())
            said = f"internal error ({type(error).__name__}: {error}); please report it (-v shows the traceback)"
            return _Mended(self.current, Fix("none", " ".join(said.split())), diagnosis.cuts)

    def _mended(self, read: str, diagnosis: Diagnosis) -> _Mended:
        """Return a loss of the text that was read after the attempt; its edits are those of the text at first."""
        before = self.current
        mended = _mend(read, before, diagnosis, self._path, self._verifier, self._no_verify_reason, self._look)
        if read == self._text or mended.fix.status != "verified":
            return mended
        from autofix.source.edits import edits_between

        return replace(mended, fix=replace(mended.fix, edits=edits_between(self._text, before, mended.text)))

    def _is_shown(self, cut: Cut) -> bool:
        return self._wanted(cut.code) and not self._comments.hide(cut)


def look(
    text: str,
    path: str,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    own: OwnRules = _NONE,
    around: Around | None = None,
) -> Outcome:
    """Find what looks broken in a text, without running or rewriting anything: what an editor shows while one types.

    A proof may still show that a loss is right. Raises SyntaxError for a text that is no Python.
    """
    if has_lone_returns(text):
        return restored(look(with_plain_ends(text), path, select, ignore, own, around), text)
    tree = ast.parse(text)
    comments = suppressions.read(text, tree)
    if comments.skip_file:
        return Outcome(text)
    waiting, explainer = Fix("unverifiable", "no proof was made yet"), Explainer(tree, text)
    met = [(cut, diagnosis) for diagnosis in diagnose(tree, text, own, around) for cut in diagnosis.cuts]
    found = [
        _finding(cut, diagnosis, path, waiting, explainer)
        for cut, diagnosis in met
        if _wanted(cut.code, select, ignore) and not comments.hide(cut)
    ]
    if _wanted(suppressions.UNUSED, select, ignore):
        found += _idle(comments.faults(cut for cut, _ in met), tree, path)
    return Outcome(text, tuple(sorted(found, key=lambda each: each.span)))


def _idle(faults: Iterable[tuple[Span, str]], tree: ast.Module, path: str) -> Iterator[Finding]:
    """Yield a finding for each comment that silences nothing; none for a file that imports no framework."""
    for framework in frameworks(tree)[:1]:
        for span, fault in faults:
            fix = Fix("none", "remove the comment, or what it names in vain")
            yield Finding(path, span, suppressions.UNUSED, fault, enclosing(tree, span), framework, fix)


def _is_settled(attempt: Attempt, now: Sequence[Diagnosis]) -> bool:
    """Is what was left no fault any more? A value cut on purpose is one only while nothing else trains what it cuts."""
    is_beside = attempt.state == "left" and attempt.diagnosis.partly
    return is_beside and not any(attempt.diagnosis.same_as(each) for each in now)


def run_by(attempt: Attempt, lines: Set[int | None]) -> Attempt:
    """Return an earlier fix without the limits that these lines were not run: a later one has run them."""
    known = {_not_run(at_line(line)) for line in lines if line is not None}
    evidence = attempt.fix.evidence
    if evidence is None or known.isdisjoint(evidence.limits):
        return attempt
    evidence = replace(evidence, limits=tuple(each for each in evidence.limits if each not in known))
    fix = replace(attempt.fix, evidence=evidence)
    return replace(attempt, fix=fix, findings=tuple(replace(each, fix=fix) for each in attempt.findings))


def _not_run(what: str) -> str:
    return f"{what} was not run"


def _at_home(fix: Fix, home: Home) -> Fix:
    """Return a fix that names lines of the file as it was read."""
    evidence = fix.evidence
    if evidence is not None and evidence.limits:
        evidence = replace(evidence, limits=tuple(moved(each, home.line) for each in evidence.limits))
    return replace(fix, reason=moved(fix.reason, home.line), evidence=evidence)


def _as_said(finding: Finding, text: str) -> Finding:
    """Return a finding that names lines as its reader counts them."""
    fix, evidence = finding.fix, finding.fix.evidence
    if evidence is not None and evidence.limits:
        evidence = replace(evidence, limits=tuple(said(each, text) for each in evidence.limits))
    return replace(finding, fix=replace(fix, reason=said(fix.reason, text), evidence=evidence))


def _without_fix(attempt: Attempt, reason: str) -> Attempt:
    fix = Fix("none", reason)
    findings = tuple(replace(each, fix=fix) for each in attempt.findings)
    return replace(attempt, state="left", fix=fix, findings=findings)


def _wanted(code: str, select: Sequence[str], ignore: Sequence[str]) -> bool:
    selected = not select or any(code.startswith(each) for each in select)
    return selected and not any(code.startswith(each) for each in ignore)


def _finding(cut: Cut, diagnosis: Diagnosis, path: str, fix: Fix, explainer: Explainer) -> Finding:
    said = explainer.explain(cut, diagnosis)
    told = said.line
    return Finding(path, cut.span, cut.code, told, diagnosis.loss, diagnosis.framework, fix, explanation=said)


def _mend(
    original: str,
    current: str,
    diagnosis: Diagnosis,
    path: str,
    verifier: Proving | None,
    no_verify_reason: str,
    look: _Looks,
) -> _Mended:
    """Rewrite one loss on top of what is mended already, and have the result proven against the original."""
    if diagnosis.refusal:
        return _Mended(current, Fix("none", diagnosis.refusal), diagnosis.cuts)
    if any(has(cut.code, "for-the-author") for cut in diagnosis.cuts):
        return _Mended(current, Fix("none", _instead(diagnosis)), diagnosis.cuts)
    if (lines := current.count("\n")) > _MOST_LINES:
        reason = f"the file has {lines:,} lines, and no fix is made in one of more than {_MOST_LINES:,}"
        return _Mended(current, Fix("none", f"{reason}: move the loss to a file of its own"), diagnosis.cuts)
    folder = Path(path).parent
    missing = no_verify_reason if verifier is None else verifier.missing(diagnosis.framework, folder, original)
    candidates = _candidates(original, current, diagnosis, look)
    if not isinstance(candidates, _Mended):
        candidates = _settled(original, current, candidates, diagnosis, look)
    if isinstance(candidates, _Mended):
        return candidates
    if verifier is None or missing:
        return _Mended(current, Fix("unverifiable", missing or "nothing was run"), diagnosis.cuts)
    verdict: Verdict | None = None
    eager, tree = only_eager(diagnosis), ast.parse(original)
    held = tuple(sorted({cut.operation for cut in diagnosis.held}))
    for request in _requests(path, diagnosis, original, candidates, look.own):
        asked = replace(request, only_eager=eager, halves=halves(diagnosis, tree), held=held)
        answer = _with_stand_ins(verifier.verify(asked), asked)
        if answer.status == "healthy" and (missed := missed_by(answer, diagnosis, tree)):
            answer = Verdict("unverifiable", f"the run of it did not come to {at_line(missed[0].span.line)}")
        answer = in_words_of_the_file(answer, asked)
        verdict = answer if verdict is None or answer.status != "unverifiable" else verdict
        if verdict.status != "unverifiable":
            break
    if verdict is None:
        verdict = Verdict("unverifiable", "the loss could not be taken out of its training step to be run on its own")
    return _judged(original, current, diagnosis, path, candidates, verdict, look)


def _takes_away(fix: Fix, cut: Cut) -> bool:
    """Does a fix drop the line that declares a loss a leaf? It fails on what has a past again."""
    line = cut.span.line
    return cut.code == "AF303" and any(
        each.span.line <= line < each.span.end_line and not each.text for each in fix.edits
    )


def _with_stand_ins(verdict: Verdict, request: Request) -> Verdict:
    """Return a verdict whose evidence names the losses for which a common one stood."""
    names = stood_in(request.original) if verdict.evidence is not None else ()
    return verdict.remarked(f"with the mean squared error for {', '.join(names)}") if names else verdict


def _requests(
    path: str, diagnosis: Diagnosis, original: str, candidates: tuple[str, ...], own: OwnRules
) -> Iterator[Request]:
    """Yield what to ask the verifier until it can answer."""
    if diagnosis.step is not None:
        from autofix.trial.requests import step_requests

        yield from step_requests(path, diagnosis.framework, original, candidates, diagnosis.step)
        return
    node = diagnosis.function.node if diagnosis.function is not None else None
    if diagnosis.target is not None and isinstance(node, ast.Lambda):
        from autofix.trial.requests import lambda_request

        request = lambda_request(path, diagnosis.framework, diagnosis.target, node, original, candidates)
        if request is not None:
            yield request
    if diagnosis.target is not None:
        yield Request(path, diagnosis.framework, diagnosis.target, original, candidates)
    for place in diagnosis.steps:
        request = _of_step(path, diagnosis, place, original, candidates, own)
        if request is not None:
            yield request


def _of_step(
    path: str, diagnosis: Diagnosis, place: int | str, original: str, candidates: tuple[str, ...], own: OwnRules
) -> Request | None:
    """Ask the verifier to run the loss of a training step as a function of its own."""
    framework, around = diagnosis.framework, diagnosis.around
    before = lifted(original, framework, place, own, around)
    if before is None:
        return None
    after = [lifted(each, framework, place, own, around, before) for each in candidates]
    texts = [each.text for each in after if each is not None]
    if len(texts) < len(candidates):
        return None
    names = {name: written for name, written in before.given if name != written}
    return Request(
        path,
        framework,
        before.target,
        before.text,
        tuple(texts),
        given=before.given,
        asked_at=before.asked_at,
        generated=Generated(before.target.line, dict(before.written_at), names),
        generated_candidates=tuple(
            Generated(each.target.line, dict(each.written_at)) for each in after if each is not None
        ),
    )


@cache
def _catalogue(framework: Framework, folders: tuple[Path, ...]) -> Catalogue:
    """Return the rules of a framework, parsed once. LibCST takes 0.2 s to import: at first need only."""
    from autofix.rewrite.catalogue import Catalogue

    return Catalogue.load(framework, folders)


def _candidates(original: str, current: str, diagnosis: Diagnosis, look: _Looks) -> tuple[str, ...] | _Mended:
    """Return the ways to write this loss in the current text; what stands there already counts as one."""
    from autofix.rewrite.candidates import rewrite

    again = diagnosis if current == original else look.again(current, diagnosis)
    if again is None:
        return (current,)
    if again.step is not None:
        from autofix.rewrite.tapes import mend_step

        mended = mend_step(current, again.step)
        if isinstance(mended, Refusal):
            return _Mended(current, Fix("none", mended.reason or _instead(diagnosis)), diagnosis.cuts)
        return tuple(_with_its_loss(current, each, diagnosis, look) for each in mended)
    rewritten = rewrite(current, again, _catalogue(diagnosis.framework, look.own.folders))
    if not isinstance(rewritten, Refusal):
        return rewritten
    cuts = diagnosis.cuts
    if rewritten.span is not None and rewritten.callee.startswith(("scipy.", "sklearn.")):
        line = rewritten.span.line
        cuts = tuple(replace(cut, code="AF107", span=rewritten.span) if cut.span.line == line else cut for cut in cuts)
        cuts = tuple(dict.fromkeys(cuts))
    reason = _instead(diagnosis) or moved(rewritten.reason, Home(original, current).line)
    return _Mended(current, Fix("none", reason), cuts)


def _settled(
    original: str, current: str, candidates: tuple[str, ...], diagnosis: Diagnosis, look: _Looks
) -> tuple[str, ...] | _Mended:
    """Return the candidates that break nothing else in the file."""
    from autofix.rewrite.candidates import settled

    found = settled(current, candidates, diagnosis, look.own, look.reads(current, diagnosis.framework))
    texts = tuple(text for text in found if not isinstance(text, Refusal))
    refusals = (moved(each.reason, Home(original, current).line) for each in found if isinstance(each, Refusal))
    return texts or _Mended(current, Fix("none", next(refusals, "")), diagnosis.cuts)


def _with_its_loss(before: str, text: str, diagnosis: Diagnosis, look: _Looks) -> str:
    """Return a text whose step was mended, with what shows only then as wrong in the loss behind it mended too."""
    from autofix.rewrite.candidates import rewrite

    known = look.diagnoses(before)
    for _ in range(_MOST_LOSSES):
        found = [each for each in look.diagnoses(text) if each.step is None]
        new = [each for each in found if not any(each.same_as(other) for other in known)]
        rewritten = rewrite(text, new[0], _catalogue(diagnosis.framework, look.own.folders)) if new else ()
        if not rewritten or isinstance(rewritten, Refusal):
            break
        text = rewritten[0]
    return text


def _judged(
    original: str,
    current: str,
    diagnosis: Diagnosis,
    path: str,
    candidates: tuple[str, ...],
    verdict: Verdict,
    look: _Looks,
) -> _Mended:
    from autofix.source.diff import unified_diff
    from autofix.source.edits import edits_between

    if verdict.status == "verified" and verdict.candidate is not None:
        patched = candidates[verdict.candidate]
        if failing := _fails_where_not_run(original, current, patched, diagnosis, verdict, look.own):
            return _Mended(current, Fix("rejected", failing), diagnosis.cuts)
        if verdict.evidence and not verdict.evidence.compiles and look.again(patched, diagnosis):
            return _Mended(current, Fix("rejected", "a part of its gradient would still be lost"), diagnosis.cuts)
        edits = edits_between(original, current, patched)
        evidence = verdict.evidence.limited(_limits(original, current, patched, verdict)) if verdict.evidence else None
        fix = Fix("verified", "", unified_diff(path, current, patched), evidence, edits)
        before = verdict.evidence.gradient_before if verdict.evidence and diagnosis.step is None else 0.0
        flows = None if before == 0.0 else before is not None
        return _Mended(patched, fix, diagnosis.cuts, flows, _changed_and_run(original, patched, verdict))
    if verdict.status == "healthy":
        return _Mended(current, Fix("none"), None)
    cuts, remark = beside(verdict, diagnosis.cuts, diagnosis.partly, path, original, diagnosis.held)
    if verdict.status == "flat":
        return _Mended(current, Fix("none", (verdict.reason or "its value does not move") + remark), cuts)
    if verdict.status == "rejected":
        return _Mended(current, Fix("rejected", verdict.reason + remark), cuts, verdict.lost.flows)
    return _Mended(current, Fix("unverifiable", verdict.reason), cuts)


def _fails_where_not_run(
    original: str, current: str, patched: str, diagnosis: Diagnosis, verdict: Verdict, own: OwnRules
) -> str:
    """Return why a fix is certain to fail in lines that no run came to; empty where nothing is known of them."""
    if not verdict.unrun:
        return ""
    from autofix.rewrite.whole import certain_to_fail

    others = changed_lines(original, patched) - changed_lines(current, patched)
    reason = certain_to_fail(patched, set(verdict.unrun) - others, diagnosis, own)
    home = Home(original, patched)
    return moved(reason, lambda line: home.line(line) or line_before(original, patched, line))


def _limits(original: str, current: str, patched: str, verdict: Verdict) -> list[str]:
    """Return what is said of the lines of a fix that no run came to."""
    found: list[str] = []
    for line in sorted(changed_lines(current, patched).intersection(verdict.unrun)):
        before = line_before(original, patched, line)
        written = f"`{patched.splitlines()[line - 1].strip()}`"
        found.append(_not_run(at_line(before) if before is not None else written))
    return found


def _changed_and_run(original: str, patched: str, verdict: Verdict) -> frozenset[int]:
    """Return the lines of the original that are changed by now and that the run of a fix came to."""
    lines = {line: line_before(original, patched, line) for line in changed_lines(original, patched)}
    missed = {lines.get(line) for line in verdict.unrun}
    return frozenset(before for before in lines.values() if before is not None and before not in missed)


def _instead(diagnosis: Diagnosis) -> str:
    return next((cause(cut.code).instead for cut in diagnosis.cuts if cause(cut.code).instead), "")
