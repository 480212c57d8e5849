"""Paths in, the Python files and notebooks among them out; a file's bytes in, its text out, and back byte for byte.

Reading decodes as Python itself would (byte order mark, coding cookie) and translates no line end. Writing puts the
whole new content beside the file and renames it over the old one: a reader sees the old text or the new, never half of
it. What goes wrong is returned as a `Problem`.

Python reads `\r` as the end of a line, as it does `\n` and `\r\n`. LibCST loses one at the end of a text, and what
counts lines by `\n` sees one line. Such texts, old Macintosh files mostly, are given plain ends to work on, and their
own ones back.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import io
import os
import re
import stat
import time
import tokenize
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from autofix.model import Edit, Outcome, Problem
from autofix.source.diff import runs

if TYPE_CHECKING:
    from autofix.source.notebooks import Notebook

_LONE_RETURN = re.compile(r"\r(?!\n)")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_END = re.compile(r"\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    """Return the lines with their ends, as Python counts them: a form feed is none, though `splitlines` has it so."""
    return _LINE.findall(text)


def has_lone_returns(text: str) -> bool:
    """Does any line of a text end in `\\r` alone?"""
    return "\r" in text and _LONE_RETURN.search(text) is not None


def with_plain_ends(text: str) -> str:
    """Return a text in which every line ends in `\\n`."""
    return _END.sub("\n", text)


def restored(outcome: Outcome, text: str) -> Outcome:
    """Return what was made of the plain form of a text as of the text itself: kept lines have their own ends."""
    ends = Counter(_END.findall(text)) or Counter({"\n": 1})
    usual = ends.most_common(1)[0][0]

    def with_usual_ends(edit: Edit) -> Edit:
        return replace(edit, text=edit.text.replace("\n", usual))

    findings = tuple(
        replace(each, fix=replace(each.fix, edits=tuple(map(with_usual_ends, each.fix.edits))))
        for each in outcome.findings
    )
    return replace(outcome, text=_with_ends_of(text, outcome.text, usual), findings=findings)


def _with_ends_of(before: str, plain: str, usual: str) -> str:
    old, new = split_lines(before), split_lines(plain)
    kept = {
        run.new + step: old[run.old + step]
        for run in runs(split_lines(with_plain_ends(before)), new)
        for step in range(run.size)
    }
    return "".join(kept.get(at) or line.replace("\n", usual) for at, line in enumerate(new))


SUFFIXES = (".py", ".ipynb")
MOST_BYTES = 8 * 2**20
"""Of a Python file: larger ones are generated, and Python needs a gigabyte to parse 20 MiB."""

MOST_NOTEBOOK_BYTES = 128 * 2**20
"""Of a notebook, whose outputs may be pictures."""

MOST_SETTINGS_BYTES = 2**20
"""Of a file that is read for its settings: pyproject.toml, pyvenv.cfg."""

_LEFTOVER = re.compile(r"\..+\.[a-z0-9_]{8}\.autofix")
"""The new content of a file before it takes the old one's place, as `mkstemp` names it."""

_LEFT_SECONDS = 3600.0
"""Younger ones may be those of another run, which writes at this moment."""

SKIPPED_FOLDERS = frozenset({"__pycache__", "build", "dist", "node_modules", "site-packages", "venv"})


@dataclass(frozen=True)
class Source:
    """A file as it was read: `content` on disk, `text` with its line ends as they are, and the codec between them.

    The `text` of a notebook is the program that its code cells make.
    """

    path: str
    content: bytes
    text: str
    encoding: str
    notebook: Notebook | None = None

    @property
    def written(self) -> str:
        """The file's own text: for a notebook its JSON."""
        return self.notebook.text if self.notebook else self.text

    def rewritten(self, text: str) -> str:
        """The file's own text once its program is `text`."""
        return self.notebook.with_program(text) if self.notebook else text


