"""The stage that writes candidates: the text of a module and a fault in, candidate texts or a refusal out.

`rewrite` gives the texts in which the loss keeps its gradient, the preferred one first. `settled` takes them through
what a fix needs besides: a statement that declared the loss a leaf is removed, as it raises on a tensor with a graph,
and what else reads a value that is a tensor now is given what it had.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from autofix.analysis.faults import Fault, GraphFault, LossFault, StepFault
from autofix.analysis.looks import Looks
from autofix.knowledge.frameworks import record_of
from autofix.model import Exit, Reason
from autofix.rewrite.catalogue import Catalogue
from autofix.rewrite.chosen import with_own_tables
from autofix.rewrite.comments import with_comments
from autofix.rewrite.copied_helpers import with_copies
from autofix.rewrite.leaves import with_leaves_of_constants_only
from autofix.rewrite.plan import NO_INPUTS, Plan, inputs_of, plan
from autofix.rewrite.readers import with_plain_readers
from autofix.rewrite.rewriter import rewritten
from autofix.rewrite.versions import with_conversions, with_own_versions, without_idle_copies

_MOST_WISHES = 3
"""How often a gradient that is back may be taken away again further on."""


def rewrite(text: str, fault: GraphFault, catalogue: Catalogue, looks: Looks) -> tuple[str, ...] | Reason:
    """Return the texts in which this loss keeps its gradient, for the verifier to choose from."""
    found = _rewrite(text, fault, catalogue, looks, whole=False)
    if record_of(fault.framework).traces and not isinstance(found, Reason):
        whole = _rewrite(text, fault, catalogue, looks, whole=True)
        found = found if isinstance(whole, Reason) else (*found, *whole)
    if isinstance(found, Reason):
        return found
    needed = (without_idle_copies(text, each) for each in found)
    return tuple(dict.fromkeys(with_comments(text, each) for each in needed))


def _rewrite(
    text: str, fault: GraphFault, catalogue: Catalogue, looks: Looks, whole: bool, deep: int = 0
) -> tuple[str, ...] | Reason:
    """Rewrite what the gradient needs or, as tf.function does, all that comes from the parameters of the loss."""

    def planned_for(fault: GraphFault) -> Plan:
        return plan(fault, catalogue.__contains__, inputs_of(text, fault) if whole else NO_INPUTS)

    planned = planned_for(fault)
    conversions, own_versions = partial(with_conversions, looks=looks), partial(with_own_versions, looks=looks)
    for step in (with_copies, conversions, own_versions, with_own_tables):
        changed = step(text, fault, planned)
        if isinstance(changed, Reason):
            return changed
        again = fault if changed is None else _again(changed, fault, looks)
        if again is None:
            return Reason(Exit.REWRITE, "its helpers are used elsewhere too, and could not be separated")
        if changed is not None:
            text, fault = changed, again
            planned = planned_for(again)
    found = rewritten(text, fault, planned, catalogue)
    if isinstance(found, Reason) or not planned.wishes or deep >= _MOST_WISHES:
        return found
    return tuple(dict.fromkeys(each for one in found for each in _granted(one, fault, catalogue, looks, whole, deep)))


def _granted(
    text: str, fault: GraphFault, catalogue: Catalogue, looks: Looks, whole: bool, deep: int
) -> tuple[str, ...]:
    """Return a candidate, rewritten once more where a `detach` that it left is all that still takes the gradient."""
    again = _again(text, fault, looks)
    if again is None or not any(cut.code == "AF103" for cut in again.lost):
        return (text,)
    further = _rewrite(text, again, catalogue, looks, whole, deep + 1)
    return (text,) if isinstance(further, Reason) else further


def _again(text: str, fault: GraphFault, looks: Looks) -> GraphFault | None:
    """Return the fault of the same loss in a text with other helpers, none of which are in other files."""
    same = looks.again(text, fault)
    if not isinstance(same, (LossFault, StepFault)) or any(cut.elsewhere for cut in same.cuts):
        return None
    return same


def settled(before: str, candidates: Sequence[str], fault: Fault, looks: Looks) -> list[str | Reason]:
    """Return candidates that do to the rest of the file, and to other branches, nothing that the text did not do."""
    return [_settled(before, each, fault, looks) for each in candidates]


def _settled(before: str, after: str, fault: Fault, looks: Looks) -> str | Reason:
    text = with_leaves_of_constants_only(before, after, fault, looks)
    return text if isinstance(text, Reason) else with_plain_readers(before, text, fault, looks)
