"""What the user asked for: `[tool.autofix]` of the nearest pyproject.toml, and over it the options of the command line.

A table that cannot be understood is an error that names the file, the line where it can, and the way out. What opens a
door (`allow-unsandboxed`) is taken from the command line only: a project must not open it for whoever looks at it.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from autofix.model import Problem
from autofix.source.files import MOST_SETTINGS_BYTES, NotRead, is_open_to_all, read_regular

FORMATS = ("text", "json", "sarif", "github", "gitlab")


@dataclass(frozen=True)
class Settings:
    """Every option that the command line and the table share; empty `select` means every code.

    `file` is the pyproject.toml that they are from; empty where there is none.
    """

    format: str = "text"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    python: str = ""
    timeout: float = 20.0
    observe: float = 10.0
    jobs: int = 0
    statistics: bool = False
    quiet: bool = False
    verbose: bool = False
    strict: bool = False
    unsafe_fixes: bool = False
    rules: tuple[str, ...] = ()
    no_cache: bool = False
    per_path_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    folder: str = ""
    file: str = field(default="", compare=False)

    def ignored_in(self, path: str) -> tuple[str, ...]:
        """Every prefix of a code that is left out in a file: `ignore`, and what its path adds to that."""
        try:
            relative = os.path.relpath(path, self.folder or ".").replace(os.sep, "/")
        except ValueError:  # on another drive
            relative = path
        added = (codes for glob, codes in self.per_path_ignores if _fits(relative, glob))
        return (*self.ignore, *(code.upper() for codes in added for code in codes))


TEXTS = frozenset({"format", "python"})
LISTS = frozenset({"select", "ignore", "exclude", "rules"})
FLAGS = frozenset({"no-cache", "statistics", "strict", "unsafe-fixes", "quiet", "verbose"})
NUMBERS = {
    "timeout": "a number of seconds above 0",
    "observe": "a number of seconds, 0 for none",
    "jobs": "an integer above 0",
}
PER_PATH = "per-path-ignores"
KEYS = (*sorted(TEXTS | LISTS | FLAGS), *NUMBERS, PER_PATH)


def load(paths: Sequence[str]) -> Settings | Problem:
    """The settings of the nearest pyproject.toml above all `paths` that has a `[tool.autofix]` table."""
    for folder in _folders_above(paths):
        file = folder / "pyproject.toml"
        content = _content(file)
        if isinstance(content, Problem):
            return content
        if b"autofix" in content:
            found = _parsed(file, content)
            if found is not None:
                return found
    return Settings()


def _folders_above(paths: Sequence[str]) -> list[Path]:
    absolute = [Path(path).absolute() for path in paths] or [Path.cwd() / "-"]
    folders = [str(path if path.is_dir() else path.parent) for path in absolute]
    try:
        common = Path(os.path.commonpath(folders))
    except ValueError:  # on different drives
        common = Path.cwd()
    return [folder for folder in (common, *common.parents) if not is_open_to_all(folder)]


def _content(file: Path) -> bytes | Problem:
    try:
        return read_regular(file, MOST_SETTINGS_BYTES)
    except NotRead as error:
        return Problem(str(file), f"{error}; no settings were read")
    except OSError:
        return b""


def _parsed(file: Path, content: bytes) -> Settings | Problem | None:
    """The settings in `content`, None when it has no table for autofix."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        text = content.decode("utf-8")
        tools = tomllib.loads(text).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return Problem(str(file), f"not valid TOML: {error}")
    if not isinstance(tools, dict) or "autofix" not in tools:
        return None
    table = tools["autofix"]
    if not isinstance(table, dict):
        return Problem(str(file), f"tool.autofix must be a table; write [tool.autofix], with {', '.join(KEYS)}")
    return from_table(file, text, table)


def from_table(file: Path, text: str, table: Mapping[str, object]) -> Settings | Problem:
    """The settings of one table; `text` is only asked for line numbers."""
    changes: dict[str, Any] = {}
    for key, value in table.items():
        fault = _fault(key, value)
        if fault:
            return Problem(str(file), f"{_place(text, key)}[tool.autofix] {fault}")
        if key == PER_PATH and isinstance(value, dict):
            changes |= {"per_path_ignores": tuple((g, tuple(c)) for g, c in value.items()), "folder": str(file.parent)}
            continue
        changes[key.replace("-", "_")] = tuple(value) if isinstance(value, list) else value
    if changes.get("python"):
        changes["python"] = str(file.parent / Path(changes["python"]).expanduser())
    folders = tuple(str(file.parent / Path(folder).expanduser()) for folder in changes.get("rules", ()))
    return replace(Settings(), **{**changes, "rules": folders, "file": str(file)})


def _fault(key: str, value: object) -> str:
    """Why this entry is wrong and what would be right; empty when it is right."""
    if key == "allow-unsandboxed":
        return f"{key} can only be set on the command line; remove it here"
    if key not in KEYS:
        near = difflib.get_close_matches(key, KEYS, 1)
        return f"has no key {key!r}; " + (f"did you mean {near[0]!r}?" if near else f"the keys are {', '.join(KEYS)}")
    if key in LISTS and not (isinstance(value, list) and all(isinstance(entry, str) for entry in value)):
        return f'{key} must be a list of strings, such as {key} = ["…"]'
    if key == PER_PATH:
        return _per_path_fault(value)
    if key in FLAGS and not isinstance(value, bool):
        return f"{key} must be true or false"
    if key in NUMBERS and not _is_number(key, value):
        return f"{key} must be {NUMBERS[key]}"
    if key == "format" and value not in FORMATS:
        return f"format must be one of {', '.join(FORMATS)}"
    return f"{key} must be a string" if key in TEXTS and not isinstance(value, str) else ""


def _per_path_fault(value: object) -> str:
    if not isinstance(value, dict):
        return f'{PER_PATH} must be a table of paths, each with the codes to ignore there, such as "tests/**" = ["AF2"]'
    from autofix.knowledge.causes import expand

    for glob, codes in value.items():
        if not (isinstance(codes, list) and all(isinstance(each, str) for each in codes)):
            return f'{PER_PATH}: {glob!r} must be a list of codes, such as ["AF2"]'
        unknown = expand(tuple(codes)) if codes else ()
        if isinstance(unknown, str):
            return f"{PER_PATH}: {glob!r} names {unknown!r}, which is not a code"
    return ""


def _fits(path: str, glob: str) -> bool:
    """Does a path, relative to the folder of pyproject.toml, fit: itself, its name, or a folder that it lies in?"""
    glob = glob.removeprefix("./").rstrip("/")
    if fnmatch(path, glob) or fnmatch(path, f"{glob}/*"):
        return True
    return "/" not in glob and fnmatch(path.rpartition("/")[2], glob)


def _is_number(key: str, value: object) -> bool:
    kinds = (int,) if key == "jobs" else (int, float)
    least = 0 if key == "observe" else sys.float_info.min
    return isinstance(value, kinds) and not isinstance(value, bool) and value >= least


def _place(text: str, key: str) -> str:
    """`line N: ` of the key within the table, empty when it is written in some other way."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            header = stripped.replace(" ", "")
            if header.startswith(f"[tool.autofix.{key}]"):
                return f"line {number}: "
            inside = header.startswith("[tool.autofix]")
        elif inside and stripped.split("=")[0].strip().strip("\"'") == key:
            return f"line {number}: "
    return ""
