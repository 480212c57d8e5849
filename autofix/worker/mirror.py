"""A private copy of a project's folder, in which a program is run as if it stood there.

What the program writes stays in the copy, and later reads see it: `os.makedirs("runs")`, `torch.save`, a log file.
Python files are copied (their place, resolved or not, is in the copy then), other files are linked to: what is written
to replaces the link. A file of more than `MOST_BYTES_OF_CODE` is linked as well, and so are those beyond `MOST_COPIES`
and inner folders beyond `MOST_FOLDERS`: these become folders of their own when Python is first asked to write there.

A copy is made once for all runs of one observation: `kept` says what a run has changed, and the next one puts it back.
What bears another time than when it was made was changed.
"""

from __future__ import annotations

import builtins
import collections
import contextlib
import io
import json
import os
import shutil
import time
from collections.abc import Iterable
from typing import Any

MOST_FOLDERS, MOST_ENTRIES = 2000, 20_000
MOST_COPIES, MOST_COPIED_BYTES, MOST_BYTES_OF_CODE = 1000, 64 << 20, 1 << 20
MOST_WRITTEN, MOST_SHOWN = 40, 1 << 15
"""How many of the files that a program writes are shown, and how many bytes of each."""
TICK = 0.005
"""Seconds: changes that lie less apart than this may bear one time."""
COPY, KEPT = "copy", "kept.json"
"""The folder below that of a run which holds its copy of the project, and the file there that says what was changed."""
SKIPPED = frozenset({"node_modules", "__pycache__", "__pypackages__", "site-packages", "dist-packages"})
READING = "access chdir listdir lstat readlink scandir stat".split()
CHANGING = "chmod link makedirs mkdir remove rename replace rmdir symlink truncate unlink utime".split()
"""Functions of `os` that take paths."""
ENVIRONMENT = ("pyvenv.cfg", "conda-meta")


