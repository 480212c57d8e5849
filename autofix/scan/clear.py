"""How many files are looked at, and what is found of them: records alone, as an unchanged project needs no analysis."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from autofix.analysis.project import ProjectFiles
from autofix.model import OwnRules, Survey

MOST_PROCESSES = 8


@dataclass(frozen=True)
class Clearing:
    """How files are looked at: with the project's `own` rules, and whether programs of suspects are run."""

    files: ProjectFiles
    own: OwnRules
    observes: bool


@dataclass(frozen=True)
class Scan:
    """What a whole look has found: the surveys of the clear files, and which files blame which others."""

    surveys: Mapping[str, Survey]
    blamed: Mapping[str, frozenset[str]]

    def survey(self, path: str) -> Survey | None:
        """Return the survey of a file that is clear."""
        return self.surveys.get(path)


def can_clear(own: OwnRules) -> bool:
    """Whether a look as `Clearing` takes it is all that is done with a file that is clear."""
    return own.demands == "named" and not own.unsafe


def can_fork() -> bool:
    """Whether a fork of this process is safe: on macOS a system library may be in use, on Windows there is none."""
    return sys.platform.startswith("linux") and threading.active_count() == 1


def processes(jobs: int) -> int:
    """Return how many processes look at files, where the user asks for so many `jobs`, or for none."""
    return min(jobs or len(os.sched_getaffinity(0)), MOST_PROCESSES) if can_fork() else 1
