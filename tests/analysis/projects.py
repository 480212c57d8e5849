"""Small projects of several files, for the tests of what is found across them."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from autofix.analysis.project import ProjectFiles
from autofix.model import Finding
from autofix.pipeline import look

_HEAD = re.compile(r"^# (\S+\.py)\n", re.MULTILINE)


def written(folder: Path, project: str) -> Path:
    """Write the files of a project, each below a line `# path.py`, and return its root."""
    pieces = _HEAD.split(textwrap.dedent(project))
    (folder / "pyproject.toml").touch()
    for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def findings(folder: Path, *checked: str) -> list[Finding]:
    """Return what is found where these files are checked together."""
    given = {str(folder / name): (folder / name).read_text() for name in checked}
    files = ProjectFiles(given)
    return [each for path, text in given.items() for each in look(text, path, around=files.around(path)).findings]


def found(folder: Path, *checked: str) -> list[tuple[str, str, str]]:
    """Return file, code and loss of every finding, where these files are checked together."""
    return [(Path(each.path).name, each.code, each.loss) for each in findings(folder, *checked)]
