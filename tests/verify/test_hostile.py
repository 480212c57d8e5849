"""Losses that do not end, kill their process or flood: the host lives on, says so, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autofix.verify.client import Verifier
from autofix.verify.worker import landlock, seccomp
from tests.verify.asking import request

pytestmark = pytest.mark.torch
GOOD = "return torch.mean(torch.abs(y_true - y_pred))"
TIMEOUT = 6.0


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=TIMEOUT) as running:
        if reason := running.missing("torch"):
            pytest.skip(reason)
        yield running


def ask(verifier: Verifier, original: str, *candidates: str) -> tuple[str, str]:
    texts = [
        f"import ctypes, os, signal\nimport torch\ndef loss(y_pred, y_true):\n    {one}\n"
        for one in (original, *candidates)
    ]
    verdict = verifier.verify(request("torch", "loss", "y_pred:p y_true:t", *texts))
    return verdict.status, verdict.reason


ENDS = {
    "endless": ("while True: pass", f"the loss did not end within {TIMEOUT:g} s"),
    "exit": ("os._exit(0)", "the loss ended its process (exit status 0)"),
    "segmentation fault": ("ctypes.string_at(0)", "the loss killed its process (signal 11)"),
    "abort": ("os.abort()", "the loss killed its process (signal 6)"),
    "flood": ("while True: os.write(1, b'x' * 65536)", "the loss printed more than 16 MB"),
    "sys.exit": ("import sys; sys.exit(3)", "no inputs were found on which the loss runs (SystemExit: 3)"),
    "swallower": (
        "\n    while True:\n        try:\n            raise ValueError\n        except BaseException: pass",
        "did not end within",
    ),
    "memory": (
        "return torch.ones(1 << 40).sum() + y_pred.sum()",
        "no inputs were found on which the loss runs (RuntimeError",
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_hostile_original_is_unverifiable(verifier: Verifier, name: str) -> None:
    body, reason = ENDS[name]
    status, told = ask(verifier, body, GOOD)
    assert status == "unverifiable"
    assert reason in told


def test_the_worker_serves_on_after_all_this(verifier: Verifier) -> None:
    ask(verifier, "os._exit(0)", GOOD)
    assert ask(verifier, "return float((y_true - y_pred).abs().mean())", GOOD) == ("verified", "")


def test_hostile_candidate_fails_and_the_next_is_tried(verifier: Verifier) -> None:
    original = "return float((y_true - y_pred).abs().mean())"
    assert ask(verifier, original, "os._exit(1)", "ctypes.string_at(0)", GOOD) == ("verified", "")
    assert ask(verifier, original, "ctypes.string_at(0)") == (
        "rejected",
        "the patched loss killed its process (signal 11)",
    )


def test_prints_do_not_disturb_the_answer(verifier: Verifier) -> None:
    noisy = 'print("{\\"finished\\": true}"); os.write(1, b"[]\\n{}\\n"); return float((y_true - y_pred).abs().mean())'
    assert ask(verifier, noisy, GOOD) == ("verified", "")


FORGED = (
    b'{"oracle": {"unstable": false}}\n{"finished": true}\n',
    b'[1]\n7\nnull\nno JSON\n{"finished": true}\n',
    b'{"begun": 0}\n{"candidate": 0, "scenarios": []}\n{"finished": true}\n',
)


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_report_raises_nothing_and_proves_nothing(verifier: Verifier, forged: bytes) -> None:
    everywhere = (
        f"\n    for fd in range(3, 20):\n        try: os.write(fd, {forged!r})\n        except OSError: pass\n    "
    )
    assert ask(verifier, everywhere + "return 1.0", GOOD)[0] == "unverifiable"


def test_private_folders_are_removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with Verifier(None, timeout=TIMEOUT) as verifier:
        assert (
            ask(verifier, "open('left', 'w').close(); return float((y_true - y_pred).abs().mean())", GOOD)[0]
            == "verified"
        )
        ask(verifier, "os.abort()", GOOD)
    assert list(tmp_path.iterdir()) == []


IS_JAILED = sys.platform.startswith("linux") and seccomp.supported() and landlock.version() >= landlock.LEAST_VERSION
OUTWARD = {
    "write": "open({place!r}, 'w')",
    "delete": "os.unlink({place!r})",
    "mode": "os.chmod({place!r}, 0)",
    "read": "open({place!r}).read()",
    "connect": "import socket; socket.socket()",
    "process": "os.fork()",
    "program": "os.execv('/bin/true', ['true'])",
    "signal": "os.kill(os.getppid(), 9)",
}


@pytest.mark.skipif(not IS_JAILED, reason="this kernel has no Landlock or seccomp")
@pytest.mark.parametrize("name", OUTWARD)
def test_the_sandbox_holds(verifier: Verifier, tmp_path: Path, name: str) -> None:
    place = tmp_path / "secret"
    place.write_text("secret")
    status, reason = ask(verifier, OUTWARD[name].format(place=str(place)) + "; return y_pred.sum().item()", GOOD)
    assert status == "unverifiable"
    assert "PermissionError" in reason
    assert place.read_text() == "secret"


def test_the_environment_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_SECRET", "1")
    hidden = "'MY_SECRET' not in os.environ and 'HOME' not in os.environ"
    body = f"assert {hidden}; return float((y_true - y_pred).abs().mean())"
    with Verifier(None, timeout=TIMEOUT) as verifier:
        assert ask(verifier, body, GOOD)[0] == "verified"


def test_a_killed_worker_is_started_again(verifier: Verifier) -> None:
    worker = next(iter(verifier.workers.values()))
    worker.process.kill()
    worker.process.wait()
    assert ask(verifier, "return float((y_true - y_pred).abs().mean())", GOOD) == ("verified", "")


def test_framework_that_is_missing_or_broken(tmp_path: Path) -> None:
    with Verifier(tmp_path / "no-python") as verifier:
        assert "could not be run" in (verifier.missing("torch") or "")
        assert ask(verifier, "return 1", GOOD)[0] == "unverifiable"
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nshift 2\nexec "{sys.executable}" -I -S -B -u "$@"\n')
    bare.chmod(0o755)
    with Verifier(bare) as verifier:
        assert "torch is not installed" in (verifier.missing("torch") or "")
        assert "torch is not installed" in ask(verifier, "return 1", GOOD)[1]


def processes_of(session: str) -> list[int]:
    """The processes that have a mark in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and session.encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


HOST = """
import sys
from autofix.verify.client import Verifier
from tests.verify.asking import request
body = "import torch\\ndef loss(y_pred, y_true):\\n    while True: pass\\n"
with Verifier(None, timeout=60) as verifier:
    print(verifier.missing("torch"), flush=True)
    verifier.verify(request("torch", "loss", "y_pred:p y_true:t", body, body))
"""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_behind_when_the_host_ends(end: signal.Signals, tmp_path: Path) -> None:
    mark = str(tmp_path)
    path = os.pathsep.join([str(Path.cwd()), mark])
    host = subprocess.Popen(
        [sys.executable, "-c", HOST],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert host.stdout is not None
    assert host.stdout.readline() == b"None\n"
    deadline = time.monotonic() + 30
    while len(processes_of(mark)) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(2.5)
    host.send_signal(end)
    host.wait(timeout=10)
    deadline = time.monotonic() + 10
    while processes_of(mark) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_of(mark) == []
