"""What of a project may be read: all but its hidden files and folders (`.env`, `.git`), as grants for Landlock.

Landlock only allows, and always a folder with all that is in it. So a folder that has something hidden anywhere below
is not granted itself: its visible entries are, one by one. The project's own folder may be listed, or Python would find
no module in it; with it the names of what is hidden can be listed too, but nothing of that can be opened.

What lies beyond the limits below is not granted: a project that is too large is read in part.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

from .jail import LIST, READ, Grant

MOST_ENTRIES = 50_000
MOST_SECONDS = 2.0
"""How much of a project is looked at: 50,000 entries take about 0.15 s, on a slow disk longer."""
MOST_IN_A_FOLDER = 10_000
"""A folder of more is of data: it is not looked into."""
MOST_GRANTS = 10_000
"""Each takes about 10 µs, and memory of the kernel."""
PACKAGES = ("site-packages", "dist-packages")
FOREIGN = ("node_modules", "__pypackages__")
ENVIRONMENT = ("pyvenv.cfg", "conda-meta")


class Folder:
    """A folder of a project and what may be read in it.

    `hides` says whether anything that may not be read lies in it, however deep. Of a `closed` one nothing may be.
    """

    def __init__(self, path: str, above: Folder | None) -> None:
        self.path = path
        self.above = above
        self.entries: list[str] = []
        self.folders: list[Folder] = []
        self.hides = self.closed = False

    def hide(self) -> None:
        folder: Folder | None = self
        while folder is not None and not folder.hides:
            folder.hides = True
            folder = folder.above

    def close(self) -> None:
        self.entries, self.folders = [], []
        self.closed = True
        self.hide()


def visible(root: str, first: Iterable[str] = ()) -> Iterator[Grant]:
    """What may be read of the project in `root`; the folders `first` and those above them are looked into first."""
    return islice(granted(explored(os.path.realpath(root), first)), MOST_GRANTS)


def explored(root: str, first: Iterable[str]) -> Folder:
    """The folders of a project, the upper ones first: where there are too many, the deepest are closed."""
    top = Folder(root, None)
    near = set(chains(root, first))
    waiting: deque[Folder] = deque([top])
    count, late = 0, time.monotonic() + MOST_SECONDS
    while waiting:
        folder = waiting.popleft()
        if folder.path not in near and (count > MOST_ENTRIES or time.monotonic() > late):
            folder.close()
            continue
        count += look_into(folder)
        for inner in folder.folders:
            (waiting.appendleft if inner.path in near else waiting.append)(inner)
    return top


def chains(root: str, first: Iterable[str]) -> Iterator[str]:
    """The root, and each folder with those between it and the root."""
    yield root
    for path in map(os.path.realpath, first):
        while path.startswith(root.rstrip(os.sep) + os.sep):
            yield path
            path = os.path.dirname(path)  # noqa: PTH120


def look_into(folder: Folder) -> int:
    """Note what is in a folder; gives how many entries were looked at."""
    count = 0
    try:
        with os.scandir(folder.path) as entries:
            for count, entry in enumerate(entries, 1):
                # An environment within the project that is not the one in use has nothing of the project in it.
                foreign = folder.above is not None and entry.name in ENVIRONMENT
                if foreign or count > MOST_IN_A_FOLDER:
                    folder.close()
                    break
                sort_in(folder, entry)
    except OSError:
        folder.close()
    return count


def sort_in(folder: Folder, entry: os.DirEntry[str]) -> None:
    """A link grants nothing: what it points to is read where that may be read under its own name."""
    if entry.name.startswith(".") or entry.name in FOREIGN:
        folder.hide()
    elif entry.is_symlink():
        return
    elif entry.is_dir(follow_symlinks=False) and entry.name not in PACKAGES:
        folder.folders.append(Folder(entry.path, folder))
    else:
        folder.entries.append(entry.path)


def granted(top: Folder) -> Iterator[Grant]:
    """The fewest grants that leave out what is hidden."""
    if top.hides:
        yield top.path, LIST
    waiting: deque[Folder] = deque([top])
    while waiting:
        folder = waiting.popleft()
        if not folder.hides:
            yield folder.path, READ
        else:
            yield from ((path, READ) for path in folder.entries)
            waiting.extend(folder.folders)


def around(places: Iterable[str], kept_out: Iterable[str], access: int) -> Iterator[Grant]:
    """Places with all that is in them but the folders that are kept out: where one lies in a place, all beside it."""
    closed = {os.path.realpath(each) for each in kept_out}
    waiting = deque(dict.fromkeys(os.path.realpath(each) for each in places))
    while waiting:
        place = waiting.popleft()
        if not any(each.startswith(place.rstrip(os.sep) + os.sep) for each in closed):
            if place not in closed:
                yield place, access
        elif place not in closed:
            waiting.extend(entries_of(place))


def entries_of(place: str) -> Iterator[str]:
    """Those of a folder that are no links."""
    try:
        with os.scandir(place) as entries:
            yield from [entry.path for entry in entries if not entry.is_symlink()]
    except OSError:
        return
