"""A folder of small JSON entries by key, shared by every autofix of a user.

Entries are written whole or not at all, so that any number of processes may use the folder at once; what cannot be read
is as good as absent, and what cannot be written is not kept. A project cannot bring entries with it: the folder is the
user's, never one of the project's.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from autofix.files import is_open_to_all

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
