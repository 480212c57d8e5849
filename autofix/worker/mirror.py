"""A private copy of a project's folder, in which a program is run as if it stood there.

What the program writes stays in the copy, and later reads see it: `os.makedirs("runs")`, `torch.save`, a log file.
Python files are copied (their place, resolved or not, is in the copy then), other files are linked to: what is written
to replaces the link. A file of more than `MOST_BYTES_OF_CODE` is linked as well.
"""

from __future__ import annotations

import builtins
import io
import os
import shutil
from typing import Any

MOST_ENTRIES = 3000
MOST_BYTES_OF_CODE = 1 << 20
MOST_WRITTEN, MOST_SHOWN = 40, 1 << 15
"""How many of the files that a program writes are shown, and how many bytes of each."""
SKIPPED = frozenset({"node_modules", "__pycache__", "__pypackages__", "site-packages", "dist-packages"})
TAKING_PATHS = (
    "access chdir chmod link listdir lstat makedirs mkdir readlink remove rename replace rmdir scandir stat symlink "
    "truncate unlink utime".split()
)
ENVIRONMENT = ("pyvenv.cfg", "conda-meta")


class Mirror:
    """The copy of `root` below `folder`; `texts` are what files hold in place of what is on the disk."""

    def __init__(self, root: str, folder: str, texts: dict[str, str]) -> None:
        self.root = os.path.realpath(root)
        self.folder = os.path.join(os.path.realpath(folder), "project")  # noqa: PTH118
        self.home = os.path.join(os.path.realpath(folder), "home")  # noqa: PTH118
        self.entries = 0
        self.written: list[str] = []
        self.opened: Any = builtins.open
        for one in (self.folder, self.home):
            os.makedirs(one)  # noqa: PTH103
        self.copy(self.root, self.folder)
        for path, text in texts.items():
            self.write(self.inside(path), text)

    def copy(self, source: str, target: str) -> None:
        try:
            with os.scandir(source) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            return
        if any(entry.name in ENVIRONMENT for entry in entries):
            return
        for entry in entries:
            self.entries += 1
            if entry.name.startswith(".") or entry.name in SKIPPED or self.entries > MOST_ENTRIES:
                continue
            place = os.path.join(target, entry.name)  # noqa: PTH118
            if entry.is_dir(follow_symlinks=False):
                os.makedirs(place, exist_ok=True)  # noqa: PTH103
                self.copy(entry.path, place)
            else:
                self.place(entry, place)

    def place(self, entry: os.DirEntry[str], place: str) -> None:
        try:
            if entry.name.endswith(".py") and entry.stat().st_size <= MOST_BYTES_OF_CODE:
                shutil.copyfile(entry.path, place)
            else:
                os.symlink(entry.path, place)  # noqa: PTH211
        except OSError:
            return

    def write(self, place: str, text: str) -> None:
        os.makedirs(os.path.dirname(place), exist_ok=True)  # noqa: PTH103, PTH120
        if os.path.islink(place):  # noqa: PTH114
            os.unlink(place)  # noqa: PTH108
        with open(place, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
            file.write(text)

    def inside(self, path: str) -> str:
        """The place in the copy of a path of the project."""
        return os.path.join(self.folder, os.path.relpath(os.path.realpath(path), self.root))  # noqa: PTH118

    def outside(self, path: str) -> str:
        """The place in the project of a path in the copy; any other path as it is."""
        if path == self.folder or path.startswith(self.folder + os.sep):
            return self.root + path[len(self.folder) :]
        return path

    def unlink_before_writing(self) -> None:
        """From now on, what is opened to be written is no link to a file of the project."""
        opened, opened_low = self.opened, os.open
        replaces, inside = self.replace_link, self.translated

        def open_file(file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
            file = inside(file)
            if any(letter in mode for letter in "wax+"):
                replaces(file, keeps="r" in mode or "a" in mode)
                if isinstance(file, (str, os.PathLike)):
                    self.written.append(os.path.abspath(os.fspath(file)))  # noqa: PTH100
            return opened(file, mode, *arguments, **named)

        def open_descriptor(path: Any, flags: int, *arguments: Any, **named: Any) -> int:
            path = inside(path)
            if flags & (os.O_WRONLY | os.O_RDWR):
                replaces(path, keeps=not flags & os.O_TRUNC)
            return opened_low(path, flags, *arguments, **named)

        builtins.open = io.open = open_file
        os.open = open_descriptor
        for name in TAKING_PATHS:
            setattr(os, name, self.translating(getattr(os, name)))

    def translating(self, own: Any) -> Any:
        def translated(*arguments: Any, **named: Any) -> Any:
            return own(*(self.translated(one) for one in arguments), **named)

        return translated

    def place_of(self, path: Any, writes: bool) -> Any:
        """The place in the copy of a file that is opened outside of Python."""
        path = self.translated(path)
        if writes:
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
