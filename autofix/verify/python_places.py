"""Where a Python and its packages lie, seen in its files: what a jail must let it read before it has said a word.

Much of this is written by the project (`pyvenv.cfg`, links, `.pth` files), which may name any place: one is believed
only where it looks like what it should be, and none that holds the user's home. Folders outside of the project's
repository that `.pth` files and editable packages add are believed only of a Python that is the user's own word.
"""

from __future__ import annotations

import os
import re
import site
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autofix.verify.interpreters import ACTIVE, PACKAGES, configured

LIBRARY = "lib*/p*y*3*/os.py"
"""The standard library of CPython or PyPy, from its prefix."""
INSTALLED = ("site-packages", "dist-packages", "archive-v0")
"""Folders that hold packages and nothing else; the last is that of uv's cache, to which its environments may link."""
SOURCE = re.compile(r"""["'](/[^"'\n]{1,4000})["']""")
PARTS = ("bin", "lib", "lib64", "include", "share", "etc", "pyvenv.cfg")
"""Of a virtual environment."""
LARGEST = 1 << 20
MOST_ADDED = 64


@dataclass(frozen=True)
class Places:
    """Real paths: `run` may be read and executed, of `sources` the visible part may be read."""

    run: tuple[str, ...]
    sources: tuple[str, ...] = ()


def places_of(python: Path, is_users_word: bool, repository: Path) -> Places:
    """What belongs to a Python: itself, its environment, the one that this was made from, their packages.

    `repository` is that of the project it is run for.
    """
    prefixes = [*dict.fromkeys(prefixes_of(python, is_users_word))]
    folders = [*packages_in(prefixes), *user_packages()]
    links = [one for folder in folders for one in linked(folder) if is_users_word or is_installed(one)]
    added = [*dict.fromkeys(one for folder in folders for one in added_to(folder))]
    installed = [one for one in added if is_installed(one)]
    sources = [one for one in added if is_source(one, repository, is_users_word)]
    itself = [str(python.absolute()), os.path.realpath(python)]
    parts = [part for prefix in prefixes for part in parts_of(prefix)]
    run = [*itself, *parts, *user_packages(), *(one for one in links if not holds_home(Path(one))), *installed]
    return Places(tuple(dict.fromkeys(run)), tuple(one for one in sources if not is_installed(one))[:MOST_ADDED])


def is_users_word(python: Path, typed: bool) -> bool:
    """Whether the user has chosen it: by typing it, by activating its environment, or as autofix's own."""
    active = [Path(folder) for name in ACTIVE if (folder := os.environ.get(name))]
    return typed or python == Path(sys.executable) or any(python.is_relative_to(folder) for folder in active)


def prefixes_of(python: Path, is_users_word: bool) -> Iterator[str]:
    """The folders that a Python's own and its base's installations lie in."""
    root = prefix(python.absolute())
    real = prefix(Path(os.path.realpath(python)))
    settings = configured(root)
    home = Path(settings.get("home", ""))
    bases = [home.parent, prefix(Path(os.path.realpath(home / "python3")))] if home.is_absolute() else []
    for place in (root, real, *bases):
        # A base is where the library is; `pyvenv.cfg` may also lie among the files of some project.
        believed = is_installation(place) or (place == root and (is_users_word or (place / "pyvenv.cfg").is_file()))
        if believed and not holds_home(place):
            yield os.path.realpath(place)
            yield from shared_with(place)


def prefix(python: Path) -> Path:
    """The folder of the installation that a Python belongs to; its own where it stands beside the project's files."""
    return python.parent.parent if python.parent.name in ("bin", "Scripts") else python.parent


def is_installation(place: Path) -> bool:
    return (place / "conda-meta").is_dir() or any(place.glob(LIBRARY))


def parts_of(prefix: str) -> list[str]:
    """What belongs to a Python in its prefix: all, but of a virtual environment, which may lie among other files."""
    place = Path(prefix)
    if is_installation(place) or not (place / "pyvenv.cfg").is_file():
        return [prefix]
    return [str(place / part) for part in PARTS]


def shared_with(place: Path) -> Iterator[str]:
    """What an installation shares with others beside it: conda's packages, the libraries of spack and Homebrew."""
    real = Path(os.path.realpath(place))
    if real.parent.name == "envs" and (real.parents[1] / "conda-meta").is_dir():
        yield str(real.parents[1] / "pkgs")
    for above in real.parents:
        if (above.name == "spack" and above.parent.name == "opt") or above.name == "Cellar":
            yield str(above.parent if above.name == "Cellar" else above)


def user_packages() -> list[str]:
    """The folders that `pip install --user` fills, of every version of Python."""
    base = Path(site.getuserbase())
    return [os.path.realpath(one) for one in base.glob("lib/python3*/site-packages")]


def packages_in(prefixes: Iterable[str]) -> Iterator[str]:
    yield from (str(found) for one in prefixes for pattern in PACKAGES for found in Path(one).glob(pattern))


def linked(folder: str) -> Iterator[str]:
    """Where packages lie that a folder only links to: whole, or file by file."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                first = entry.path if entry.is_symlink() else os.path.join(entry.path, "__init__.py")  # noqa: PTH118
                if entry.is_symlink() or os.path.islink(first):  # noqa: PTH114
                    real = os.path.realpath(first)
                    yield real if entry.is_symlink() else os.path.dirname(real)  # noqa: PTH120
    except OSError:
        return


def added_to(folder: str) -> Iterator[str]:
    """What is importable besides: the lines of `.pth` files, and what the finders of editable packages name."""
    for file in sorted(Path(folder).glob("*.pth")):
        for line in text_of(file).splitlines():
            if line.strip() and not line.startswith(("#", "import ", "import\t")):
                yield os.path.realpath(Path(folder, line.strip()))
    for file in sorted(Path(folder).glob("_*editable*.py")):
        yield from map(os.path.realpath, SOURCE.findall(text_of(file)))


def text_of(file: Path) -> str:
    """The text of a small regular file; empty for what is none."""
    try:
        if not file.is_file() or file.stat().st_size > LARGEST:
            return ""
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def is_installed(place: str) -> bool:
    """Whether a place is one of packages, wherever that is: nothing but packages lies in such folders."""
    return any(part in INSTALLED for part in Path(place).parts) and not holds_home(Path(place))


def is_source(place: str, repository: Path, is_users_word: bool) -> bool:
    """Whether a place may be a folder of sources: one of the repository, or any by the user's word; none hidden."""
    path = Path(place)
    inside = path.is_relative_to(repository)
    parts = path.relative_to(repository).parts if inside else path.parts
    hidden = any(part.startswith(".") for part in parts) or holds_home(path)
    return (inside or is_users_word) and not hidden and path.is_dir()


def holds_home(place: Path) -> bool:
    """Whether the whole home lies in it: no Python does."""
    home = os.path.realpath(os.path.expanduser("~"))  # noqa: PTH111
    real = os.path.realpath(place)
    return os.path.commonpath([home, real]) == real
