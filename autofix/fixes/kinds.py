"""How each kind of fault is rewritten, and what is run to try it: the one place that asks for the kind.

Takes a fault and the text that it stands in; gives candidate texts or a refusal. Takes the text at first and these
candidates; gives the requests to make of the verifier until it can answer one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from autofix.analysis.faults import Fault, ForeignFault, GraphFault, LossFault, StepFault, TapeFault
from autofix.analysis.looks import Looks
from autofix.knowledge.causes import cause
from autofix.model import Cut, Exit, Framework, Generated, Reason, Request

if TYPE_CHECKING:
    from autofix.rewrite.catalogue import Catalogue


_MOST_LOSSES = 4
NOT_EXTRACTED = Reason(Exit.TRIAL, "the loss could not be extracted from its training step")


def candidates_of(fault: Fault, text: str, look: Looks) -> tuple[str, ...] | Reason:
    """Return the ways to write what is at fault in a text, the preferred one first."""
    match fault:
        case LossFault() | StepFault():
            return _rewritten(text, fault, look)
        case TapeFault():
            return _with_mended_tapes(text, fault, look)
        case ForeignFault():
            return fault.refusal


def requests_of(
    fault: Fault, path: str, original: str, candidates: tuple[str, ...], look: Looks
) -> Iterator[Request | Reason]:
    """Return what to ask the verifier until it can answer, and why it cannot be asked in other ways."""
    match fault:
        case LossFault():
            return _of_loss(path, fault, original, candidates, look)
        case StepFault():
            return _of_steps(path, fault, original, candidates, look)
        case TapeFault():
            from autofix.trial.requests import step_requests

            return step_requests(path, fault.framework, original, candidates, fault.tapes)
        case ForeignFault():
            return iter(())


def reason_of(fault: Fault, refusal: Reason) -> Reason:
    """Return why a fault is not rewritten: what people do instead, or what stands in the way of its tapes."""
    return refusal if isinstance(fault, TapeFault) else instead(fault) or refusal


def held_in(fault: Fault) -> frozenset[Cut]:
    """Return the cuts by which a part of the loss is held constant on purpose."""
    return fault.held if isinstance(fault, (LossFault, StepFault)) else frozenset()


def instead(fault: Fault) -> Reason | None:
    """Return what people do instead of a rewrite; None where that is no matter of the cause."""
    known = next((cut for cut in fault.cuts if cause(cut.code).instead), None)
    return Reason(Exit.AUTHOR, cause(known.code).instead, known.span) if known is not None else None


@cache
def catalogue_of(framework: Framework, folders: tuple[Path, ...]) -> Catalogue:
    """Return the rules of a framework, parsed once. LibCST takes 0.2 s to import: at first need only."""
    from autofix.rewrite.catalogue import Catalogue

    return Catalogue.load(framework, folders)


def _rewritten(text: str, fault: GraphFault, look: Looks) -> tuple[str, ...] | Reason:
    from autofix.rewrite.candidates import rewrite

    return rewrite(text, fault, catalogue_of(fault.framework, look.own.folders), look)


def _with_mended_tapes(text: str, fault: TapeFault, look: Looks) -> tuple[str, ...] | Reason:
    from autofix.rewrite.tapes import fix_step

    fixed = fix_step(text, fault.tapes)
    return fixed if isinstance(fixed, Reason) else tuple(_with_its_loss(text, each, look) for each in fixed)


def _with_its_loss(before: str, text: str, look: Looks) -> str:
    """Return a text with a fixed step, in which faults of its loss that show only then are fixed too."""
    known = look.faults(before)
    for _ in range(_MOST_LOSSES):
        found = [each for each in look.faults(text) if isinstance(each, (LossFault, StepFault))]
        new = [each for each in found if not any(each.same_as(other) for other in known)]
        rewritten = _rewritten(text, new[0], look) if new else ()
        if not rewritten or isinstance(rewritten, Reason):
            break
        text = rewritten[0]
    return text


def _of_loss(
    path: str, fault: LossFault, original: str, candidates: tuple[str, ...], look: Looks
) -> Iterator[Request | Reason]:
    node = fault.function.node
    if isinstance(node, ast.Lambda):
        from autofix.trial.requests import lambda_request

        yield lambda_request(path, fault.framework, fault.target, node, original, candidates)
    yield Request(path, fault.framework, fault.target, original, candidates)
    yield from _of_steps(path, fault, original, candidates, look)


def _of_steps(
    path: str, fault: GraphFault, original: str, candidates: tuple[str, ...], look: Looks
) -> Iterator[Request | Reason]:
    for place in fault.steps:
        yield _of_step(path, fault, place, original, candidates, look)


def _of_step(
    path: str, fault: GraphFault, place: int | str, original: str, candidates: tuple[str, ...], look: Looks
) -> Request | Reason:
    """Return the request to run the loss of a training step as a function of its own."""
    framework = fault.framework
    before = look.lifted(original, framework, place)
    if before is None:
        return NOT_EXTRACTED
    after = [look.lifted(each, framework, place, before) for each in candidates]
    texts = [each.text for each in after if each is not None]
    if len(texts) < len(candidates):
        return NOT_EXTRACTED
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
