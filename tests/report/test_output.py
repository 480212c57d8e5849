"""Standard output that is closed or full is no failure of autofix, and no word about what was written is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autofix.report.screen import Output

pytestmark = pytest.mark.slow

PROGRAM = """
import sys
from dataclasses import replace
from autofix import cli, runner
from tests.test_cli import fixer
run = runner.run
runner.run = lambda asked: run(asked, fixer)
{before}
cli.main(sys.argv[1:])
"""
BROKEN = "import numpy as np\nimport torch\nloss = np.abs(y)\n"


def start(folder: Path, *words: str, before: str = "", shell: str = "", **options: object) -> subprocess.Popen[bytes]:
    """Run the command line in a folder with a stand-in for the analysis; `shell` redirects its output."""
    for name in ("a.py", "b.py"):
        (folder / name).write_text(BROKEN)
    command = [sys.executable, "-c", PROGRAM.format(before=before), *words]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    if shell:
        command = ["sh", "-c", f'exec "$@" {shell}', "sh", *command]
    return subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
@pytest.mark.parametrize("shell", [">/dev/full", ">&-"])
@pytest.mark.parametrize("words", [(".",), (".", "--diff"), (".", "--format", "json"), (".", "--statistics")])
def test_lost_output_is_said_and_is_no_fault_of_autofix(tmp_path: Path, shell: str, words: tuple[str, ...]) -> None:
    process = start(tmp_path, *words, shell=shell)
    _, said = process.communicate(timeout=60)

    assert process.returncode == 2
    assert b"standard output could not be written" in said
    assert b"fault of autofix" not in said and b"Traceback" not in said and b"Exception ignored" not in said
    assert (tmp_path / "a.py").read_text() == BROKEN


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
@pytest.mark.parametrize("shell", [">/dev/full", ">&-"])
def test_what_was_written_is_told_though_standard_output_is_lost(tmp_path: Path, shell: str) -> None:
    process = start(tmp_path, "--apply", ".", shell=shell)
    _, said = process.communicate(timeout=60)

    assert process.returncode == 2
    assert b"fixed a.py" in said and b"fixed b.py" in said
    assert "torch.abs" in (tmp_path / "a.py").read_text() and "torch.abs" in (tmp_path / "b.py").read_text()


def test_a_reader_that_goes_ends_a_preview(tmp_path: Path) -> None:
    process = start(tmp_path, ".", stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    said = process.stderr.read() if process.stderr else b""

    assert process.wait(60) == 2
    assert b"Broken pipe" in said and b"Traceback" not in said


def test_whole_output_has_the_usual_status(tmp_path: Path) -> None:
    process = start(tmp_path, ".", stdout=subprocess.DEVNULL)
    _, said = process.communicate(timeout=60)

    assert (process.returncode, said) == (1, b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_a_file_is_written_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    slow = "import os, time; os.fsync = lambda d: (open('started', 'w').close(), time.sleep(60))"
    process = start(tmp_path, "--apply", ".", before=slow, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (tmp_path / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)

    assert process.returncode == 128 + number
    assert said.strip() == b"autofix: interrupted; no file was left half-written"
    (tmp_path / "started").unlink()
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"a.py": BROKEN, "b.py": BROKEN}


def test_the_first_failure_is_the_one_that_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stream = (tmp_path / "out").open("w")
    monkeypatch.setattr(sys, "stdout", stream)
    output = Output()
    output.write("one\n")
    stream.close()
    output.write("two\n")

    assert "closed file" in output.lost
    assert (tmp_path / "out").read_text() == "one\n"
