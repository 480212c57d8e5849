"""What the pipeline needs of a verifier, and one that is asked each question once."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from autofix.model import Framework, Request, Verdict
from autofix.observe.observation import Observation
from autofix.observe.programs import ProgramRun


class Proving(Protocol):
    """What the core needs of a verifier."""

    def verify(self, request: Request) -> Verdict:
        """Say which candidate is the original with its gradient restored."""

    def observe(self, run: ProgramRun) -> Observation:
        """Run a program to its first steps, and say what it showed."""

    def missing(self, framework: Framework, near: Path, text: str) -> str | None:
        """Say why nothing can be run for a framework by a file of this text in a folder; None where it can."""


class Once:
    """A verifier that is asked each question once, however often a text is begun again."""

    def __init__(self, verifier: Proving) -> None:
        self._verifier = verifier
        self._known: list[tuple[Request, Verdict]] = []
        self._observed: dict[ProgramRun, Observation] = {}

    def missing(self, framework: Framework, near: Path, text: str) -> str | None:
        return self._verifier.missing(framework, near, text)

    def verify(self, request: Request) -> Verdict:
        known = next((verdict for asked, verdict in self._known if asked == request), None)
        if known is None:
            known = self._verifier.verify(request)
            self._known.append((request, known))
        return known

    def observe(self, run: ProgramRun) -> Observation:
        if run not in self._observed:
            self._observed[run] = self._verifier.observe(run)
        return self._observed[run]
