"""Where something in a mended text stood in the text as it was read."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from autofix.model import Cut, Finding, Span
from autofix.rewrite.edits import lines_of_now


class Home:
    """The text that was `read`, and one with some fixes: what stands `now` is told in lines of the first."""

    def __init__(self, read: str, now: str) -> None:
        self._read, self._now = read, now

    def cut(self, cut: Cut) -> Cut:
        return cut if self._same else replace(cut, span=self._span(cut.span))

    def finding(self, finding: Finding) -> Finding:
        """Return a finding as one of the first text; the stations on its way that are of a fix are left out."""
        if self._same:
            return finding
        said = finding.explanation
        if said is not None:
            steps = [each for each in said.trail if each.span.line in self._lines]
            said = replace(said, trail=tuple(replace(each, span=self._span(each.span)) for each in steps))
        return replace(finding, span=self._span(finding.span), explanation=said)

    def line(self, line: int) -> int | None:
        """Where a line of the second text stood in the first; None for one that a fix has written."""
        return line if self._same else self._lines.get(line)

    @cached_property
    def _same(self) -> bool:
        return self._read == self._now

    @cached_property
    def _lines(self) -> dict[int, int]:
        return lines_of_now(self._read, self._now)

    def _span(self, span: Span) -> Span:
        """A line that is new stands where the one before it does."""
        before = max((line for line in self._lines if line <= span.line), default=0)
        line = self._lines.get(before, 1)
        return replace(span, line=line, end_line=line + span.end_line - span.line)
