"""Find the virtual environments of a project: in it, or where poetry and hatch create them."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from autofix.source.files import is_open_to_all

INSIDE = (".venv", "venv", "env", ".pixi/envs/default")
MARKERS = ("pyvenv.cfg", "conda-meta")
VERSIONED = (".git", ".hg")
ROOTS = (*VERSIONED, "pyproject.toml", "setup.py", "setup.cfg")


def environments(near: Path) -> Iterator[Path]:
    """The environments beside or above a file's folder, the nearest first; then those outside of the project."""
    folders = list(folders_of_project(near.resolve()))
    for folder in folders:
        chosen = os.environ.get("UV_PROJECT_ENVIRONMENT")
        for name in (*([chosen] if chosen else []), *INSIDE):
            if is_environment(folder / name):
                yield folder / name
    for folder in folders:
        if (folder / "pyproject.toml").is_file():
            yield from (one for one in (*made_by_poetry(folder), *made_by_hatch(folder)) if is_environment(one))


def is_environment(folder: Path) -> bool:
    """Whether it is one of the user's; one that everybody may write to is anybody's."""
    return any((folder / marker).exists() for marker in MARKERS) and not is_open_to_all(folder)


def folders_of_project(start: Path) -> Iterator[Path]:
    """The project's folders, and those of the repository that it is a part of, as a member of a workspace is."""
    above = [*project_folders(start)]
    yield from above
    if above and is_root(above[-1]):
        outer = [*unshared(above[-1].parent)]
        root = next((number for number, folder in enumerate(outer) if is_versioned(folder)), None)
        if root is not None and not is_versioned(above[-1]):
            yield from outer[: root + 1]


def project_folders(start: Path) -> Iterator[Path]:
    """A folder and those above it up to the project's root; none that everybody may write to (whose Python?)."""
    for folder in unshared(start):
        yield folder
        if is_root(folder):
            return


def unshared(start: Path) -> Iterator[Path]:
    for folder in (start, *start.parents):
        if folder.exists() and is_open_to_all(folder):
            return
        yield folder


def is_root(folder: Path) -> bool:
    """Whether a project begins here."""
    return any((folder / marker).exists() for marker in ROOTS)


def is_versioned(folder: Path) -> bool:
    return any((folder / marker).exists() for marker in VERSIONED)


def made_by_poetry(root: Path) -> Iterator[Path]:
    """Its folder of environments names each after the project, a hash of where that is, and the Python's version."""
    from platformdirs import user_cache_path  # here, as most runs need none of it

    said = os.environ.get("POETRY_VIRTUALENVS_PATH")
    cached = os.environ.get("POETRY_CACHE_DIR")
    cache = Path(cached) if cached else user_cache_path("pypoetry", appauthor=False)
    folder = Path(said).expanduser() if said else cache / "virtualenvs"
    yield from sorted(folder.glob(f"*-{hashed(os.path.normcase(root))}-py*"), reverse=True)


def made_by_hatch(root: Path) -> Iterator[Path]:
    """Its environments of a project lie in a folder that a hash of where that is names; the default's goes first."""
    from platformdirs import user_data_path

    said = os.environ.get("HATCH_DATA_DIR")
    data = Path(said) if said else user_data_path("hatch", appauthor=False)
    found = sorted((data / "env/virtual").glob(f"*/{hashed(str(root))}/*"))
    yield from sorted(found, key=lambda one: one.name != one.parent.parent.name)


def hashed(path: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(path.encode()).digest()).decode()[:8]


def readable_near(folder: Path) -> tuple[str, ...]:
    """What a loss may read beside Python and the system: the project, or the folder of its packages; never a home."""
    folder = folder.resolve()
    above = list(project_folders(folder))
    roots = [*(above[-1:] if above and is_root(above[-1]) else []), package_of(folder)[0]]
    return tuple(str(root) for root in roots if root not in (Path.home(), *Path.home().parents))[:1]


def import_roots(folder: Path) -> tuple[Path, ...]:
    """The folders of a project that absolute imports of its own modules may start from: its root, and `src` in that."""
    above = [each for each in project_folders(folder) if is_root(each)]
    return tuple(each for root in above for each in (root, root / "src") if each.is_dir())


def package_of(folder: Path) -> tuple[Path, str]:
    """The folder from which the project's packages are imported, and the dotted name of the package of a file."""
    parts: list[str] = []
    while (folder / "__init__.py").is_file() and folder.parent != folder:
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts)


def start_facts(folders: Iterable[str]) -> list[tuple[str, bool, tuple[str, ...]]]:
    """All that `package_of` and `import_roots` of these folders depend on: of each and those above it what it holds.

    Said of each folder are its path, whether everybody may write to it, and which of the names that matter it has.
    """
    chains = (Path(folder) for folder in folders)
    every = sorted({str(one) for folder in chains for one in (folder, *folder.parents)})
    return [(folder, is_open_to_all(Path(folder)), _that_matter(folder)) for folder in every]


_MATTER = (*ROOTS, "src", "__init__.py")


def _that_matter(folder: str) -> tuple[str, ...]:
    """Return which of the names are there, folders with a slash behind them."""
    here = Path(folder)
    try:
        there = set(os.listdir(folder))  # noqa: PTH208  (one question of the system, rather than one a name)
    except OSError:
        there = set(_MATTER)
    paths = ((name, here / name) for name in _MATTER if name in there)
    return tuple(f"{name}/" if path.is_dir() else name for name, path in paths if path.exists())
