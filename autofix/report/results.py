"""What became of one file: its findings and the text with the fixes, or the problem that prevented it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autofix.model import Finding, Observed, Outcome, Problem
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


@dataclass(frozen=True)
class Looked:
    """How many losses were looked at, how many of these were followed back to a prediction, and what was run.

    `analysed` is the number of files in which losses were looked for at all.
    """

    analysed: int = 0
    losses: int = 0
    followed: int = 0
    programs: tuple[tuple[str, Observed], ...] = ()


def looked_at(results: Iterable[Checked]) -> Looked:
    """Return what is known of the files, beside what is wrong with them."""
    outcomes = [(each.path, each.outcome) for each in results if each.outcome is not None]
    surveys = [outcome.survey for _, outcome in outcomes if outcome.survey is not None]
    programs = tuple((path, outcome.observed) for path, outcome in outcomes if outcome.observed is not None)
    return Looked(len(surveys), sum(each.losses for each in surveys), sum(each.followed for each in surveys), programs)
