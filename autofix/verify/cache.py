"""Take a request; give the cached verdict on exactly this request, if there is one.

The cache is a folder of small JSON files, shared by every autofix of a user and never part of a project. Files are
written atomically, so that any number of processes may use it. An unreadable entry counts as absent; a failed write is
ignored.

A verdict is reused only if everything it depends on is the same: the slices of the original and the candidates, the
inputs, the options, the Python with its packages, autofix's verifier, and every file that the run opened. Verdicts that
another run might not repeat (a timeout, a lost worker, a lack of memory) are not cached.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import platform
import re
import stat
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from autofix.model import Evidence, Framework, Lost, Place, Site, Span, Verdict
from autofix.source.files import is_open_to_all
from autofix.verify.interpreters import digest, installation_digest, interpreter_digest, stamp
from autofix.version import __version__
from autofix.worker.records import Opened, Plan, TrialRequest

VARIABLE = "AUTOFIX_CACHE_DIR"
MOST_ENTRIES = 4096
MOST_BYTES = 32 << 20
LARGEST = 1 << 20
DAY = 86400.0
SUFFIX, UNFINISHED = ".json", ".unfinished"
LONGEST = {SUFFIX: 90 * DAY, UNFINISHED: DAY / 24}
"""Seconds after its last use at which a file goes; one that another process is writing is younger."""


def user_folder() -> Path:
    """Where the platform keeps such things (`~/.cache/autofix` on Linux), or where the user says."""
    said = os.environ.get(VARIABLE)
    if said:
        return Path(said).expanduser()
    from platformdirs import user_cache_path  # here, as most runs need none of it

    return user_cache_path("autofix", appauthor=False)


def user_cache() -> Cache:
    """The entries of this user."""
    return Cache(user_folder())


class Cache:
    """The entries of a folder, which is made when the first is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.has_written = False

    def read(self, key: str) -> dict[str, Any] | None:
        """The entry of a key; None where there is none that can be read."""
        path = self.path(key)
        try:
            if self.is_foreign():
                return None
            status = path.stat()
            found = json.loads(path.read_bytes()) if status.st_size <= LARGEST else None
            if time.time() - status.st_mtime > DAY:
                os.utime(path)
        except (OSError, ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    def write(self, key: str, entry: dict[str, Any]) -> None:
        """Put an entry in the place of whatever was there."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.is_foreign():
                return
            descriptor, name = tempfile.mkstemp(suffix=UNFINISHED, dir=self.folder)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    json.dump(entry, file)
                Path(name).replace(self.path(key))
            finally:
                Path(name).unlink(missing_ok=True)
        except (OSError, ValueError):
            return
        self.has_written = True

    def path(self, key: str) -> Path:
        return self.folder / f"{key}{SUFFIX}"

    def is_foreign(self) -> bool:
        """Whether others may put entries there: they could claim proofs that nobody made."""
        owner = getattr(os, "getuid", lambda: None)()
        return is_open_to_all(self.folder) or (owner is not None and self.folder.stat().st_uid != owner)

    def close(self) -> None:
        """Keep the folder small, after a run that has added to it."""
        if self.has_written:
            with contextlib.suppress(OSError):
                tidy(self.folder)


def tidy(folder: Path) -> None:
    """Remove what nobody has used for long or never finished, and the oldest of what is too much."""
    now, size, kept = time.time(), 0, []
    for path in folder.iterdir():
        with contextlib.suppress(OSError):  # another process tidies too
            status = path.stat()
            if now - status.st_mtime > LONGEST.get(path.suffix, math.inf):
                path.unlink()
            elif path.suffix == SUFFIX:
                kept.append((status.st_mtime, status.st_size, path))
    for number, (_, length, path) in enumerate(sorted(kept, reverse=True)):
        size += length
        if number >= MOST_ENTRIES or size > MOST_BYTES:
            path.unlink(missing_ok=True)


_ENTRY = re.compile(r"[0-9a-f]{64}" + re.escape(SUFFIX))


def clean(folder: Path) -> int:
    """Remove every entry of a folder, and return how many there were; what else lies there stays."""
    removed = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        if _ENTRY.fullmatch(path.name) or path.suffix == UNFINISHED:
            path.unlink(missing_ok=True)  # another process cleans too
            removed += path.suffix == SUFFIX
    return removed


STATUSES = ("verified", "rejected", "unverifiable", "healthy", "flat")
WITHOUT_LINES = ("verified", "healthy", "flat")
"""What holds wherever in its file the loss stands; other reasons may name a line."""
SHORT_OF = ("memory", "thread", "oom")
MOST_FILES = 512
LARGEST_OPENED = 4 << 20
SETTLED = 2.0
"""Seconds: a file that was written later than this before a run may have been read in either state."""


@dataclass
class Footprint:
    """What a run looked at, and whether another one would end alike; filled while it goes on."""

    files: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    lasting: bool = True
    began: float = field(default_factory=time.time)

    def add(self, opened: Opened) -> None:
        """Take what a child tells, which may be anything."""
        self.files.update(str(path) for path in opened["files"])
        self.absent.update(str(name) for name in opened["absent"])


@dataclass(frozen=True)
class Asked:
    """A request by everything that is known of it before it runs; `places` is where in their files its parts stand."""

    key: str
    places: str
    folders: tuple[str, ...]
    candidates: int


class Remembered:
    """The answers that a verifier with these options has given."""

    def __init__(self, entries: Cache, *options: object) -> None:
        self.entries = entries
        self.options = options

    def installation(self, python: Path) -> str | None:
        """The interpreter with its packages; None as long as no worker of it has run."""
        interpreter = interpreter_digest(python)
        known = self.entries.read(digest("searched", interpreter))
        searched = known.get("searched") if known else None
        if not isinstance(searched, list) or not all(isinstance(one, str) for one in searched):
            return None
        return installation_digest(interpreter, searched)

    def learn(self, python: Path, framework: Framework, searched: list[str] | None, lacking: str | None) -> None:
        """Keep which folders an interpreter searches, as its worker has said, and why it lacks a framework."""
        if searched is None or (lacking is None and self.installation(python) is not None):
            return
        interpreter = interpreter_digest(python)
        self.entries.write(digest("searched", interpreter), {"searched": searched})
        if lacking is not None:
            key = digest("missing", installation_digest(interpreter, searched), framework)
            self.entries.write(key, {"reason": lacking})

    def missing(self, installation: str, framework: Framework) -> str | None:
        """Why the framework could not be run when these packages were there; None where it could, or nobody knows."""
        known = self.entries.read(digest("missing", installation, framework))
        return str(known["reason"]) if known and "reason" in known else None

    def is_new(self, text: str) -> bool:
        """Whether nothing was ever asked about this text: then a worker will be needed."""
        key = digest("text", verifier(), text)
        if self.entries.read(key) is not None:
            return False
        self.entries.write(key, {})
        return True

    def asked(self, installation: str, framework: Framework, sent: TrialRequest) -> Asked:
        """What a prepared request is known by."""
        plans = [sent["original"], sent["call"], *sent["candidates"]]
        apart = ("original", "call", "candidates", "path", "meant", "changed")
        rest = {name: value for name, value in sent.items() if name not in apart}
        rest["meant"] = [text for _, text in sent["meant"]]
        parts = [None if plan is None else essence(plan) for plan in plans]
        key = digest("verdict", verifier(), platform.release(), installation, framework, self.options, rest, parts)
        places = digest([None if plan is None else [plan["lines"], plan["steps"]] for plan in plans])
        return Asked(key, places, tuple(sent["folders"]), len(sent["candidates"]))

    def verdict(self, asked: Asked) -> Verdict | None:
        """The answer to this of an earlier run, where nothing that it looked at has changed."""
        entry = self.entries.read(asked.key)
        try:
            if entry is None or any(content_of(path) != content for path, content in entry["files"]):
                return None
            found = verdict_of(entry["verdict"], asked.candidates)
            has_lines = found.status not in WITHOUT_LINES or found.lost != Lost() or found.left != Lost()
            has_lines = has_lines or bool(found.unrun)
            if has_lines and entry["places"] != asked.places:
                return None
            return None if any_there(asked.folders, entry["absent"]) else found
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def keep(self, asked: Asked, verdict: Verdict, footprint: Footprint) -> None:
        """Remember an answer, unless it may be another one next time."""
        short = any(word in verdict.reason.lower() for word in SHORT_OF)
        if short or not footprint.lasting or len(footprint.files) + len(footprint.absent) > MOST_FILES:
            return
        files = [(path, content_of(path)) for path in sorted(footprint.files)]
        if any_there(asked.folders, footprint.absent) or any(
            content is None or is_fresh(path, footprint.began) for path, content in files
        ):
            return
        record = {**asdict(verdict), "lost": entry_of(verdict.lost), "left": entry_of(verdict.left), "ran": []}
        entry = {"verdict": record, "places": asked.places, "files": files, "absent": sorted(footprint.absent)}
        self.entries.write(asked.key, entry)

    def close(self) -> None:
        self.entries.close()


def essence(plan: Plan) -> list[object]:
    """What a slice comes to, wherever in its file it stands: its lines, and how they are run."""
    lines = plan["text"].splitlines()
    source = ["\n".join(lines[first - 1 : last]) for first, last in plan["lines"]]
    steps = [[step["names"], step["reason"]] for step in plan["steps"]]
    levels = [
        [level["name"], level["kind"], level["static"], level["calls"],
         [[step["names"], step["reason"]] for step in level["keep"]]]
        for level in plan["levels"]
    ]  # fmt: skip
    return [source, steps, levels, plan["future"], plan["package"], os.path.realpath(plan["path"])]


def verdict_of(entry: dict[str, Any], candidates: int) -> Verdict:
    """The verdict of an entry; raises KeyError, TypeError or ValueError where it is none for so many candidates."""
    known = entry["evidence"]
    listed = {} if known is None else {name: tuple(known[name]) for name in ("inputs", "limits")}
    evidence = None if known is None else Evidence(**{**known, **listed})
    lost, left = lost_of(entry["lost"]), lost_of(entry["left"])
    unrun = tuple(map(int, entry["unrun"]))
    found = Verdict(entry["status"], str(entry["reason"]), entry["candidate"], evidence, lost, left, unrun=unrun)
    is_proof = found.candidate in range(candidates) and evidence is not None and all_numbers(evidence)
    if found.status not in STATUSES or (found.status == "verified") != is_proof:
        raise ValueError(found.status)
    return found


def entry_of(lost: Lost) -> dict[str, Any]:
    return {**asdict(lost), "lines": sorted(lost.lines)}


def lost_of(entry: dict[str, Any]) -> Lost:
    places = [Place(one["code"], one["explicit"], tuple(map(site_of, one["sites"]))) for one in entry["places"]]
    return Lost(tuple(places), frozenset(entry["lines"]), entry["flows"])


def site_of(entry: dict[str, Any]) -> Site:
    return Site(**{**entry, "span": Span(**entry["span"])})


def all_numbers(evidence: Evidence) -> bool:
    numbers = (evidence.value_difference, evidence.gradient_after, evidence.gradient_difference)
    return all(isinstance(one, (int, float)) for one in numbers)


def content_of(path: str) -> str | None:
    """A name for what is in a regular file; None where it is none, or too large to be looked into."""
    try:
        status = os.stat(path)  # noqa: PTH116
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_OPENED:
            return None
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except (OSError, ValueError):
        return None


def is_fresh(path: str, began: float) -> bool:
    """Whether a file may have been written after a run had begun to look at it."""
    found = stamp(Path(path))
    return found is None or found[0] > (began - SETTLED) * 1e9


def any_there(folders: Iterable[str], modules: Iterable[str]) -> bool:
    """Whether a module that was not found is in one of these folders by now."""
    places = [Path(folder, *module.split(".")) for module in modules for folder in folders]
    return any(place.exists() or place.with_name(f"{place.name}.py").exists() for place in places)


@cache
def verifier() -> str:
    """This very verifier: another version of autofix, or other source, may judge otherwise."""
    here = Path(__file__).parent.parent
    files = sorted(one for room in ("observe", "trial", "verify", "worker") for one in (here / room).rglob("*.py"))
    return digest(__version__, [[str(one), stamp(one)] for one in files])
