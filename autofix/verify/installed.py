"""What an interpreter has installed, seen in its folders without running it.

A worker has said once which folders it searches; after that a look into them tells whether anything was installed,
upgraded or removed since: every distribution leaves a folder there with its name and version.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

FRAMEWORKS = ("torch", "tensorflow", "numpy")
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
    packages = [f"{name}/__init__.py" for name in FRAMEWORKS if name in names]
    stamps = [stamp(Path(place) / name) for name in (*changing, *packages)]
    return [place, [name for name in names if name != "__pycache__"], stamps]


def stamp(path: Path) -> list[int] | None:
    """When a file was last written, and its size; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return [found.st_mtime_ns, found.st_size]
