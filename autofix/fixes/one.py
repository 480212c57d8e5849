"""One broken loss in, its fix out: candidates that break nothing else, and the one that a run verifies."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from autofix.analysis.faults import Diagnosis
from autofix.analysis.lifting.lift import stood_in
from autofix.analysis.losses import lifted
from autofix.analysis.program import halves, only_eager
from autofix.fixes.looks import Looks
from autofix.fixes.verdicts import Rewritten, instead, judged
from autofix.knowledge.causes import has
from autofix.model import Fix, Framework, Generated, OwnRules, Refusal, Request, Verdict
from autofix.source.edits import Origin
from autofix.syntax.lines import at_line, moved
from autofix.syntax.parsing import parsed
from autofix.verify.proving import Proving
from autofix.verify.wording import in_words_of_the_file, missed_by

if TYPE_CHECKING:
    from autofix.rewrite.catalogue import Catalogue


_MOST_LOSSES = 4
_MOST_LINES = 10_000
"""Lines of a file that is rewritten: LibCST takes a second for so many, a dozen times for each fix."""


def fix_one(
    original: str,
    current: str,
    diagnosis: Diagnosis,
    path: str,
    verifier: Proving | None,
    no_verify_reason: str,
    look: Looks,
) -> Rewritten:
    """Rewrite one loss on top of what is fixed already, and have the result verified against the original."""
    if diagnosis.refusal:
        return Rewritten(current, Fix("none", diagnosis.refusal), diagnosis.cuts)
    if any(has(cut.code, "for-the-author") for cut in diagnosis.cuts):
        return Rewritten(current, Fix("none", instead(diagnosis)), diagnosis.cuts)
    if (lines := current.count("\n")) > _MOST_LINES:
        reason = f"the file has {lines:,} lines, more than the limit of {_MOST_LINES:,}"
        return Rewritten(current, Fix("none", f"{reason}; move the loss to its own file"), diagnosis.cuts)
    folder = Path(path).parent
    missing = no_verify_reason if verifier is None else verifier.missing(diagnosis.framework, folder, original)
    candidates = _candidates(original, current, diagnosis, look)
    if not isinstance(candidates, Rewritten):
        candidates = _settled(original, current, candidates, diagnosis, look)
    if isinstance(candidates, Rewritten):
        return candidates
    if verifier is None or missing:
        return Rewritten(current, Fix("unverifiable", missing or "nothing was run"), diagnosis.cuts)
    verdict: Verdict | None = None
    eager, tree = only_eager(diagnosis), parsed(original)
    casts = halves(diagnosis, tree)
    held = tuple(sorted({cut.operation for cut in diagnosis.held}))
    for request in _requests(path, diagnosis, original, candidates, look.own):
        asked = replace(request, only_eager=eager, halves=casts, held=held)
        answer = _with_stand_ins(verifier.verify(asked), asked)
        if answer.status == "healthy" and (missed := missed_by(answer, diagnosis, tree)):
            answer = Verdict("unverifiable", f"no run reached {at_line(missed[0].span.line)}")
        answer = in_words_of_the_file(answer, asked)
        verdict = answer if verdict is None or answer.status != "unverifiable" else verdict
        if verdict.status != "unverifiable":
            break
    if verdict is None:
        verdict = Verdict("unverifiable", "the loss could not be extracted from its training step")
    return judged(original, current, diagnosis, path, candidates, verdict, look)


def _with_stand_ins(verdict: Verdict, request: Request) -> Verdict:
    """Return a verdict whose evidence names the losses for which a common one stood."""
    names = stood_in(request.original) if verdict.evidence is not None else ()
    return verdict.remarked(f"with the mean squared error in place of {', '.join(names)}") if names else verdict


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


def _candidates(original: str, current: str, diagnosis: Diagnosis, look: Looks) -> tuple[str, ...] | Rewritten:
    """Return the ways to write this loss in the current text; what stands there already counts as one."""
    from autofix.rewrite.candidates import rewrite

    again = diagnosis if current == original else look.again(current, diagnosis)
    if again is None:
        return (current,)
    if again.step is not None:
        from autofix.rewrite.tapes import fix_step

        fixed_steps = fix_step(current, again.step)
        if isinstance(fixed_steps, Refusal):
            return Rewritten(current, Fix("none", fixed_steps.reason or instead(diagnosis)), diagnosis.cuts)
        return tuple(_with_its_loss(current, each, diagnosis, look) for each in fixed_steps)
    rewritten = rewrite(current, again, _catalogue(diagnosis.framework, look.own.folders))
    if not isinstance(rewritten, Refusal):
        return rewritten
    cuts = diagnosis.cuts
    if rewritten.span is not None and rewritten.callee.startswith(("scipy.", "sklearn.")):
        line = rewritten.span.line
        cuts = tuple(replace(cut, code="AF107", span=rewritten.span) if cut.span.line == line else cut for cut in cuts)
        cuts = tuple(dict.fromkeys(cuts))
    reason = instead(diagnosis) or moved(rewritten.reason, Origin(original, current).line)
    return Rewritten(current, Fix("none", reason), cuts)


def _settled(
    original: str, current: str, candidates: tuple[str, ...], diagnosis: Diagnosis, look: Looks
) -> tuple[str, ...] | Rewritten:
    """Return the candidates that break nothing else in the file."""
    from autofix.rewrite.candidates import settled

    found = settled(current, candidates, diagnosis, look.own, look.reads(current, diagnosis.framework))
    texts = tuple(text for text in found if not isinstance(text, Refusal))
    refusals = (moved(each.reason, Origin(original, current).line) for each in found if isinstance(each, Refusal))
    return texts or Rewritten(current, Fix("none", next(refusals, "")), diagnosis.cuts)


def _with_its_loss(before: str, text: str, diagnosis: Diagnosis, look: Looks) -> str:
    """Return a text with a fixed step, in which faults of its loss that show only then are fixed too."""
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
