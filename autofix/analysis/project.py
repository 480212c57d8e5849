"""The files of a project, for the analysis to follow what one imports from another.

They are found, read and parsed when asked for, and nothing is imported. A module is looked for as Python would look for
it: beside the file, from the folder that its package lies in, from the project's root and its `src`. Only files below
the project's root are read, none that is very large. A file is read again once it has changed.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

from autofix.analysis.footing import Footing
from autofix.analysis.prefilter import may_cut
from autofix.knowledge import trainers
from autofix.model import OwnRules
from autofix.source.files import SKIPPED_FOLDERS, Source, decode, read_bytes
from autofix.syntax.parsing import parsed
from autofix.syntax.scopes import taken_from
from autofix.syntax.spans import Neighbour, neighbour

MOST_BYTES = 400_000
MOST_FILES = 3_000
_NONE = OwnRules()
_TRAINS = "|".join((*(rf"\b{each}\(" for each in trainers.COMPILES), *trainers.RETURNING))
_ASKING = ("backward", ".gradient(", "minimize(", "autograd.", *trainers.RETURNING)
_ASKING += tuple(f"{each}(" for each in trainers.COMPILES)
"""One of these is in every text that `_DIFFERENTIATES` is found in; they are looked for much faster."""

_DIFFERENTIATES = re.compile(rf"\bbackward\b|\.gradient\(|\bminimize\(|\bautograd\.|{_TRAINS}")
_IMPORT = re.compile(r"^[ \t]*(?:from|import)\b[^\n(]*(?:\([^)]*\))?", re.MULTILINE)
Stamp = tuple[int, int]


@dataclass(frozen=True)
class _Known:
    """A file as it was read: when it was changed last and its size, and what it holds if it can be read."""

    stamp: Stamp
    module: Neighbour | None


class ProjectFiles:
    """The files that one run, or one editor, has to do with; `given` are the texts that are checked, by their paths."""

    def __init__(
        self, given: Mapping[str, str] | None = None, own: OwnRules = _NONE, footing: Footing | None = None
    ) -> None:
        self.given = {os.path.abspath(path): text for path, text in (given or {}).items()}  # noqa: PTH100
        self.own = own
        self.footing = footing
        self._known: dict[str, _Known] = {}
        self._blamed: dict[str, frozenset[str]] = {}
        self._asked: dict[str, set[str]] = {}
        self._imports: dict[str, dict[str, frozenset[str]] | None] = {}
        self._lock = threading.RLock()

    def around(self, path: str) -> FilesAround | None:
        """What lies around one file; None for a text that is in no file, such as one from standard input."""
        if path.startswith("<") or not os.path.isdir(os.path.dirname(path) or "."):  # noqa: PTH112, PTH120
            return None
        return FilesAround(os.path.abspath(path), self)  # noqa: PTH100

    def read(self, path: str, asking: str = "") -> Neighbour | None:
        """A file of the project, as it is now."""
        with self._lock:
            self._asked.setdefault(asking, set()).add(path)
            stamp = _stamp(path)
            if path not in self._known or self._known[path].stamp != stamp:
                self._known[path] = _Known(stamp, self._parsed(path))
            return self._known[path].module

    def _parsed(self, path: str) -> Neighbour | None:
        text = self.given.get(path) or text_of(path)
        if self.footing is not None and path not in self.given:
            self.footing.read(path, text)
        try:
            return neighbour(path, text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def stamps(self, path: str) -> tuple[tuple[str, Stamp], ...]:
        """The files that the last look at `path` asked for, and their state now: what its findings depend on."""
        with self._lock:
            asked = sorted(self._asked.get(os.path.abspath(path), ()))  # noqa: PTH100
        return tuple((each, _stamp(each)) for each in asked)

    def users_of(self, path: str) -> Iterable[Neighbour]:
        """The given files that ask for the gradient of a loss which the file at `path` loses."""
        if not may_cut(self.given.get(path, "")):
            return
        name = _module_name(path)
        for user, imported in sorted(self._askers.items()):
            asks = user != path and name in imported and path in self._blames(user)
            module = self.read(user) if asks else None
            if module is not None:
                yield module

    def askers_of(self, paths: Iterable[str]) -> list[str]:
        """The given files that one of these may ask whether they differentiate what it loses."""
        cutting = [os.path.abspath(each) for each in paths]  # noqa: PTH100
        names = {_module_name(each) for each in cutting if may_cut(self.given.get(each, ""))}
        return sorted(user for user, imported in self._askers.items() if not names.isdisjoint(imported))

    def prepare(self) -> None:
        """Find out now what every file asks for, rather than in each of several processes."""
        self._askers  # noqa: B018

    def blames(self, path: str) -> frozenset[str]:
        """The other given files that lose a gradient which the file at `path` asks for."""
        return self._blames(path)

    def know_blames(self, blamed: Mapping[str, frozenset[str]]) -> None:
        """Take what was found out by another process that has the same files."""
        with self._lock:
            self._blamed.update(blamed)

    def folders(self) -> list[str]:
        """The folders that given files lie in."""
        return sorted({os.path.dirname(path) for path in self.given})  # noqa: PTH120

    def text(self, path: str) -> str:
        """The text of a given file."""
        return self.given[os.path.abspath(path)]  # noqa: PTH100

    @cached_property
    def _askers(self) -> dict[str, frozenset[str]]:
        """The given files that differentiate something, each with the words of its imports."""
        return {path: _imported_words(text) for path, text in self.given.items() if _differentiates(text)}

    def _blames(self, path: str) -> frozenset[str]:
        """The other given files that lose a gradient which the file at `path` asks for: found once, by one thread."""
        with self._lock:
            if path not in self._blamed:
                self._blamed[path] = self._blamed_anew(path)
            return self._blamed[path]

    def _blamed_anew(self, path: str) -> frozenset[str]:
        from autofix.analysis.finding.search import blamed_files

        text = self.given[path]
        try:
            return blamed_files(parsed(text), text, self.own, FilesAround(path, self, alone=True))
        except (SyntaxError, ValueError, RecursionError):
            return frozenset()

    def imports_of(self, root: str) -> dict[str, frozenset[str]] | None:
        """The files below a folder, each with the words of its imports; None where they are too many to be read."""
        if root not in self._imports:
            found = list(islice(_files_below(root), MOST_FILES + 1))
            texts = ((path, self.given.get(path) or text_of(path)) for path in found)
            few = len(found) <= MOST_FILES
            self._imports[root] = {path: _imported_words(text) for path, text in texts} if few else None
        return self._imports[root]


@dataclass(frozen=True)
class FilesAround:
    """What lies around the file at `path`; `alone` leaves out who uses it."""

    path: str
    files: ProjectFiles
    alone: bool = False
    _places: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def place(self, name: str, near: str) -> str | None:
        """The file of a module that the file `near` imports as `name`."""
        folder = os.path.dirname(near)  # noqa: PTH120
        if (name, folder) not in self._places:
            self._places[name, folder] = self._found(name, folder)
        return self._places[name, folder]

    def _found(self, name: str, folder: str) -> str | None:
        plain = name.lstrip(".")
        level = len(name) - len(plain)
        above = os.path.normpath(os.path.join(folder, *[".."] * (level - 1)))  # noqa: PTH118
        starts = [above] if level else [folder, *self.roots]
        parts = plain.split(".") if plain else []
        starts = [start for start in starts if _is_below(start, self._root)]
        places = (self._file_of(start, parts) for start in starts)
        return next((each for each in places if each is not None), None)

    def _file_of(self, start: str, parts: list[str]) -> str | None:
        if self.files.footing is not None:
            self.files.footing.looked_for(start, parts)
        return _file_of(start, parts)

    @cached_property
    def _root(self) -> str:
        """The project's folder, or the one above all packages of the file: nothing outside of it is read."""
        return (self.roots[1:] or self.roots)[0]

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The folders that absolute imports start from: that of the packages, the project's, and its `src`."""
        from autofix.source.environments import import_roots, package_of

        folder = Path(self.path).parent
        return tuple(map(str, (package_of(folder)[0], *import_roots(folder))))

    def read(self, path: str) -> Neighbour | None:
        """A file of the project."""
        return self.files.read(path, self.path)

    def checks(self, path: str) -> bool:
        """Whether a file is given, so that it has findings of its own."""
        return path in self.files.given

    def users(self) -> tuple[Neighbour, ...]:
        """The given files that ask for a gradient which is lost here."""
        return () if self.alone else tuple(self.files.users_of(self.path))

    def uses(self, name: str) -> bool:
        """Whether another file may use what this one calls `name`: one that imports from here and has that name."""
        users = self.using(name)
        return users is None or bool(users)

    def using(self, name: str) -> tuple[str, ...] | None:
        """The texts of the files that may use what this one calls `name`; None where that is not known."""
        imports = self.files.imports_of(self._root)
        if imports is None:
            return None
        own = _module_name(self.path)
        users = [each for each, words in imports.items() if each != self.path and own in words]
        texts = {each: self.files.given.get(each) or text_of(each) for each in users}
        named = re.compile(rf"\b{re.escape(name)}\b")
        found = [text for text in texts.values() if named.search(text)]
        if any(re.search(rf"\b{own} import \*", text) for text in texts.values()):
            further = [each for each, words in imports.items() if name in words and each not in texts]
            found += [self.files.given.get(each) or text_of(each) for each in further]
        return tuple(found)

    def importers(self) -> tuple[Neighbour, ...]:
        """The other files of the project that import this one."""
        own = _module_name(self.path)
        imports = (self.files.imports_of(self._root) or {}).items()
        found = (self.read(each) for each, words in imports if each != self.path and own in words)
        return tuple(each for each in found if each is not None)

    def takes(self, name: str) -> bool:
        """Whether another file may take `name` from this one; True where they are too many to be read."""
        if self.files.imports_of(self._root) is None:
            return True
        return any(taken_from(each.tree, _module_name(self.path), name) for each in self.importers())

    def seen_from(self, path: str, text: str) -> FilesAround:
        """What lies around another file, where this one has this text."""
        return FilesAround(path, ProjectFiles({**self.files.given, self.path: text}, self.files.own), alone=True)


