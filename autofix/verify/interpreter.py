"""Which Python has the user's framework: the one asked for, the active environment's, the project's, or our own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from shutil import which

from autofix.files import MOST_SETTINGS_BYTES, read_regular
from autofix.model import Framework
from autofix.verify.project_environments import environments

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
    told = configured(environment)
    if told.get("include-system-site-packages", "").lower() == "true" and told.get("home"):
        yield Path(told["home"]).parent


def configured(environment: Path) -> dict[str, str]:
    """What `pyvenv.cfg` says; empty where there is none."""
    try:
        lines = read_regular(environment / "pyvenv.cfg", MOST_SETTINGS_BYTES).decode().splitlines()
    except (OSError, ValueError):
        return {}
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition("=") for line in lines)}
