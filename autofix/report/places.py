"""How a file, and a finding in it, is named for other programs: paths relative to the working folder, with slashes."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from urllib.parse import quote

from autofix.model import Finding, Span, Step


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


def span_in_file(placed: Finding | Step) -> Span | None:
    """Return where something stands in its file; in a notebook that is a stretch of its JSON, None where not known."""
    return placed.span if placed.cell is None else placed.written


def _plain(path: str) -> str:
    return Path(path).as_posix()


def fingerprint(finding: Finding, seen: Counter[tuple[str, str, str]]) -> str:
    """Return what stays the same for a fault when lines above it come and go: of its file, loss, cause, and number."""
    key = (relative(finding.path), finding.loss, finding.code)
    seen[key] += 1
    return digest(*key, str(seen[key]))


def digest(*parts: str) -> str:
    """Return a short name for some texts, other for others."""
    return hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()[:32]
