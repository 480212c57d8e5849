"""Texts whose lines end in a lone carriage return: given plain ends to work on, and their own ones back.

Python reads `\\r` as the end of a line, as it does `\\n` and `\\r\\n`. LibCST loses one at the end of a text, and what
counts lines by `\\n` sees one line. Such texts are rare, old Macintosh files mostly, or mixed by accident.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from autofix.model import Edit, Outcome
from autofix.source.diff import runs

_LONE_RETURN = re.compile(r"\r(?!\n)")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_END = re.compile(r"\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    """Return the lines with their ends, as Python counts them: a form feed is none, though `splitlines` has it so."""
    return _LINE.findall(text)


def has_lone_returns(text: str) -> bool:
    """Does any line of a text end in `\\r` alone?"""
    return "\r" in text and _LONE_RETURN.search(text) is not None


def with_plain_ends(text: str) -> str:
    """Return a text in which every line ends in `\\n`."""
    return _END.sub("\n", text)


def restored(outcome: Outcome, text: str) -> Outcome:
    """Return what was made of the plain form of a text as of the text itself: kept lines have their own ends."""
    ends = Counter(_END.findall(text)) or Counter({"\n": 1})
    usual = ends.most_common(1)[0][0]

    def with_usual_ends(edit: Edit) -> Edit:
        return replace(edit, text=edit.text.replace("\n", usual))

    findings = tuple(
        replace(each, fix=replace(each.fix, edits=tuple(map(with_usual_ends, each.fix.edits))))
        for each in outcome.findings
    )
    return replace(outcome, text=_with_ends_of(text, outcome.text, usual), findings=findings)


def _with_ends_of(before: str, plain: str, usual: str) -> str:
    old, new = split_lines(before), split_lines(plain)
    kept = {
        run.new + step: old[run.old + step]
        for run in runs(split_lines(with_plain_ends(before)), new)
        for step in range(run.size)
    }
    return "".join(kept.get(at) or line.replace("\n", usual) for at, line in enumerate(new))
