"""What a fix takes besides: two texts in, the second put right out, or a refusal.

A line that declared the loss a leaf goes: it fails on a tensor that has a past. What else reads a value that is a
tensor now gets what it had.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from re import compile as pattern

from autofix.analysis.diagnosis import Diagnosis
from autofix.analysis.losses import run_of
from autofix.analysis.reads import Reads
from autofix.analysis.remembered import nodes_of
from autofix.model import OwnRules
from autofix.rewrite.comments import with_comments
from autofix.rewrite.readers import with_plain_readers
from autofix.rewrite.replacement import Refusal
from autofix.rewrite.still_training import with_leaves_for_constants, with_tensors_for_numbers

_MAKES_A_TENSOR = pattern(r"\.(constant|convert_to_tensor|Variable)\(")
_DECLARES_A_LEAF = pattern(r"requires_grad\s*=\s*True")


def settled(
    before: str, candidates: Sequence[str], diagnosis: Diagnosis, own: OwnRules, old: Reads
) -> list[str | Refusal]:
    """Return candidates that do to the rest of the file, and to other branches, nothing that the text did not do.

    `old` is the run of `before` that tells its reads apart.
    """
    return [_settled(before, each, diagnosis, own, old) for each in candidates]


def _settled(before: str, after: str, diagnosis: Diagnosis, own: OwnRules, old: Reads) -> str | Refusal:
    text: str | Refusal = after
    if diagnosis.framework == "torch" and _DECLARES_A_LEAF.search(before):
        text = with_leaves_for_constants(before, _without_leaves(before, after, diagnosis, own), diagnosis, own)
    elif diagnosis.framework == "tensorflow" and _MAKES_A_TENSOR.search(before):
        text = with_tensors_for_numbers(before, after, diagnosis, own, old)
    return text if isinstance(text, Refusal) else with_plain_readers(before, text, diagnosis, own, old)


def _without_leaves(before: str, after: str, diagnosis: Diagnosis, own: OwnRules) -> str:
    """Return a text without the statements that declare a leaf of what has a past now."""
    found = list(_declared_leaves(after, diagnosis, own)) if _DECLARES_A_LEAF.search(after) else []
    known = {ast.unparse(each) for each in _declared_leaves(before, diagnosis, own)} if found else set()
    lines = after.split("\n")
    for each in reversed([each for each in found if ast.unparse(each) not in known]):
        written, line = ast.get_source_segment(after, each) or "", lines[each.lineno - 1].strip()
        rest = line[len(written) :].strip()
        alone = line.startswith(written) and (not rest or rest.startswith("#"))
        if alone and each.lineno == each.end_lineno:
            del lines[each.lineno - 1]
    return with_comments(after, "\n".join(lines))


def _declared_leaves(text: str, diagnosis: Diagnosis, own: OwnRules) -> Iterator[ast.Assign]:
    """Yield each `x.requires_grad = True` of an `x` that carries a gradient and was made of something."""
    run = run_of(text, diagnosis.framework, own, diagnosis.around)
    for given in nodes_of(run.tree, ast.Assign):
        target = given.targets[0]
        if getattr(given.value, "value", None) is not True or not isinstance(target, ast.Attribute):
            continue
        fact = run.facts.by_key.get(run.positions.key(target.value))
        if target.attr == "requires_grad" and fact is not None and fact.value.live and fact.value.makers:
            yield given
