"""Many verifications in a row, and hosts that end in every way: nothing hangs, grows or is left behind.

60 with PyTorch and 24 with TensorFlow here; `benchmarks/verify.py --count 500` runs as many as one likes.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autofix.model import Framework
from autofix.verify.verifier import Verifier
from tests.verify.asking import request

BODY = """
import {imported}
def loss(y_pred, y_true):
    return {value}
"""
LOSSES: dict[Framework, tuple[str, str, int]] = {
    "torch": ("torch", "(y_true - y_pred).abs().mean()", 60),
    "tensorflow": ("tensorflow as tf", "tf.reduce_mean(tf.abs(y_true - y_pred))", 24),
}
needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")


def resident(process: int) -> int:
    """In KiB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def files_of(process: int) -> int:
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def settled(worker: int) -> None:
    """Wait until the worker has its one spare and no other child."""
    limit = time.monotonic() + 10.0
    while len(Path(f"/proc/{worker}/task/{worker}/children").read_text().split()) != 1:
        assert time.monotonic() < limit, "children are left"
        time.sleep(0.05)


@needs_proc
@pytest.mark.parametrize("framework", [pytest.param(one, marks=getattr(pytest.mark, one)) for one in LOSSES])
def test_many_in_a_row(framework: Framework, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    imported, value, count = LOSSES[framework]
    texts = [BODY.format(imported=imported, value=one) for one in (f"float({value})", value)]
    asked = request(framework, "loss", "y_pred:p y_true:t", *texts)
    with Verifier(None) as verifier:
        if reason := verifier.missing(framework):
            pytest.skip(reason)
        for _ in range(3):
            assert verifier.verify(asked).status == "verified"
        worker = next(iter(verifier.workers.running.values())).process.pid
        settled(worker)
        before = resident(worker), files_of(worker), files_of(os.getpid())
        for _ in range(count):
            assert verifier.verify(asked).status == "verified"
        settled(worker)
        after = resident(worker), files_of(worker), files_of(os.getpid())
        assert len(list(next(tmp_path.iterdir()).glob("run-*"))) == 1
    assert after[1:] == before[1:]
    assert after[0] - before[0] < 4096
    assert list(tmp_path.iterdir()) == []


HOST = """
import signal, sys, tempfile
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
from autofix.verify.verifier import Verifier
from tests.verify.asking import request
body = "import torch\\ndef loss(y_pred, y_true):\\n    while True: pass\\n"
with Verifier(None, timeout=60) as verifier:
    print(verifier.missing("torch"), flush=True)
    if len(sys.argv) > 1: sys.stdin.read()
    verifier.verify(request("torch", "loss", "y_pred:p y_true:t", body, body))
"""


def processes_of(mark: str) -> list[int]:
    """The processes that have a mark in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark.encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


@needs_proc
@pytest.mark.torch
@pytest.mark.parametrize("idle", [True, False], ids=["starting", "running"])
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_behind_when_the_host_ends(end: signal.Signals, idle: bool, tmp_path: Path) -> None:
    folders = tmp_path / "folders"
    folders.mkdir()
    mark = str(folders)
    host = subprocess.Popen(
        [sys.executable, "-c", HOST, *(["wait"] if idle else [])],
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), "TMPDIR": str(folders)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert host.stdout is not None
    assert host.stdout.readline() == b"None\n"
    if not idle:
        # The host, the worker, who watches over it, the child that runs and the spare.
        wait_until(lambda: len(processes_of(mark)) >= 4)
        time.sleep(1.0)
    assert len(processes_of(mark)) >= 2 and len(list(folders.iterdir())) == 1
    host.send_signal(end)
    host.wait(timeout=10)
    wait_until(lambda: processes_of(mark) == [] and list(folders.iterdir()) == [])


ENDLESS = """import numpy as np
import torch


def endless(p, y):
    while True:
        np.mean(p.detach().numpy())
    return np.mean(np.abs((p - y).detach().numpy()))


def step(model, x, y):
    endless(model(x), y).backward()
"""


COMMAND = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
from autofix.cli import main
main()
"""


@needs_proc
@pytest.mark.torch
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_behind_when_the_command_line_is_ended(end: signal.Signals, tmp_path: Path) -> None:
    folders, project = tmp_path / "folders", tmp_path / "project"
    folders.mkdir()
    project.mkdir()
    mark = str(folders)
    (project / "loss.py").write_text(ENDLESS)
    start = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from autofix.cli import main; main()"
    )
    host = subprocess.Popen(
        [sys.executable, "-c", start, "--timeout", "600", str(project)],
        env={**os.environ, "TMPDIR": str(folders), "AUTOFIX_CACHE_DIR": str(tmp_path / "cache")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    # The host, the worker, who watches over it, the child that runs and the spare.
    wait_until(lambda: len(processes_of(mark)) >= 5, 120.0)
    time.sleep(1.0)
    host.send_signal(end)
    _, said = host.communicate(timeout=60)
    assert host.returncode == 128 + end
    assert b"interrupted" in said
    wait_until(lambda: processes_of(mark) == [] and list(folders.iterdir()) == [])
    assert list((tmp_path / "cache").glob("*.unfinished")) == []


def wait_until(true: object, seconds: float = 20.0) -> None:
    assert callable(true)
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "it never came true"
        time.sleep(0.1)