class Mirror:
    """The copy of `root` below `folder`; `texts` are what files hold in place of what is on the disk."""

    def __init__(self, root: str, folder: str, texts: dict[str, str]) -> None:
        self.root = os.path.realpath(root)
        self.copy = os.path.join(os.path.realpath(folder), COPY)  # noqa: PTH118
        self.folder = os.path.join(self.copy, "project")  # noqa: PTH118
        self.home = os.path.join(os.path.realpath(folder), "home")  # noqa: PTH118
        self.entries = self.copies = self.copied = 0
        self.folders: list[str] = []
        self.links: set[str] = set()
        self.made: dict[str, int] = {}
        self.written: list[str] = []
        self.low: list[str] = []
        self.texts = [self.inside(path) for path in texts]
        self.opened: Any = builtins.open
        self.scan, self.symlink, self.unlink = os.scandir, os.symlink, os.unlink
        os.makedirs(self.home, exist_ok=True)  # noqa: PTH103
        if not self.restored():
            shutil.rmtree(self.copy, ignore_errors=True)
            self.make([""])
        for place, text in zip(self.texts, texts.values()):
            self.write(place, text)
        self.settle()

    def make(self, waiting: Iterable[str]) -> None:
        """Copy these folders with all that is in them, the outer ones first."""
        places = collections.deque(waiting)
        while places:
            relative = places.popleft()
            self.folders.append(relative)
            os.makedirs(os.path.join(self.folder, relative), exist_ok=True)  # noqa: PTH103, PTH118
            for entry in self.visible(relative):
                inner = os.path.join(relative, entry.name)  # noqa: PTH118
                if not entry.is_dir(follow_symlinks=False):
                    self.place(entry.path, inner)
                elif len(self.folders) + len(places) < MOST_FOLDERS:
                    places.append(inner)
                elif not any(os.path.lexists(os.path.join(entry.path, each)) for each in ENVIRONMENT):  # noqa: PTH118
                    self.link(entry.path, inner)
                    self.links.add(inner)

    def visible(self, relative: str) -> list[os.DirEntry[str]]:
        """What of a folder of the project is to be copied."""
        try:
            with self.scan(os.path.join(self.root, relative)) as found:  # noqa: PTH118
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            return []
        if any(entry.name in ENVIRONMENT for entry in entries):
            return []
        return [each for each in entries if not each.name.startswith(".") and each.name not in SKIPPED]

    def place(self, source: str, relative: str) -> None:
        """Copy or link a file."""
        self.entries += 1
        if self.entries > MOST_ENTRIES:
            return
        place = os.path.join(self.folder, relative)  # noqa: PTH118
        with contextlib.suppress(OSError):
            size = os.stat(source).st_size if source.endswith(".py") else MOST_COPIED_BYTES  # noqa: PTH116
            if size <= min(MOST_BYTES_OF_CODE, MOST_COPIED_BYTES - self.copied) and self.copies < MOST_COPIES:
                self.copied, self.copies = self.copied + size, self.copies + 1
                shutil.copyfile(source, place)
                self.made[relative] = time_of(place)
            else:
                self.link(source, relative)

    def link(self, source: str, relative: str) -> None:
        with contextlib.suppress(OSError):
            self.symlink(source, os.path.join(self.folder, relative))  # noqa: PTH118

    def settle(self) -> None:
        """Note the time of every folder: what is made or removed in one from now on shows."""
        self.made.update((each, time_of(os.path.join(self.folder, each))) for each in self.folders)  # noqa: PTH118
        time.sleep(TICK)

    def kept(self) -> None:
        """Say what this run has changed: the copy can serve another one then."""
        written = map(os.path.realpath, map(str, [*self.written, *self.low]))
        changed = [*self.texts, *(each for each in written if self.holds(each))]
        said = {
            "folders": self.folders,
            "links": sorted(self.links),
            "made": self.made,
            "changed": sorted({each[len(self.folder) + 1 :] for each in changed}),
        }
        with io.FileIO(os.path.join(self.copy, KEPT), "w") as file:  # noqa: PTH118
            file.write(json.dumps(said).encode())

    def restored(self) -> bool:
        """Put back what the run before has changed; gives whether there is a copy that says so."""
        note = os.path.join(self.copy, KEPT)  # noqa: PTH118
        try:
            with open(note, encoding="utf-8") as file:  # noqa: PTH123
                said = json.load(file)
            os.unlink(note)  # noqa: PTH108
        except (OSError, ValueError):
            return False
        self.folders, self.links, self.made = said["folders"], set(said["links"]), said["made"]
        changed = [each for each in self.folders if self.is_changed(each)]
        for relative in said["changed"]:
            place, source = os.path.join(self.folder, relative), os.path.join(self.root, relative)  # noqa: PTH118
            if os.path.isfile(place) or os.path.islink(place):  # noqa: PTH113, PTH114
                os.unlink(place)  # noqa: PTH108
            if os.path.isfile(source) and os.path.isdir(os.path.dirname(place)):  # noqa: PTH112, PTH113, PTH120
                self.place(source, relative)
        for relative in changed:
            self.compare(relative)
        return True

    def compare(self, relative: str) -> None:
        """Make a folder of the copy what that of the project is again."""
        wanted = {entry.name: entry for entry in self.visible(relative)}
        folder = os.path.join(self.folder, relative)  # noqa: PTH118
        if not os.path.isdir(folder):  # noqa: PTH112
            return  # its parent shows that, and makes it again
        with os.scandir(folder) as found:
            there = {entry.name: entry for entry in found}
        for name, entry in there.items():
            inner = os.path.join(relative, name)  # noqa: PTH118
            if name in wanted and self.is_as_made(entry, inner, wanted[name]):
                del wanted[name]
            else:
                remove(entry)
        for name, entry in wanted.items():
            inner = os.path.join(relative, name)  # noqa: PTH118
            if inner in self.links:
                self.link(entry.path, inner)
            elif not entry.is_dir(follow_symlinks=False):
                self.place(entry.path, inner)
            else:
                self.folders = [each for each in self.folders if each != inner and not each.startswith(inner + os.sep)]
                self.make([inner])

    def is_as_made(self, entry: os.DirEntry[str], relative: str, source: os.DirEntry[str]) -> bool:
        """Is what a folder of the copy holds still what was put there?"""
        if relative in self.links or not source.is_dir(follow_symlinks=False):
            return entry.is_symlink() or (relative in self.made and not self.is_changed(relative))
        return entry.is_dir(follow_symlinks=False)

    def is_changed(self, relative: str) -> bool:
        """Whether what was made there bears another time than then."""
        return time_of(os.path.join(self.folder, relative)) != self.made.get(relative)  # noqa: PTH118

    def own_folder(self, path: Any) -> None:
        """Make a folder of its own of a linked one that a place in the copy lies in."""
        if not self.links or not isinstance(path, (str, os.PathLike)):
            return
        place = os.path.abspath(os.fspath(path))  # noqa: PTH100
        if not isinstance(place, str) or not self.holds(place):
            return
        inner = place[len(self.folder) + 1 :] + os.sep
        for relative in (inner[:at] for at, letter in enumerate(inner) if letter == os.sep):
            if relative in self.links:
                self.links.discard(relative)
                self.unlink(os.path.join(self.folder, relative))  # noqa: PTH118
                self.fill(relative)

    def fill(self, relative: str) -> None:
        """Make one folder, in which other folders are links."""
        self.folders.append(relative)
        os.makedirs(os.path.join(self.folder, relative), exist_ok=True)  # noqa: PTH103, PTH118
        for entry in self.visible(relative):
            inner = os.path.join(relative, entry.name)  # noqa: PTH118
            self.link(entry.path, inner)
            if entry.is_dir(follow_symlinks=False):
                self.links.add(inner)

    def write(self, place: str, text: str) -> None:
        self.own_folder(os.path.dirname(place))  # noqa: PTH120
        os.makedirs(os.path.dirname(place), exist_ok=True)  # noqa: PTH103, PTH120
        if os.path.islink(place):  # noqa: PTH114
            os.unlink(place)  # noqa: PTH108
        with self.opened(place, "w", encoding="utf-8", newline="") as file:
            file.write(text)

    def holds(self, place: str) -> bool:
        """Whether a place is in the copy."""
        return place == self.folder or place.startswith(self.folder + os.sep)

    def inside(self, path: str) -> str:
        """The place in the copy of a path of the project."""
        return os.path.join(self.folder, os.path.relpath(os.path.realpath(path), self.root))  # noqa: PTH118

    def outside(self, path: str) -> str:
        """The place in the project of a path in the copy; any other path as it is."""
        if self.holds(path):
            return self.root + path[len(self.folder) :]
        return path

    def unlink_before_writing(self) -> None:
        """From now on, what is opened to be written is no link to a file of the project."""
        opened, opened_low = self.opened, os.open
        replaces, inside = self.replace_link, self.translated

        def open_file(file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
            file = inside(file)
            if any(letter in mode for letter in "wax+"):
                self.own_folder(file)
                replaces(file, keeps="r" in mode or "a" in mode)
                if isinstance(file, (str, os.PathLike)):
                    self.written.append(os.path.abspath(os.fspath(file)))  # noqa: PTH100
            return opened(file, mode, *arguments, **named)

        def open_descriptor(path: Any, flags: int, *arguments: Any, **named: Any) -> int:
            path = inside(path)
            if flags & (os.O_WRONLY | os.O_RDWR):
                self.own_folder(path)
                replaces(path, keeps=not flags & os.O_TRUNC)
                if isinstance(path, (str, os.PathLike)):
                    self.low.append(os.path.abspath(os.fspath(path)))  # noqa: PTH100
            return opened_low(path, flags, *arguments, **named)

        builtins.open = io.open = open_file
        os.open = open_descriptor
        for name in (*READING, *CHANGING):
            setattr(os, name, self.translating(getattr(os, name), name in CHANGING))

    def translating(self, own: Any, changes: bool) -> Any:
        def translated(*arguments: Any, **named: Any) -> Any:
            places = [self.translated(one) for one in arguments]
            for place in places if changes else ():
                self.own_folder(place)
            return own(*places, **named)

        return translated

    def place_of(self, path: Any, writes: bool) -> Any:
        """The place in the copy of a file that is opened outside of Python."""
        path = self.translated(path)
        if writes:
            self.own_folder(path)
            self.replace_link(path, keeps=True)
        return path

    def translated(self, path: Any) -> Any:
        """The place in the copy of what is written as a place in the project itself; any other path as it is."""
        if isinstance(path, (str, os.PathLike)):
            text = os.fspath(path)
            if isinstance(text, str) and (text == self.root or text.startswith(self.root + os.sep)):
                return self.folder + text[len(self.root) :]
        return path

    def replace_link(self, path: Any, keeps: bool) -> None:
        """Make a file of its own of a link into the project, with its content where that is kept."""
        if not isinstance(path, (str, os.PathLike)) or not os.path.islink(path) or os.path.isdir(path):  # noqa: PTH112, PTH114
            return
        own = f"{os.fspath(path)!s}.own"
        with self.opened(own, "wb") as file:
            if keeps and os.path.isfile(path):  # noqa: PTH113
                with self.opened(path, "rb") as former:
                    shutil.copyfileobj(former, file)
        os.replace(own, path)  # noqa: PTH105

    def texts_written(self) -> str:
        """What the files of text hold that were written, one after the other, each behind its name."""
        parts: list[str] = []
        for path in sorted(set(map(str, self.written)))[:MOST_WRITTEN]:
            try:
                with io.FileIO(path) as file:
                    content = file.read(MOST_SHOWN).decode("utf-8")
            except (OSError, ValueError):
                continue
            parts.append(f"{os.path.basename(path)}\n{content}")  # noqa: PTH119
        return "\n".join(parts)


def time_of(place: str) -> int:
    """When what lies there was changed last; 0 for what is gone."""
    try:
        return os.lstat(place).st_mtime_ns
    except OSError:
        return 0


def remove(entry: os.DirEntry[str]) -> None:
    """Remove a file, a link, or a folder with all that is in it."""
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            os.unlink(entry.path)  # noqa: PTH108
