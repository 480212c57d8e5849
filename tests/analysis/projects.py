"""Small projects of several files, for the tests of what is found across them."""

from __future__ import annotations

import re
from pathlib import Path


from autofix.fix import look
from autofix.project import ProjectFiles

_HEAD = re.compile(r"^# (\S+\.py)\n", re.MULTILINE)


def written(folder: Path, project: str) -> Path:
    """Write the files of a project, each below a line `# path.py`, and return its root."""
    pieces = _HEAD.split(project)
    (folder / "pyproject.toml").touch()
    for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def found(folder: Path, *checked: str) -> list[tuple[str, int, str, str]]:
    """Return file, line, code and loss of every finding, where these files are checked together."""
    given = {str(folder / name): (folder / name).read_text() for name in checked}
    files = ProjectFiles(given)
    findings = [each for path, text in given.items() for each in look(text, path, around=files.around(path)).findings]
    return [(Path(each.path).name, each.span.line, each.code, each.loss) for each in findings]