def _file_of(start: str, parts: list[str]) -> str | None:
    """The file of a module below a folder: `a/b.py`, or `a/b/__init__.py`; None where there is neither."""
    if not all(part.isidentifier() for part in parts):
        return None
    stem = os.path.join(start, *parts)  # noqa: PTH118
    places = [os.path.join(stem, "__init__.py"), *([f"{stem}.py"] if parts else [])]  # noqa: PTH118
    return next((each for each in places if os.path.isfile(each)), None)  # noqa: PTH113


def _is_below(folder: str, root: str) -> bool:
    return folder == root or folder.startswith(root.rstrip(os.sep) + os.sep)


def _files_below(root: str) -> Iterator[str]:
    for folder, inner, files in os.walk(root):
        inner[:] = sorted(each for each in inner if not each.startswith(".") and each not in SKIPPED_FOLDERS)
        yield from (os.path.join(folder, each) for each in sorted(files) if each.endswith(".py"))  # noqa: PTH118


def _differentiates(text: str) -> bool:
    return any(each in text for each in _ASKING) and _DIFFERENTIATES.search(text) is not None


def _imported_words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+|\*", " ".join(_IMPORT.findall(text))))


def _module_name(path: str) -> str:
    folder, file = os.path.split(path)
    return os.path.basename(folder) if file == "__init__.py" else file.removesuffix(".py")  # noqa: PTH119


def _stamp(path: str) -> Stamp:
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def text_of(path: str) -> str:
    """The text of a file; empty where it cannot be read, or is too large."""
    if _stamp(path)[1] > MOST_BYTES:
        return ""
    content = read_bytes(path)
    source = decode(path, content) if isinstance(content, bytes) else content
    return source.text if isinstance(source, Source) else ""
