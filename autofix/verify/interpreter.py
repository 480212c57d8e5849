"""Which Python has the user's framework: the one asked for, the active environment's, the project's, or our own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from autofix.files import is_open_to_all
from autofix.model import Framework

NAMES = ("bin/python", "bin/python3", "Scripts/python.exe")
FOLDERS = (".venv", "venv", "env")
ROOTS = (".git", ".hg", "pyproject.toml", "setup.py", "setup.cfg")


def find_interpreter(explicit: Path | None, near: Path, framework: Framework) -> Path:
    """The interpreter to run a file's losses with; one that has the framework before one that has not."""
    if explicit is not None:
        return explicit
    found = list(candidates(near))
    return next((one for one in found if has_framework(one, framework)), found[0])


def candidates(near: Path) -> Iterator[Path]:
    """The interpreters of the environments that are active or stand next to or above a file, then our own."""
    active = os.environ.get("VIRTUAL_ENV") or os.environ.get("CONDA_PREFIX")
    if active:
        yield from interpreters_of(Path(active))
    for folder in project_folders(near.resolve()):
        for name in FOLDERS:
            if (folder / name / "pyvenv.cfg").is_file() and not is_open_to_all(folder / name):
                yield from interpreters_of(folder / name)
    yield Path(sys.executable)


def project_folders(start: Path) -> Iterator[Path]:
    """A folder and those above it up to the project's root; none that everybody may write to (whose Python?)."""
    for folder in (start, *start.parents):
        if folder.exists() and is_open_to_all(folder):
            return
        yield folder
        if is_root(folder):
            return


def is_root(folder: Path) -> bool:
    """Whether a project begins here."""
    return any((folder / marker).exists() for marker in ROOTS)


def interpreters_of(environment: Path) -> Iterator[Path]:
    yield from (environment / name for name in NAMES if (environment / name).is_file())


def has_framework(python: Path, framework: Framework) -> bool:
    """Looked up in its folders, without running it; a virtual environment may also see its base's packages."""
    if python == Path(sys.executable):
        return find_spec(framework) is not None
    root = python.parent.parent
    return any(root.glob(f"lib/python*/site-packages/{framework}")) or (root / "Lib/site-packages" / framework).is_dir()
