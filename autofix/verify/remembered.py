"""Verdicts of earlier runs: a request in, what was answered to exactly this before out, or nothing.

A verdict is found again only where everything that it was made of is the same: the slices of the original and of each
candidate, the inputs, the options, the interpreter with its packages, autofix's verifier, and every file that the run
opened. What another run might answer otherwise (a deadline, a worker that was lost, a lack of memory) is not kept.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from autofix import __version__
from autofix.model import Evidence, Framework, Lost, Place, Site, Span, Verdict
from autofix.verify.cache import Cache
from autofix.verify.installed import digest, installation_digest, interpreter_digest, stamp

STATUSES = ("verified", "rejected", "unverifiable", "healthy", "flat")
WITHOUT_LINES = ("verified", "healthy", "flat")
"""What holds wherever in its file the loss stands; other reasons may name a line."""
SHORT_OF = ("memory", "thread", "oom")
MOST_FILES = 512
LARGEST = 4 << 20
SETTLED = 2.0
"""Seconds: a file that was written later than this before a run may have been read in either state."""


@dataclass
class Footprint:
    """What a run looked at, and whether another one would end alike; filled while it goes on."""

    files: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    lasting: bool = True
    began: float = field(default_factory=time.time)

    def add(self, opened: dict[str, Any]) -> None:
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

    def asked(self, installation: str, framework: Framework, prepared: dict[str, Any]) -> Asked:
        """What a prepared request is known by."""
        plans = [prepared["original"], prepared["as_called"], *prepared["candidates"]]
        apart = ("original", "as_called", "candidates", "path", "meant", "changed")
        rest = {name: value for name, value in prepared.items() if name not in apart}
        rest["meant"] = [text for _, text in prepared["meant"]]
        parts = [None if plan is None else essence(plan) for plan in plans]
        key = digest("verdict", verifier(), platform.release(), installation, framework, self.options, rest, parts)
        places = digest([None if plan is None else [plan["lines"], plan["steps"]] for plan in plans])
        return Asked(key, places, tuple(prepared["folders"]), len(prepared["candidates"]))

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
        told = {**asdict(verdict), "lost": entry_of(verdict.lost), "left": entry_of(verdict.left), "ran": []}
        entry = {"verdict": told, "places": asked.places, "files": files, "absent": sorted(footprint.absent)}
        self.entries.write(asked.key, entry)

    def close(self) -> None:
        self.entries.close()


def essence(plan: dict[str, Any]) -> list[object]:
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
    evidence = entry["evidence"]
    listed = {} if evidence is None else {name: tuple(evidence[name]) for name in ("inputs", "limits")}
    seen = None if evidence is None else Evidence(**{**evidence, **listed})
    lost, left = lost_of(entry["lost"]), lost_of(entry["left"])
    unrun = tuple(map(int, entry["unrun"]))
    found = Verdict(entry["status"], str(entry["reason"]), entry["candidate"], seen, lost, left, unrun=unrun)
    is_proof = found.candidate in range(candidates) and seen is not None and all_numbers(seen)
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
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
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
    here = Path(__file__).parent
    return digest(__version__, [[str(one), stamp(one)] for one in sorted(here.rglob("*.py"))])
