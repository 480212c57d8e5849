"""What the looks at the given files of a project depend on beside them: other texts, and the modules that there are.

Collected while imports are followed. Whoever meets the same given files again, and the same of this, finds the same.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

NO_FOLDER = ""
"""What is listed of a folder that is not there."""

UNLISTED = "?"
"""What is listed of one that cannot be read: what is in it may change unseen."""


@dataclass
class Footing:
    """The digests of texts by their paths, and of what modules folders hold; each as it was when it was first asked."""

    texts: dict[str, str] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)

    def read(self, path: str, text: str) -> None:
        """Note that a text was read."""
        self.texts.setdefault(path, digest(text))

    def looked_for(self, start: str, parts: Sequence[str]) -> None:
        """Note that a module was looked for below a folder, whether or not it is there."""
        folder = start
        for part in (*parts, ""):
            if folder not in self.folders:
                self.folders[folder] = listing(folder)
            if self.folders[folder] == NO_FOLDER:
                return  # what is below it cannot be there either
            folder = os.path.join(folder, part)  # noqa: PTH118

    def behind(self, texts: int, folders: int) -> Footing:
        """Return what was noted after so many texts and folders."""
        return Footing(dict(islice(self.texts.items(), texts, None)), dict(islice(self.folders.items(), folders, None)))

    def join(self, other: Footing) -> bool:
        """Take what another process has met; False where the two have met different things."""
        same = all(self.texts.get(path, found) == found for path, found in other.texts.items())
        same = same and all(self.folders.get(path, found) == found for path, found in other.folders.items())
        self.texts |= other.texts
        self.folders |= other.folders
        return same


def digest(text: str) -> str:
    """Return a short name for a text, another for any other."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def listing(folder: str) -> str:
    """Return a short name for the modules and packages that a folder may hold; `NO_FOLDER` where it is none."""
    try:
        with os.scandir(folder) as entries:
            names = [f"{each.name}/" if each.is_dir() else each.name for each in entries if _counts(each)]
    except (FileNotFoundError, NotADirectoryError):
        return NO_FOLDER
    except (OSError, ValueError):
        return UNLISTED
    return digest("\0".join(sorted(names)))


def _counts(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith(".py") or (entry.name != "__pycache__" and "." not in entry.name and entry.is_dir())
