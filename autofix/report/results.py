"""What became of one file: its findings and the text with the fixes, or the problem that prevented it."""

from __future__ import annotations

from dataclasses import dataclass

from autofix.model import Finding, Outcome, Problem
from autofix.source.files import Source


@dataclass(frozen=True)
class Checked:
    """One file and what became of it: an outcome or a problem; `trace` is set when autofix itself failed on it."""

    path: str
    source: Source | None = None
    outcome: Outcome | None = None
    problem: Problem | None = None
    trace: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong in the file as it was read."""
        return self.outcome.findings if self.outcome else ()

    @property
    def changes(self) -> bool:
        """Whether the verified fixes make another text of it."""
        return bool(self.source and self.outcome and self.source.text != self.outcome.text)
