"""Takes a file; says whether the analysis finds nothing in it and no program is run for it.

Such a file is done: `pipeline.fix_source` would say the same of it, with no finding and its text as it is. None of what
is asked here needs a verifier, so any process may ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autofix.analysis.apart import keeps_apart
from autofix.analysis.groups import collects_in_vain
from autofix.analysis.looks import Looks
from autofix.analysis.project import ProjectFiles
from autofix.model import OwnRules, Survey
from autofix.source.files import has_lone_returns
from autofix.syntax.parsing import parsed

_COMMENT = "autofix:"
"""What is in every comment that autofix reads."""


@dataclass(frozen=True)
class Clearing:
    """How files are looked at: with the project's `own` rules, and whether programs of suspects are run."""

    files: ProjectFiles
    own: OwnRules
    observes: bool

    def survey(self, path: str, text: str) -> Survey | None:
        """Count the losses of a file that nothing is wrong with; None for one that must be looked at further.

        That is one with a fault or a comment to autofix, one whose program is to be run, and one that fails: its
        failure is told by who fixes it.
        """
        if _COMMENT in text or has_lone_returns(text):
            return None
        try:
            tree = parsed(text)
            looks = Looks(self.own, self.files.around(path))
            if looks.faults(text) or (self.observes and (keeps_apart(tree) or collects_in_vain(tree, text))):
                return None
            return looks.survey(text)
        except Exception:  # whatever it is, the file is taken through the pipeline, which says what
            return None


@dataclass(frozen=True)
class Scan:
    """What a whole look has found: the surveys of the clear files, and which files blame which others."""

    surveys: Mapping[str, Survey]
    blamed: Mapping[str, frozenset[str]]

    def survey(self, path: str) -> Survey | None:
        """Return the survey of a file that is clear."""
        return self.surveys.get(path)


def can_clear(own: OwnRules) -> bool:
    """Whether a look as `Clearing` takes it is all that is done with a file in which it finds nothing."""
    return own.demands == "named" and not own.unsafe