def find(paths: Sequence[str], exclude: Sequence[str] = ()) -> Iterator[str | Problem]:
    """Every Python file and notebook under `paths`, each once, in the order given and sorted within a folder.

    A file that is named itself is always taken, whatever it is called and whatever `exclude` says.
    """
    seen: set[str] = set()
    for path in paths:
        found = list(_walk(path, exclude)) if Path(path).is_dir() else [path]
        if not found:
            yield Problem(path, "no Python files or notebooks in this folder")
        for one in found:
            if isinstance(one, Problem):
                yield one
            elif (real := os.path.realpath(one)) not in seen:
                seen.add(real)
                yield one


def _walk(folder: str, exclude: Sequence[str]) -> Iterator[str | Problem]:
    unreadable: list[Problem] = []

    def note(error: OSError) -> None:
        unreadable.append(Problem(str(error.filename), f"cannot be listed: {error.strerror}; check its permissions"))

    root = os.path.realpath(folder)
    for here, folders, files in os.walk(folder, onerror=note):
        inner = Path(here)
        folders[:] = sorted(n for n in folders if not _is_skipped(n) and not _is_excluded(inner / n, folder, exclude))
        for name in sorted(files):
            if name.endswith(SUFFIXES) and not _is_excluded(inner / name, folder, exclude):
                path = inner / name
                yield _leads_out(path, folder) if path.is_symlink() and not is_below(path, root) else str(path)
    yield from unreadable


def is_below(path: str | Path, root: str) -> bool:
    """Whether a file lies below a folder, symbolic links followed; `root` has none in it."""
    return os.path.realpath(path).startswith(root.rstrip(os.sep) + os.sep)


def _leads_out(path: Path, folder: str) -> Problem:
    target = os.path.realpath(path)
    return Problem(str(path), f"a symbolic link to {target}, outside {folder}; pass the link itself to check it")


def _is_skipped(folder: str) -> bool:
    return folder.startswith(".") or folder in SKIPPED_FOLDERS


def _is_excluded(path: Path, root: str, exclude: Sequence[str]) -> bool:
    spellings = (path.name, path.as_posix(), path.relative_to(root).as_posix())
    return any(fnmatch(spelling, glob.rstrip("/")) for glob in exclude for spelling in spellings)


def is_open_to_all(folder: Path) -> bool:
    """Whether everybody may put files there, as in /tmp: what lies there says nothing of the user's wishes."""
    try:
        return bool(os.name == "posix" and folder.stat().st_mode & stat.S_IWOTH)
    except OSError:
        return True


class NotRead(OSError):
    """Raised for what is no regular file, or too large to be one that is meant; its text says which."""


class TooLarge(NotRead):
    """Raised for a file above the limit."""


