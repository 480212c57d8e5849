"""What became of one file: its findings and the text with the fixes, or the problem that prevented it.

For other programs a file, and a finding in it, is named by its path relative to the working folder, with slashes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from autofix.model import Finding, Observed, Outcome, Problem, Span, Step
from autofix.source.files import Source


def relative(path: str) -> str:
    """`path` as seen from the working directory where it lies below it, else as it is."""
    try:
        return Path(path).absolute().relative_to(Path.cwd()).as_posix() if Path(path).is_absolute() else _plain(path)
    except ValueError:
        return Path(path).as_posix()


def uri(path: str) -> str:
    """`path` as a URI reference: relative where it can be, `file:///…` elsewhere."""
    short = relative(path)
    return Path(path).as_uri() if Path(short).is_absolute() else quote(short)


def span_in_file(placed: Finding | Step) -> Span | None:
    """Return where something stands in its file; in a notebook that is a stretch of its JSON, None where not known."""
    return placed.span if placed.cell is None else placed.written


def _plain(path: str) -> str:
    return Path(path).as_posix()


def fingerprint(finding: Finding, seen: Counter[tuple[str, str, str]]) -> str:
    """Return what stays the same for a fault when lines above it come and go: of its file, loss, cause, and number."""
    key = (relative(finding.path), finding.loss, finding.code)
    seen[key] += 1
    return digest(*key, str(seen[key]))


def digest(*parts: str) -> str:
    """Return a short name for some texts, other for others."""
    return hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()[:32]


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
