"""What was found clear in an earlier run over the very same files, so that nobody looks at them again.

An entry is used only if all that the looks depended on is the same: the texts of the files with their paths, where
their imports start from, autofix itself, the Python that parses, the other texts that were read and the modules that
were looked for. A run that saw one of those change while it went on keeps nothing. Entries lie in the user's cache,
whose files are replaced as a whole, so any number of runs may read and write at a time.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from autofix.analysis import footing
from autofix.analysis.project import text_of
from autofix.model import Survey
from autofix.scan.clear import Clearing, Scan
from autofix.source.environments import start_facts
from autofix.verify.cache import Cache
from autofix.verify.interpreters import digest, stamp
from autofix.version import __version__


@dataclass(frozen=True)
class RememberedScans:
    """The entries of a cache for one look at these files."""

    entries: Cache
    key: str
    paths: Sequence[str]

    def find(self) -> Scan | None:
        """Return what was found when these files were looked at before, where nothing else has changed either."""
        entry = self.entries.read(self.key)
        try:
            return _scan(entry, self.paths) if entry is not None and _stands(entry) else None
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def keep(self, found: Scan, met: footing.Footing) -> None:
        """Remember what was found."""
        surveys = [(each.losses, each.followed) if (each := found.survey(path)) else None for path in self.paths]
        blamed = {path: sorted(others) for path, others in found.blamed.items()}
        entry = {"surveys": surveys, "blamed": blamed, "texts": met.texts, "folders": met.folders}
        self.entries.write(self.key, entry)
        self.entries.close()


def remembered(entries: Cache, clearing: Clearing, paths: Sequence[str]) -> RememberedScans:
    """Return the entries for a look at the files at these paths."""
    files, own = clearing.files, clearing.own
    names = {framework: sorted(found) for framework, found in own.names.items()}
    texts = [(path, footing.digest(text)) for path, text in files.given.items()]
    asked = [names, own.demands, sorted(own.lost), clearing.observes]
    return RememberedScans(
        entries, digest("scan", _engine(), asked, list(paths), texts, start_facts(files.folders())), paths
    )


def _stands(entry: Mapping[str, Any]) -> bool:
    """Is everything that was met beside the files as it was?"""
    if footing.UNLISTED in entry["folders"].values():
        return False
    folders = all(footing.listing(path) == found for path, found in entry["folders"].items())
    return folders and all(footing.digest(text_of(path)) == found for path, found in entry["texts"].items())


def _scan(entry: Mapping[str, Any], paths: Sequence[str]) -> Scan:
    surveys = zip(paths, entry["surveys"], strict=True)
    clear = {path: Survey(int(each[0]), int(each[1])) for path, each in surveys if each is not None}
    return Scan(clear, {path: frozenset(map(str, others)) for path, others in entry["blamed"].items()})


@cache
def _engine() -> str:
    """This very analysis, and the Python that parses for it."""
    here = Path(__file__).parent.parent
    files = sorted(each for kind in ("*.py", "*.md") for each in here.rglob(kind))
    return digest(__version__, sys.version, [[str(each), stamp(each)] for each in files])
