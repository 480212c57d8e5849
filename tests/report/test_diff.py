"""The diff is what `git apply` and `patch` take."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autofix.model import Outcome
from autofix.report.results import Checked
from autofix.report.screen import Screen
from autofix.source.diff import patch, unified_diff
from autofix.source.files import Source
from autofix.source.settings import Settings


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


@pytest.mark.parametrize(
    "before",
    [
        b"# coding: latin-1\r\nx = np.abs(y)  # d\xe9j\xe0 \x1b[31m\x0c\r\nz = 1",
        b"\xef\xbb\xbfx = np.abs(y)\n",
        b"# \xe2\x80\xae turned around\x07\nx = np.abs(y)\r\r\n",
    ],
)
def test_a_patch_of_bytes_is_applied_byte_for_byte(before: bytes, tmp_path: Path) -> None:
    after = before.replace(b"np.abs", b"torch.abs")
    (tmp_path / "loss é.py").write_bytes(before)

    subprocess.run(["git", "apply", "-"], input=patch("loss é.py", before, after), cwd=tmp_path, check=True)

    assert (tmp_path / "loss é.py").read_bytes() == after
    assert patch("a.py", before, before) == b""


@pytest.mark.parametrize("is_terminal", [False, True])
def test_a_diff_is_exact_in_a_pipe_and_acts_on_no_terminal(is_terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"x = np.abs(y)  # \x1b]52;c;cm0=\x07 \xe2\x80\xae\n"
    source = Source("a.py", content, content.decode(), "utf-8")
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(stream, "isatty", lambda: is_terminal, raising=False)
    monkeypatch.setattr(sys, "stdout", stream)

    done = Checked("a.py", source, Outcome(source.text.replace("np", "torch")))
    Screen(Settings(format="diff", quiet=True), apply=False, files=1).show(done, 1)
    stream.flush()

    printed = stream.buffer.getvalue()  # type: ignore[attr-defined]
    assert (content in printed.replace(b"\n-", b"\n")) is not is_terminal
    assert (b"\x1b]52" in printed) is not is_terminal
    assert ("␛]52;c;cm0=␇ \ufffd".encode() in printed) is is_terminal
