"""What a run of the program shows where a comment says that nothing is to be reported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from autofix.fixes.rounds import PARTLY_HIDDEN
from autofix.model import Cut, Finding, Fix
from autofix.source.suppressions import Comments

Seen = tuple[Sequence[Finding], str]
"""Findings of a text, and the text with their fixes."""


def without_hidden(
    before: Seen, seen: Seen, comments: Comments, wanted: Callable[[str], bool]
) -> tuple[list[Finding], str]:
    """Return what was `seen` without the findings that are silenced, or whose code is not `wanted`.

    What a run fixes it fixes as a whole: where a part of that is silenced, the text stays as it was `before`.
    """
    findings, text = seen
    shown = [each for each in findings if wanted(each.code) and not is_hidden(each, comments)]
    if text == before[1] or not any(is_hidden(each, comments) for each in findings):
        return shown, text
    left = Fix("none", PARTLY_HIDDEN)
    return [each if each in before[0] else replace(each, fix=left) for each in shown], before[1]


def is_hidden(finding: Finding, comments: Comments) -> bool:
    """Does a comment silence a finding, or say that what it is about is meant?"""
    return comments.hide(cut_of(finding)) or comments.wishes.hold(finding.span)


def cut_of(finding: Finding) -> Cut:
    """Return the cut that a finding tells of."""
    return Cut(finding.code, finding.span, "")
