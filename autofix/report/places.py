"""How a file is called for other programs: relative to the folder they run in, with forward slashes."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote


def relative(path: str) -> str:
    """`path` as seen from the working directory where it lies below it, else as it is."""
    try:
        return Path(path).absolute().relative_to(Path.cwd()).as_posix() if Path(path).is_absolute() else _plain(path)
    except ValueError:
        return Path(path).as_posix()


def uri(path: str) -> str:
    """`path` as a URI reference: relative where it can be, `file:///…` elsewhere."""
    short = relative(path)
    return Path(path).as_uri() if Path(short).is_absolute() else quote(short)


def _plain(path: str) -> str:
    return Path(path).as_posix()
