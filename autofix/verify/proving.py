"""What the pipeline needs of a verifier, and one that is asked each question once."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from autofix.model import Framework, Request, Verdict


class Proving(Protocol):
    """What the core needs of a verifier."""

    def verify(self, request: Request) -> Verdict:
        """Say which candidate is the original with its gradient restored."""

    def missing(self, framework: Framework, near: Path, text: str) -> str | None:
        """Say why nothing can be run for a framework by a file of this text in a folder; None where it can."""


class Once:
    """A verifier that is asked each question once, however often a text is begun again."""

    def __init__(self, verifier: Proving) -> None:
        self._verifier = verifier
        self._known: list[tuple[Request, Verdict]] = []

    def missing(self, framework: Framework, near: Path, text: str) -> str | None:
        return self._verifier.missing(framework, near, text)

    def verify(self, request: Request) -> Verdict:
        known = next((verdict for asked, verdict in self._known if asked == request), None)
        if known is None:
            known = self._verifier.verify(request)
            self._known.append((request, known))
        return known
