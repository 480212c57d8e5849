"""Gives a loss its own version of a table of functions that others read too: a copy below it, which the loss uses."""

from __future__ import annotations

import ast

from autofix.analysis.diagnosis import Diagnosis
from autofix.rewrite.chosen import choices
from autofix.rewrite.own_versions import SUFFIX, free_name
from autofix.rewrite.plan import Plan
from autofix.rewrite.replacement import Refusal


def with_own_tables(text: str, diagnosis: Diagnosis, planned: Plan) -> str | Refusal | None:
    """Return the text in which every table to be changed is the loss's alone; None where that is so already."""
    found = choices(text, diagnosis, planned)
    if isinstance(found, Refusal):
        return found
    if not found.shared:
        return None
    suffix = SUFFIX[diagnosis.framework]
    names = {name: free_name(name, suffix.upper() if name.isupper() else suffix, text) for name in found.shared}
    lines = text.splitlines(keepends=True)
    encoded = [line.encode() for line in lines]
    for each in sorted(found.chain, key=lambda each: (each.lineno, each.col_offset), reverse=True):
        if each.id in names and isinstance(each.ctx, ast.Load):
            line = encoded[each.lineno - 1]
            encoded[each.lineno - 1] = line[: each.col_offset] + names[each.id].encode() + line[each.end_col_offset :]
    for name, statement in sorted(found.shared.items(), key=lambda each: -each[1].lineno):
        first, last = statement.lineno - 1, statement.end_lineno or 0
        copied = [line.encode() for line in lines[first:last]]
        copied[0] = names[name].encode() + copied[0][len(name) :]
        ends = copied[-1].endswith((b"\n", b"\r"))
        encoded[last:last] = copied if ends else [b"\n", *copied]
    return b"".join(encoded).decode()