def read_regular(path: str | Path, most: int) -> bytes:
    """The bytes of a regular file of at most `most` bytes; a device, a pipe or a socket is never waited for.

    Raises NotRead for anything else, and OSError where it cannot be opened.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116  (some devices act when they are opened)
        raise NotRead("not a regular file")
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotRead("not a regular file")
        content = file.read(most + 1)
    if len(content) > most:
        raise TooLarge(f"larger than {most // 2**20} MiB")
    return content


def read_bytes(path: str) -> bytes | Problem:
    """The bytes on disk, or why they cannot be had."""
    try:
        return read_regular(path, MOST_NOTEBOOK_BYTES if path.endswith(".ipynb") else MOST_BYTES)
    except NotRead as error:
        way_out = "leave it out with --exclude" if isinstance(error, TooLarge) else "pass a Python file or a folder"
        return Problem(path, f"{error}; {way_out}")
    except FileNotFoundError:
        return Problem(path, "no such file or folder; check the path")
    except (OSError, ValueError) as error:
        return Problem(path, f"cannot be read: {getattr(error, 'strerror', None) or error}; check its permissions")


def decode(path: str, content: bytes) -> Source | Problem:
    """The text as Python would read it, line ends untouched."""
    if b"\0" in content:
        line = _line_of(content, content.index(0))
        return Problem(path, f"line {line}: contains NUL bytes; skip it with --exclude, or save it as UTF-8")
    if path.endswith(".ipynb"):
        return _decode_notebook(path, content)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = _line_of(content, error.start)
        way_out = "save it as UTF-8, or declare its encoding in the first line: # coding: …"
        return Problem(path, f"line {line}: not valid {error.encoding}; {way_out}")
    except (SyntaxError, LookupError, UnicodeError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else error
        if content.startswith(codecs.BOM_UTF8):
            return Problem(path, f"line 1: the byte order mark says UTF-8, but {reason}; remove one of them")
        return Problem(path, f"line 1: {reason}; declare the encoding in the first line, as in # coding: utf-8")
    return Source(path, content, text, encoding)


def _decode_notebook(path: str, content: bytes) -> Source | Problem:
    from autofix.source.notebooks import read_notebook  # here, as most runs meet none

    encoding = "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = _line_of(content, error.start)
        return Problem(path, f"line {line}: not valid UTF-8, as notebooks must be; save it as UTF-8")
    notebook = read_notebook(text)
    if isinstance(notebook, str):
        return Problem(path, notebook)
    return Source(path, content, notebook.code.program, encoding, notebook)


def _line_of(content: bytes, offset: int) -> int:
    return content.count(b"\n", 0, offset) + 1


def encode(source: Source, text: str) -> bytes | Problem:
    """`text` as bytes in the encoding of `source`, its byte order mark included."""
    try:
        if source.written.encode(source.encoding) != source.content:
            return Problem(source.path, f"not modified: re-encoding as {source.encoding} would change other bytes")
        return source.rewritten(text).encode(source.encoding)
    except UnicodeError as error:
        fault = f"the fixed text cannot be encoded as {source.encoding} ({error})"
        return Problem(source.path, f"not modified: {fault}; save the file as UTF-8 and run autofix again")


def write(source: Source, text: str) -> Problem | None:
    """Replace the file by `text`, whole or not at all; a symbolic link stays, and the file it points at is replaced."""
    content = encode(source, text)
    if isinstance(content, Problem):
        return content
    target = Path(os.path.realpath(source.path))
    try:
        return _replace(source, target, content)
    except OSError as error:
        return Problem(source.path, f"not modified: cannot be written ({error.strerror})")


def _replace(source: Source, target: Path, content: bytes) -> Problem | None:
    import tempfile  # here, as a preview needs none of it

    status = target.stat()
    if not os.access(target, os.W_OK):
        return Problem(source.path, "not modified: read-only; make it writable and run autofix again")
    _remove_leftovers(target.parent)
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:60]}.", suffix=".autofix", dir=target.parent)
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            _take_over(target, status, fresh)
            os.fsync(file.fileno())
        if target.read_bytes() != source.content:
            return Problem(source.path, "not modified: it changed while autofix was running; run autofix again")
        fresh.replace(target)
        _sync_folder(target.parent)
    finally:
        fresh.unlink(missing_ok=True)
    return None


def _remove_leftovers(folder: Path) -> None:
    """Remove what a process that was killed while it wrote has left beside the files of a folder."""
    for left in folder.glob(".*.autofix"):
        with contextlib.suppress(OSError):
            if _LEFTOVER.fullmatch(left.name) and time.time() - left.lstat().st_mtime > _LEFT_SECONDS:
                left.unlink()


def _take_over(target: Path, status: os.stat_result, fresh: Path) -> None:
    """Give the new file the owner, mode and extended attributes of the old one, but not its times: it did change."""
    import shutil

    if hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):  # only root may give a file away; then it is ours, as an editor's is
            os.chown(fresh, status.st_uid, status.st_gid)
    shutil.copystat(target, fresh)  # after chown, which clears setuid
    os.utime(fresh)
    if stat.S_IMODE(fresh.stat().st_mode) != stat.S_IMODE(status.st_mode):
        raise OSError(errno.EPERM, "its mode cannot be preserved", str(target))


def _sync_folder(folder: Path) -> None:
    """Make the rename last through a power cut, where the system lets a folder be opened."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
