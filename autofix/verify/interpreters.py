"""Choose the Python that has the framework: the requested one, the active environment's, the project's, or our own.

Its packages are read from its folders without running it. A worker reports once which folders it searches; a listing of
them then shows whether a distribution was installed, upgraded or removed since.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from shutil import which

from autofix.knowledge.frameworks import ALL
from autofix.model import Framework
from autofix.source.environments import environments
from autofix.source.files import MOST_SETTINGS_BYTES, read_regular

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
