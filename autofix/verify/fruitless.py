"""Programs that came to no step: what their run said is remembered for a day, while nothing of their project changes.

Another run would cost its whole time again, and say the same. What is remembered depends on the request, the Python
with its packages, autofix's verifier, and when each file of the project was last written: a program that lacks its data
is run again as soon as they are there.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path

from autofix.observe.observation import Observation, RunError
from autofix.observe.programs import ProgramRun
from autofix.source.environments import MARKERS
from autofix.verify.cache import DAY, Cache, site_of, verifier
from autofix.verify.interpreters import digest, stamp

MOST_FILES = 4096
Listed = tuple[str, list[int] | None]
"""A file, when it was written, and its size."""
LASTING = ("late", "raised", "exited", "finished")
"""How a run ended that another one would repeat; one that is lost says nothing of its program."""


@dataclass
class Fruitless:
    """The runs of programs that showed nothing, in the entries of a user.

    The runs of one observation share a copy of their project: its files are asked for changes once for all of them.
    """

    entries: Cache
    _files_of: tuple[str, list[Listed] | None] = field(default=("", None), init=False)

    def key(self, run: ProgramRun, installation: str, allow_unsandboxed: bool) -> str | None:
        """Return what a run is known by; None where its project has too many files to be asked for changes."""
        files = self._files(run)
        if files is None:
            return None
        asked = {name: value for name, value in run.as_request(allow_unsandboxed).items() if name != "observation"}
        return digest("program", verifier(), platform.release(), installation, run.framework, asked, files)

    def _files(self, run: ProgramRun) -> list[Listed] | None:
        observation, files = self._files_of
        if observation != run.observation:
            found = list(islice(_listed(Path(run.root)), MOST_FILES + 1))
            files = sorted(found) if len(found) <= MOST_FILES else None
            self._files_of = run.observation, files
        return files

    def read(self, key: str) -> Observation | None:
        """Return what a run like this one said; None where there was none, or where it showed something."""
        entry = self.entries.read(key)
        try:
            if entry is None or not 0 <= time.time() - float(entry["time"]) < DAY or entry["end"] not in LASTING:
                return None
            said = entry["error"]
            error = said and RunError(str(said["type"]), str(said["message"]), tuple(map(site_of, said["sites"])))
            return Observation(
                entry["end"], error=error or None, printed=str(entry["printed"]), seconds=float(entry["seconds"])
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def keep(self, key: str, found: Observation) -> None:
        """Remember a run that showed nothing."""
        if found.trains or found.steps or found.end not in LASTING:
            return
        error = None if found.error is None else asdict(found.error)
        last = "".join(found.printed.strip().splitlines(keepends=True)[-1:])
        entry = {"time": time.time(), "end": found.end, "error": error, "printed": last, "seconds": found.seconds}
        self.entries.write(key, entry)


def _listed(folder: Path) -> Iterator[Listed]:
    """Yield the visible files of a project outside of its environments, each with when it was written and its size."""
    for place, inside, files in os.walk(folder):
        inside[:] = [each for each in inside if not each.startswith(".") and each != "__pycache__"]
        inside[:] = [each for each in inside if not any(Path(place, each, marker).exists() for marker in MARKERS)]
        for name in files:
            yield os.path.join(place, name), stamp(Path(place, name))  # noqa: PTH118
