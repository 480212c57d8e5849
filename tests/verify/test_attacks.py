"""What a project brings is executed inside the jail, from its first instruction: each attack is run for real."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest

from autofix.worker import jail
from tests.verify import attacks

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(bool(jail.lacking()), reason=jail.lacking() or "there is a jail"),
]


def autofix(base: Path, *words: str) -> str:
    """What the user sees in the project's folder."""
    ran = subprocess.run(
        [sys.executable, "-m", "autofix", "--no-cache", *words, "loss.py"],
        cwd=base / "project",
        env=attacks.surroundings(base),
        capture_output=True,
        text=True,
    )
    return ran.stdout + ran.stderr


@pytest.mark.parametrize("way", attacks.WAYS)
def test_it_is_executed_and_can_do_nothing(tmp_path: Path, way: str) -> None:
    attacks.WAYS[way](attacks.project(tmp_path), attacks.TELLS)

    said = autofix(tmp_path)

    assert attacks.CONTAINED in said, said
    assert attacks.marks(tmp_path) == []


@pytest.mark.parametrize("way", attacks.WAYS)
def test_one_that_goes_on_as_a_python_proves_fixes(tmp_path: Path, way: str) -> None:
    attacks.WAYS[way](attacks.project(tmp_path), attacks.GOES_ON)

    said = autofix(tmp_path)

    assert attacks.FIXED in said, said
    assert attacks.marks(tmp_path) == []


def test_a_framework_of_the_project_is_imported_inside(tmp_path: Path) -> None:
    attacks.as_torch(attacks.project(tmp_path), attacks.TELLS)

    said = autofix(tmp_path)

    assert attacks.CONTAINED in said, said
    assert attacks.marks(tmp_path) == []


@pytest.mark.parametrize("name", ["torch.py", "numpy.py", "click.py", "json.py", "sitecustomize.py"])
def test_nothing_is_imported_by_an_empty_entry_of_the_path(tmp_path: Path, name: str) -> None:
    """The user's own Python may do so at its start; what it starts does not."""
    root = attacks.project(tmp_path)
    attacks.real(root / ".venv")
    if name != "sitecustomize.py":
        (root / name).write_text(attacks.attack(tmp_path, ""))

    said = autofix(tmp_path)

    assert attacks.FIXED in said, said
    assert attacks.marks(tmp_path) == []


READ = {
    "the project's secrets": "open('.env').read()",
    "a hidden folder": "open('.git/config').read()",
    "a key of the user": "open(os.path.expanduser('~/.ssh/id_rsa')).read()",
    "another project": "open('../elsewhere/notes.txt').read()",
    "a command line": "open(f'/proc/{os.getppid()}/cmdline').read()",
    "that of the host": "[open(f'/proc/{one}/cmdline').read() for one in os.listdir('/proc') if one.isdigit()]",
    "an environment": "open(f'/proc/{os.getppid()}/environ').read()",
}


@pytest.mark.parametrize("name", READ)
def test_no_secret_comes_out_by_way_of_an_exception(tmp_path: Path, name: str) -> None:
    root = attacks.project(tmp_path)
    body = f"os.chdir({str(root)!r})\n    raise ValueError('it says ' + str({READ[name]}))"
    (root / "loss.py").write_text(attacks.PROGRAM.replace("import numpy", "import os\nimport numpy").replace(
        "    return np", f"    {body}\n    return np"
    ))  # fmt: skip

    said = autofix(tmp_path)

    assert "PermissionError" in said, said
    assert "it says" not in said.partition("PermissionError")[2]
    assert "s3cr3t" not in said


def test_where_the_home_is_written_to_nothing_is(tmp_path: Path) -> None:
    root = attacks.project(tmp_path)
    write = "open(os.path.expanduser('~/mark'), 'w')"
    text = attacks.PROGRAM.replace("import numpy", "import os\nimport numpy")
    (root / "loss.py").write_text(text.replace("    return np", f"    {write}\n    return np"))

    assert "PermissionError" in autofix(tmp_path)
    assert attacks.marks(tmp_path) == []


def test_a_process_that_is_left_behind_ends_with_the_worker(tmp_path: Path) -> None:
    """What an interpreter has started beside itself is in its group, and cannot leave that."""
    root = attacks.project(tmp_path)
    attacks.as_setting(root, attacks.GOES_ON)
    (root / "evil").write_text(f'#!/bin/sh\n(setsid sleep 321 || sleep 321) &\nexec "{sys.executable}" "$@"\n')

    said = autofix(tmp_path)

    assert attacks.FIXED in said, said
    assert not left("sleep\x00321")


def left(command: str) -> list[Path]:
    """The processes of a command."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found += [each] if command in each.read_text() else []
    return found
