"""The list of folders whose code may run without a sandbox, in the user's own configuration.

It holds real paths and is never read from a project, which could otherwise trust itself. If a sandbox is available,
trust only decides whether a Python of the project may name folders elsewhere (`autofix.verify.interpreters`).
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

VARIABLE = "AUTOFIX_CONFIG_DIR"
LARGEST = 1 << 20


class TrustError(Exception):
    """The file of trusted folders cannot be read or written; the text names it and says the way out."""


def store() -> Path:
    """The file, in the platform's folder for a user's configuration, or in the one that the user says."""
    said = os.environ.get(VARIABLE)
    if said:
        return Path(said).expanduser() / "trusted.json"
    from platformdirs import user_config_path  # here, as most runs need none of it

    return user_config_path("autofix", appauthor=False) / "trusted.json"


def trusted_folders() -> tuple[str, ...]:
    """The real paths of all folders that are trusted. Raises TrustError."""
    file = store()
    try:
        status = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise TrustError(f"{file} cannot be read: {error.strerror}; check its permissions") from None
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
        raise TrustError(f"{file} is not a list of trusted folders (too large, or not a file); remove it")
    return tuple(_folders(file))


def _folders(file: Path) -> list[str]:
    try:
        folders = json.loads(file.read_text(encoding="utf-8"))["folders"]
    except OSError as error:
        raise TrustError(f"{file} cannot be read: {error.strerror}; check its permissions") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        folders = None
    if not isinstance(folders, list) or not all(isinstance(one, str) and Path(one).is_absolute() for one in folders):
        raise TrustError(f'{file} is not a list of trusted folders ({{"folders": ["/…"]}}); correct or remove it')
    return folders


def is_trusted(place: Path) -> bool:
    """Whether a file or folder lies in a trusted one; where the list cannot be read, none does."""
    try:
        folders = trusted_folders()
    except TrustError:
        return False
    real = Path(os.path.realpath(place))
    return any(real.is_relative_to(folder) for folder in folders)


def trust(folder: Path) -> str:
    """Trust a folder, and give its real path. Raises TrustError."""
    real = os.path.realpath(folder)
    if real not in (known := trusted_folders()):
        _write([*known, real])
    return real


def revoke(folder: Path) -> bool:
    """Trust a folder no more; gives whether it was trusted by itself. Raises TrustError."""
    known = trusted_folders()
    left = [one for one in known if one not in (os.path.realpath(folder), str(folder))]
    if len(left) == len(known):
        return False
    _write(left)
    return True


def _write(folders: Iterable[str]) -> None:
    """Replace the list, whole or not at all."""
    file = store()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".trusted-", suffix=".json", dir=file.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as written:
                json.dump({"folders": sorted(folders)}, written, indent=2)
                written.write("\n")
            Path(name).replace(file)
        finally:
            with contextlib.suppress(OSError):
                Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise TrustError(f"{file} cannot be written: {error.strerror}; check its permissions") from None
