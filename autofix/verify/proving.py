"""What the pipeline needs of a verifier, and one that is asked each question once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from autofix.model import Framework, Request, Verdict
from autofix.observe.first_steps import OutOfTime, Unobservable
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


MOST_TIMES = 10
"""All runs of one program together may take so many times what one may."""
PATIENCE = 3.0
"""Where a run took more than one in so many of its seconds, a later one that is late has as many times more.

The machine may be busy, and a run in which more is measured is slower.
"""
SHARE_OF_CANDIDATES = 0.5
"""Which share of it may be taken by the rewrites of what the source shows: the rest is for what it does not show."""


class Once:
    """A verifier that is asked each question once, however often a text is begun again.

    A text that was run without result is not run again for another question; `runs` and `seconds` count what was.
    """

    def __init__(self, verifier: Proving) -> None:
        self._verifier = verifier
        self._known: list[tuple[Request, Verdict]] = []
        self._observed: dict[ProgramRun, Observation] = {}
        self._fruitless: dict[tuple[tuple[str, str], ...], tuple[bool, Observation]] = {}
        self._fruitful: set[tuple[tuple[str, str], ...]] = set()
        self.runs, self.seconds = 0, 0.0
        self._spent, self._share, self._longest = 0.0, 1.0, 0.0

    @contextmanager
    def for_candidates(self) -> Iterator[None]:
        """Leave time for other questions while this block runs."""
        self._share = SHARE_OF_CANDIDATES
        try:
            yield
        finally:
            self._share = 1.0

    def missing(self, framework: Framework, near: Path, text: str) -> str | None:
        return self._verifier.missing(framework, near, text)

    def verify(self, request: Request) -> Verdict:
        known = next((verdict for asked, verdict in self._known if asked == request), None)
        if known is None:
            known = self._verifier.verify(request)
            self._known.append((request, known))
        return known

    def observe(self, run: ProgramRun) -> Observation:
        """Run a program, unless that is known to show nothing.

        Raises Unobservable where a text is late or lost that was not before, and where all runs together take too long.
        """
        if run not in self._observed:
            known = self._fruitless.get(run.texts)
            self._observed[run] = known[1] if known is not None and _says_nothing_new(run, *known) else self._run(run)
        return self._observed[run]

    def _run(self, run: ProgramRun) -> Observation:
        most = MOST_TIMES * run.seconds * self._share
        if self._spent > most:
            raise OutOfTime(f"the runs of the program take more than {most:.0f} s")
        found = self._timed(run)
        if found.end == "late" and not run.is_whole and self._longest * PATIENCE > run.seconds:
            found = self._timed(replace(run, seconds=PATIENCE * run.seconds))
        if run.changed or run.move or run.is_whole or run.stage or run.ahead:
            return found
        if found.trains:
            self._fruitful.add(run.texts)
            self._longest = max(self._longest, found.seconds)
        elif found.end == "late" and run.texts in self._fruitful:
            raise Unobservable(
                f"the program makes its first steps in {run.seconds:.0f} s only sometimes; give it more with --observe"
            )
        elif found.end == "lost" and run.texts in self._fruitful:
            raise Unobservable("the program shows something else each time it is run")
        elif run.texts not in self._fruitful:
            self._fruitless[run.texts] = run.lenient or found.end in ("late", "lost"), found
        return found

    def _timed(self, run: ProgramRun) -> Observation:
        start = time.monotonic()
        found = self._verifier.observe(run)
        self.runs, self.seconds = self.runs + 1, self.seconds + time.monotonic() - start
        self._spent += found.seconds  # of the program alone: another machine, or a busy one, decides alike
        # What a late run showed depends on how fast it ran; up to its end, the start of what it printed does not.
        printed = found.printed if run.is_whole else ""
        if found.end == "late" and not run.ahead:
            return Observation("late", seconds=run.seconds, printed=printed)
        return found


def _says_nothing_new(run: ProgramRun, with_numpy_let_in: bool, known: Observation) -> bool:
    """Whether a text that showed nothing in a run shows nothing in this one, either.

    As its user runs it, it may come further than where more is measured.
    """
    if known.end in ("late", "lost"):
        return True
    return run.frozen and (with_numpy_let_in or not run.lenient)
