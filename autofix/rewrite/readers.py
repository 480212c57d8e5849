"""Gives everybody but the loss what they had before it was mended: two texts in, one of them put right out.

What was a number, an array or a detached tensor is a tensor with a graph now. A read of it that does not lead to what
is differentiated gets the plain value back (`history.append(loss.item())`), and what was rewritten without leading
there is written as it was.
"""

from __future__ import annotations

from autofix.analysis.diagnosis import Diagnosis
from autofix.analysis.reads import Reads
from autofix.model import OwnRules
from autofix.rewrite.comparison import Comparison, Unseen
from autofix.rewrite.imports import with_imports_of
from autofix.rewrite.replacement import Refusal
from autofix.rewrite.text_edits import edited
from autofix.rewrite.unseen_readers import check_other_files, check_unseen

_ROUNDS = 6


def with_plain_readers(before: str, after: str, diagnosis: Diagnosis, own: OwnRules, old: Reads) -> str | Refusal:
    """Return a candidate in which every other reader of what became a tensor gets what it had; `old` ran `before`."""
    if before == after:
        return after
    text, trained = after, None
    try:
        for _ in range(_ROUNDS):
            look = Comparison(before, text, old, diagnosis.framework, own, diagnosis.around)
            trained = look.trained if trained is None else trained
            if look.trained != trained:
                break  # what was taken for another reader is the loss itself
            edits = look.edits()
            if not edits:
                check_unseen(look, diagnosis)
                check_other_files(before, text, look, diagnosis, own)
                return text
            text = with_imports_of(before, edited(text, edits))
    except Unseen as unseen:
        return Refusal(str(unseen))
    return Refusal("what else reads its values could not be given the plain values that it gets now")
