"""Choose the Python that has the framework: the requested one, the active environment's, the project's, or our own.

Where it and its packages lie is seen in its files, without running it: a jail must let it read them before it has said
a word. Much of this is written by the project (`pyvenv.cfg`, links, `.pth` files), which may name any place: one is
believed only where it looks like what it should be, and none that holds the user's home. Folders outside of the
project's repository that `.pth` files and editable packages add are believed only of a Python that is the user's own
word. A worker reports once which folders it searches; a listing of them then shows whether a distribution was
installed, upgraded or removed since.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import site
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from shutil import which

from autofix.knowledge.frameworks import ALL
from autofix.model import Framework
from autofix.source.environments import environments
from autofix.source.files import MOST_SETTINGS_BYTES, read_regular

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


NAMES = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe")
PACKAGES = ("lib/python*/site-packages", "lib64/python*/site-packages", "Lib/site-packages",
            "lib/python3*/dist-packages", "local/lib/python3*/dist-packages")  # fmt: skip
ACTIVE = ("VIRTUAL_ENV", "CONDA_PREFIX")


def find_interpreter(explicit: Path | None, near: Path, framework: Framework) -> Path:
    """The interpreter to run a file's losses with; one that has the framework before one that has not."""
    if explicit is not None:
        return explicit
    first = None
    for found in chain(candidates(near), on_path()):
        if has_framework(found, framework):
            return found
        first = first or found
    return first or Path(sys.executable)


def candidates(near: Path) -> Iterator[Path]:
    """The interpreters of the environments that are active, or that are a file's project's, then our own."""
    active = [Path(folder) for name in ACTIVE if (folder := os.environ.get(name))]
    for environment in (*active, *environments(near)):
        yield from interpreters_of(environment)
    yield Path(sys.executable)


def on_path() -> Iterator[Path]:
    """What the shell would start: the user's own where autofix lives apart, as with pipx."""
    yield from (Path(found) for name in ("python3", "python") if (found := which(name)))


def interpreters_of(environment: Path) -> Iterator[Path]:
    yield from (environment / name for name in NAMES if (environment / name).is_file())


def has_framework(python: Path, framework: Framework) -> bool:
    """Looked up in its folders, without running it; a virtual environment may also see its base's packages."""
    if python == Path(sys.executable):
        return find_spec(framework) is not None
    root = python.parent if python.name == "python.exe" and python.parent.name != "Scripts" else python.parent.parent
    return any(has_package(one, framework) for one in (root, *base_of(root)))


def has_package(root: Path, name: str) -> bool:
    return any(found.is_dir() for place in PACKAGES for found in root.glob(f"{place}/{name}"))


def base_of(environment: Path) -> Iterator[Path]:
    """Where the packages of the interpreter are that an environment was made from, if it sees them."""
    settings = configured(environment)
    if settings.get("include-system-site-packages", "").lower() == "true" and settings.get("home"):
        yield Path(settings["home"]).parent


def configured(environment: Path) -> dict[str, str]:
    """What `pyvenv.cfg` says; empty where there is none."""
    try:
        lines = read_regular(environment / "pyvenv.cfg", MOST_SETTINGS_BYTES).decode().splitlines()
    except (OSError, ValueError):
        return {}
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition("=") for line in lines)}


WATCHED = (*(each.packages[0] for each in ALL), "numpy")
STARTED_WITH = ("LD_LIBRARY_PATH",)
SETTINGS = ("~/.keras/keras.json",)


def digest(*parts: object) -> str:
    """One name for any values that JSON can hold."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def interpreter_digest(python: Path) -> str:
    """An interpreter and what it is started with, but not its packages."""
    started_with = [os.environ.get(name) for name in STARTED_WITH]
    configuration = python.parent.parent / "pyvenv.cfg"
    return digest(str(python.absolute()), stamp(python), stamp(configuration), started_with)


def installation_digest(interpreter: str, searched: list[str]) -> str:
    """An interpreter with its packages; another after anything was installed."""
    settings = [stamp(Path(one).expanduser()) for one in SETTINGS]
    return digest(interpreter, [listing(place) for place in searched], settings)


def listing(place: str) -> list[object]:
    """The names in a folder; of what can change under its name, the stamp too."""
    try:
        names = sorted(os.listdir(place))  # noqa: PTH208
    except OSError:
        return [place]
    changing = [name for name in names if name.endswith((".pth", ".egg-link")) or name.startswith("__editable__")]
    packages = [f"{name}/__init__.py" for name in WATCHED if name in names]
    stamps = [stamp(Path(place) / name) for name in (*changing, *packages)]
    return [place, [name for name in names if name != "__pycache__"], stamps]


def stamp(path: Path) -> list[int] | None:
    """When a file was last written, and its size; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return [found.st_mtime_ns, found.st_size]
