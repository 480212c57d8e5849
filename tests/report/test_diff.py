"""The diff is what `git apply` and `patch` take."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from autofix.report.diff import unified_diff


def test_headers_and_hunk() -> None:
    expected = "--- a/pkg/loss.py\n+++ b/pkg/loss.py\n@@ -1,2 +1,2 @@\n import torch\n-x = 1\n+x = 2\n"

    assert unified_diff("pkg/loss.py", "import torch\nx = 1\n", "import torch\nx = 2\n") == expected


def test_same_text_gives_nothing() -> None:
    assert unified_diff("a.py", "x = 1\n", "x = 1\n") == ""


def test_missing_final_newline_is_said() -> None:
    diff = unified_diff("a.py", "x = 1", "x = 2\n")

    assert diff.endswith("-x = 1\n\\ No newline at end of file\n+x = 2\n")


@pytest.mark.parametrize(
    ("path", "header"),
    [
        ("a.py", "--- a/a.py\n"),
        ("/srv/a.py", "--- a/srv/a.py\n"),
        ("my loss.py", "--- a/my loss.py\t\n"),
        ('quo"te.py', '--- "a/quo\\"te.py"\n'),
        ("new\nline.py", '--- "a/new\\nline.py"\n'),
    ],
)
def test_names_as_git_prints_them(path: str, header: str) -> None:
    assert unified_diff(path, "x = 1\n", "x = 2\n").startswith(header)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1\r\ny = 2\r\n", "x = 1\r\ny = 3\r\n"),
        ("x = 1\ny = 2", "x = 1\ny = 3"),
        ("x = 1\ny = 2", "x = 1\ny = 3\n"),
        ("x = 1\n\x0c\ny = '\u2028'\n", "x = 1\n\x0c\ny = '\u2028 '\n"),
        ("\ufeffimport numpy\nx = 'é'\n", "\ufeffx = 'é'\n"),
    ],
)
def test_git_applies_it(tmp_path: Path, before: str, after: str) -> None:
    file = tmp_path / "my loss.py"
    file.write_bytes(before.encode())
    diff = unified_diff(file.name, before, after).encode()

    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=diff, cwd=tmp_path, check=True)

    assert file.read_bytes() == after.encode()
