"""Workers that die, hang, are wanted by several or by nobody, or that run where there is no jail or no fork."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autofix.model import Request, Verdict
from autofix.verify import processes
from autofix.verify.processes import Cancellation, Worker
from autofix.verify.verifier import Verifier
from tests.verify.asking import request
from tests.verify.pythons import OLD, SLOW, WITHOUT_FORK, WITHOUT_JAIL, python, without_framework

pytestmark = pytest.mark.torch
TIMEOUT = 6.0
HEAD = "import ctypes, os, time\nimport torch\ndef loss(y_pred, y_true):\n    "
MAE = "return torch.mean(torch.abs(y_true - y_pred))"
CUT = "return float((y_true - y_pred).abs().mean())"


def asked(original: str = CUT, *candidates: str) -> Request:
    texts = [HEAD + body + "\n" for body in (original, *(candidates or (MAE,)))]
    return request("torch", "loss", "y_pred:p y_true:t", *texts)


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=TIMEOUT) as running:
        if reason := running.missing("torch"):
            pytest.skip(reason)
        yield running


def worker_of(verifier: Verifier) -> Worker:
    worker = verifier.worker("torch", Path.cwd())
    assert isinstance(worker, Worker)
    return worker


def children_of(process: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def wait_for(true: object, seconds: float = 10.0) -> None:
    """Until a callable says yes."""
    assert callable(true)
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "it never came true"
        time.sleep(0.02)


def test_one_spare_is_kept_and_each_serves_once(verifier: Verifier) -> None:
    assert verifier.verify(asked()).status == "verified"
    worker = worker_of(verifier).process.pid
    wait_for(lambda: len(children_of(worker)) == 1)
    spare = children_of(worker)
    assert verifier.verify(asked()).status == "verified"
    wait_for(lambda: len(children_of(worker)) == 1 and children_of(worker) != spare)


def test_without_a_spare_each_request_is_forked_for() -> None:
    with Verifier(None, timeout=TIMEOUT, spare=False) as verifier:
        assert verifier.verify(asked()).status == "verified"
        wait_for(lambda: children_of(worker_of(verifier).process.pid) == [])


RANDOM = "import random, numpy as np; return float(((y_true - y_pred) * {}).abs().mean())"
GENERATORS = ("torch.rand(1)", "torch.nn.functional.dropout(y_true)", "np.random.rand()", "random.random()")


@pytest.mark.parametrize("generator", GENERATORS)
def test_the_warm_up_is_not_seen(verifier: Verifier, generator: str) -> None:
    """Random numbers come out as in a child that was forked for the request."""
    body = RANDOM.format(generator)
    with Verifier(None, timeout=TIMEOUT, spare=False) as forking:
        one, other = (each.verify(asked(body, body.replace("float", ""))) for each in (verifier, forking))
    assert one.status == "verified"
    assert one == other


def test_the_defaults_are_those_of_a_fresh_process(verifier: Verifier) -> None:
    body = (
        "assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()\n    "
        "assert not torch.are_deterministic_algorithms_enabled() and torch.get_num_threads() == 1\n    "
        "import sys, linecache; assert not [one for one in linecache.cache if 'warm' in one]\n    "
    )
    assert verifier.verify(asked(body + CUT)).status == "verified"


def test_a_spare_that_is_killed_is_not_missed(verifier: Verifier) -> None:
    assert verifier.verify(asked()).status == "verified"
    worker = worker_of(verifier).process.pid
    wait_for(lambda: len(children_of(worker)) == 1)
    os.kill(children_of(worker)[0], signal.SIGKILL)
    assert verifier.verify(asked()).status == "verified"
    assert worker_of(verifier).process.pid == worker


def test_a_worker_that_dies_is_started_again_and_only_once() -> None:
    with Verifier(None, timeout=TIMEOUT) as verifier:
        assert verifier.verify(asked()).status == "verified"
        for _ in range(2):
            # After each answer one death is forgiven.
            worker_of(verifier).process.kill()
            assert verifier.verify(asked()).status == "verified"
        for _ in range(2):
            worker = worker_of(verifier)
            assert worker.wait_until(("ready",), Cancellation()) is None
            worker.process.kill()
            wait_for(lambda worker=worker: worker.has_ended)
        verdict = verifier.verify(asked())
    assert verdict.status == "unverifiable"
    assert "the worker for torch crashed twice (killed with signal 9" in verdict.reason


def test_a_worker_that_dies_under_a_request_is_told(verifier: Verifier) -> None:
    with Verifier(None, timeout=TIMEOUT) as dying:
        assert dying.verify(asked()).status == "verified"
        found: list[Verdict] = []
        waiting = threading.Thread(target=lambda: found.append(dying.verify(asked(CUT, "while True: pass"))))
        waiting.start()
        time.sleep(1.0)
        worker_of(dying).process.kill()
        waiting.join(TIMEOUT + 5)
        assert found[0].status == "rejected"
        assert "the worker process ended while the rewritten loss ran (killed with signal 9" in found[0].reason
        assert dying.verify(asked()).status == "verified"


def test_a_verification_is_cancelled_and_the_next_is_not(verifier: Verifier) -> None:
    cancellation, found = Cancellation(), list[Verdict]()
    begun = time.monotonic()
    waiting = threading.Thread(target=lambda: found.append(verifier.verify(asked("while True: pass"), cancellation)))
    waiting.start()
    time.sleep(0.5)
    worker = worker_of(verifier).process.pid
    cancellation.cancel()
    cancellation.cancel()
    waiting.join(2.0)
    assert found == [Verdict("unverifiable", "cancelled")]
    assert time.monotonic() - begun < TIMEOUT - 1
    wait_for(lambda: len(children_of(worker)) == 1)
    assert verifier.verify(asked()).status == "verified"
    assert worker_of(verifier).process.pid == worker


def test_what_is_cancelled_before_it_begins_is_not_run(verifier: Verifier, tmp_path: Path) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    assert verifier.verify(asked(), cancellation) == Verdict("unverifiable", "cancelled")
    slow = python(tmp_path, SLOW)
    with Verifier(slow, timeout=TIMEOUT) as starting:
        cancellation = Cancellation()
        threading.Timer(0.3, cancellation.cancel).start()
        begun = time.monotonic()
        assert starting.verify(asked(), cancellation) == Verdict("unverifiable", "cancelled")
        assert time.monotonic() - begun < 5.0


def test_several_at_once(verifier: Verifier) -> None:
    """A verifier is shared by threads; an endless loss of one holds up none of the others, and no answers are mixed."""
    flat = "return (y_true ** 2).mean()"
    bodies = {"verified": CUT, "healthy": MAE, "flat": flat, "unverifiable": "while True: pass"}
    found: list[tuple[str, str, float]] = []

    def run(wanted: str) -> None:
        begun = time.monotonic()
        found.append((wanted, verifier.verify(asked(bodies[wanted])).status, time.monotonic() - begun))

    threads = [threading.Thread(target=run, args=(one,)) for one in [*bodies] * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [wanted for wanted, status, _ in found if wanted != status] == []
    assert all(seconds < TIMEOUT for wanted, _, seconds in found if wanted != "unverifiable")
    assert len(verifier.workers.running) == 1


def test_an_idle_worker_ends_and_is_started_again() -> None:
    with Verifier(None, timeout=TIMEOUT, idle=0.3) as verifier:
        for _ in range(3):
            assert verifier.verify(asked()).status == "verified"
            worker = worker_of(verifier)
            wait_for(lambda worker=worker: worker.has_ended)
            assert worker.process.wait() == 0


def test_private_folders_are_removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Verifier(None, timeout=TIMEOUT) as verifier:
        assert verifier.verify(asked("open('left', 'w').close(); " + CUT)).status == "verified"
        verifier.verify(asked("os.abort()"))
        assert len(list(tmp_path.iterdir())) == 1
        os.kill(worker_of(verifier).process.pid, signal.SIGKILL)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("before", [WITHOUT_FORK, WITHOUT_JAIL])
def test_where_nothing_can_be_confined_nothing_is_run(tmp_path: Path, before: str) -> None:
    witness = tmp_path / "witness"
    body = f"open({str(witness)!r}, 'w').write('run'); {CUT}"
    with Verifier(python(tmp_path, before), timeout=TIMEOUT) as verifier:
        told = verifier.missing("torch")
        verdict = verifier.verify(asked(body))
    assert told == verdict.reason
    assert verdict.reason.startswith("no sandbox is available (") and "--allow-unsandboxed" in verdict.reason
    assert not witness.exists()


@pytest.mark.parametrize("before", [WITHOUT_FORK, WITHOUT_JAIL])
def test_allowed_it_is_run_and_the_evidence_says_so(tmp_path: Path, before: str) -> None:
    """The same protocol, deadlines and limits with and without forks; only the jail is missing."""
    with Verifier(python(tmp_path, before), timeout=2.0, allow_unsandboxed=True) as verifier:
        assert verifier.missing("torch") is None
        verdict = verifier.verify(asked())
        assert verdict.status == "verified"
        assert verdict.evidence is not None and not verdict.evidence.sandboxed
        verdict = verifier.verify(asked("while True: pass"))
        assert verdict.reason == "the loss did not finish within 2 s; --timeout allows more"
        assert "signal 11" in verifier.verify(asked("ctypes.string_at(0)")).reason
        assert "RuntimeError" in verifier.verify(asked("return torch.ones(1 << 40).sum()")).reason
        assert verifier.verify(asked(CUT, "os._exit(1)")).status == "rejected"
        assert verifier.verify(asked()).status == "verified"


def test_in_the_jail_the_evidence_says_nothing_of_it(verifier: Verifier) -> None:
    verdict = verifier.verify(asked())
    assert verdict.evidence is not None and verdict.evidence.sandboxed


START_FAULTS = {
    "not there": (lambda folder: folder / "no-python", "could not be run: No such file or directory"),
    "a folder": (lambda folder: folder, "could not be run: Permission denied"),
    "not executable": (lambda folder: text(folder, "#!/bin/sh\n", 0o644), "could not be run: Permission denied"),
    "no program": (lambda folder: text(folder, "hello", 0o755), "could not be run: Exec format error"),
    "no Python": (
        lambda folder: python(folder, shell="echo broken installation >&2; exit 3"),
        "cannot be used as a Python interpreter (exit status 3: broken installation)",
    ),
    "too old": (lambda folder: python(folder, OLD), "it is Python 3.7, and 3.8 or later is needed"),
    "old framework": (
        lambda folder: without_framework(folder, "torch", "__version__ = '1.12.1+cu116'"),
        "torch 1.12.1+cu116 is too old: 1.13 or later is needed (",
    ),
    "no framework": (
        lambda folder: python(folder, "sys.path[:] = [one for one in sys.path if 'site-packages' not in one]"),
        "torch is not installed",
    ),
    "import error": (
        lambda folder: without_framework(folder, "torch", "import no_such_module"),
        "import torch failed: ModuleNotFoundError: No module named 'no_such_module'",
    ),
    "missing library": (
        lambda folder: without_framework(folder, "torch", "raise ImportError('libcudart.so.13: cannot open\\nadvice')"),
        "import torch failed: ImportError: libcudart.so.13: cannot open (",
    ),
    "crash": (
        lambda folder: without_framework(folder, "torch", "import ctypes; ctypes.string_at(0)"),
        "ended while importing torch (signal 11",
    ),
    "exit": (lambda folder: without_framework(folder, "torch", "import os; os._exit(4)"), "(exit status 4"),
}


def text(folder: Path, content: str, mode: int) -> Path:
    made = folder / "python"
    made.write_text(content)
    made.chmod(mode)
    return made


@pytest.mark.parametrize("name", START_FAULTS)
def test_an_interpreter_that_cannot_serve_says_why_at_once(tmp_path: Path, name: str) -> None:
    make, reason = START_FAULTS[name]
    with Verifier(make(tmp_path), timeout=TIMEOUT) as verifier:
        first = verifier.verify(asked())
        begun = time.monotonic()
        assert verifier.verify(asked()) == first
        assert time.monotonic() - begun < 0.5
    assert first.status == "unverifiable"
    assert reason in first.reason
    assert str(tmp_path) in first.reason


def test_a_start_that_was_killed_is_tried_once_more(tmp_path: Path) -> None:
    killed = without_framework(tmp_path, "torch", "import os; os.kill(os.getpid(), 9)")
    with Verifier(killed, timeout=TIMEOUT) as verifier:
        first, second, third = (verifier.verify(asked()) for _ in range(3))
    told = "ended while importing torch (killed with signal 9, probably because memory ran out"
    assert told in first.reason and second == first
    assert "crashed twice" in third.reason and third.status == "unverifiable"


def test_an_import_without_an_end_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "START_SECONDS", 1.0)
    slow = without_framework(tmp_path, "torch", "import time; time.sleep(60)")
    with Verifier(slow, timeout=TIMEOUT) as verifier:
        assert verifier.missing("torch") is None
        verdict = verifier.verify(asked())
    assert verdict == Verdict("unverifiable", f"import torch took more than 1 s with {slow}")
