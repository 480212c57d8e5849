"""Losses that do everything they should not: contained, told in words, and the next one is served as before.

Half of the tests are for what right losses do, which must go on working in the sandbox.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from autofix.model import Verdict
from autofix.verify.launcher import environment
from autofix.verify.verifier import Verifier
from tests.verify import hostile
from tests.verify.asking import request

TIMEOUT, PATIENT = 3.0, 30.0
"""Seconds for what hangs, and for what goes on working, on a busy machine too."""
WAYS = {
    "torch": ("torch.mean(torch.abs(y_true - y_pred))", "(y_true - y_pred).abs().mean().item()"),
    "tensorflow": ("tf.reduce_mean(tf.abs(y_true - y_pred))", "float(tf.reduce_mean(tf.abs(y_true - y_pred)))"),
}
HEAD = """
import ctypes, os, sys
import {imported}
def called(name, *given):
    ctypes.set_errno(0)
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*given) == -1:
        raise OSError(ctypes.get_errno(), name)
def everywhere(content):
    for number in range(3, 256):
        try: os.write(number, content)
        except OSError: pass
def loss(y_pred, y_true):
    {body}
    return {value}
"""
IMPORTED = {"torch": "torch", "tensorflow": "tensorflow as tf"}
# What the frameworks have a part in; the rest is the system's and is tried with one of them.
OF_THE_FRAMEWORKS = {"TORCHINDUCTOR_CACHE_DIR", "KMP_INIT_AT_FORK", "KMP_DUPLICATE_LIB_OK"}
OF_TENSORFLOW = (
    "write a new file", "TCP", "fork", "subprocess", "kill the worker", "memory", "endless", "segmentation fault",
    "flood", "a thread that never ends", "no JSON any more", "late imports of the library", "a file of the project",
    "a module of the project", "temporary files", "threads", "linear algebra of NumPy",
)  # fmt: skip


def each(table: Iterable[str]) -> pytest.MarkDecorator:
    """Every snippet with torch, some with TensorFlow too."""
    names = list(table)
    pairs = [("torch", name) for name in names] + [("tensorflow", name) for name in names if name in OF_TENSORFLOW]
    return pytest.mark.parametrize(
        ("framework", "name"), [pytest.param(*pair, marks=getattr(pytest.mark, pair[0])) for pair in pairs]
    )


@dataclass(frozen=True)
class Host:
    """A verifier for all the tests, and a folder that no loss may touch."""

    verifier: Verifier
    outside: Path

    def verdict(self, framework: str, body: str) -> Verdict:
        """Of a loss that does this first; the sandbox has to hold, and the worker to live on."""
        if reason := self.verifier.missing(framework, self.outside.parent):
            pytest.skip(reason)
        is_x86 = str(platform.machine() == "x86_64")
        body = body.replace("PLACE", str(self.outside)).replace("HOST", str(os.getpid())).replace("X86", is_x86)
        right, broken = WAYS[framework]
        texts = [
            HEAD.format(imported=IMPORTED[framework], body=given, value=value)
            for given, value in ((body, broken), ("pass", right))
        ]
        path = str(self.outside.parent / "project/loss.py")
        asked = request(framework, "loss", "y_pred:p y_true:t", *texts, path=path)
        before = self.seen(), dict(os.environ)
        workers = {worker.process.pid for worker in self.verifier.workers.running.values()}
        verdict = self.verifier.verify(asked)
        assert (self.seen(), dict(os.environ)) == before
        assert not [one for place in ("/tmp", "/dev/shm", "~") for one in Path(place).expanduser().glob("*was-here*")]
        assert workers == {worker.process.pid for worker in self.verifier.workers.running.values()}
        return verdict

    def seen(self) -> list[tuple[object, ...]]:
        """All that is in and beside the folder: names, contents, modes, times, links."""
        return [
            (str(one), found.st_mode, found.st_mtime_ns, found.st_nlink, found.st_uid, content(one))
            for one in sorted(self.outside.parent.rglob("*"))
            for found in [one.lstat()]
        ]


def content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    outside = tmp_path_factory.mktemp("hostile") / "outside"
    (outside / "kept").mkdir(parents=True)
    (outside / "secret").write_text("secret")
    project = outside.parent / "project"
    project.mkdir()
    (project / "loss.py").write_text("")
    (project / "weights.txt").write_text("1 2 3")
    (project / "sibling.py").write_text("VALUE = 3\n")
    for hidden in (".env", ".git/config", "data/.cache/key"):
        (project / hidden).parent.mkdir(parents=True, exist_ok=True)
        (project / hidden).write_text("secret")
    (project / "data/numbers.txt").write_text("4 5 6")
    (project / "visible").symlink_to(".env")
    with Verifier(None, timeout=TIMEOUT) as verifier:
        yield Host(verifier, outside)


@each(hostile.DENIED)
def test_the_system_refuses(host: Host, framework: str, name: str) -> None:
    verdict = host.verdict(framework, hostile.DENIED[name])
    assert (verdict.status, "PermissionError" in verdict.reason) == ("unverifiable", True), verdict


@each(hostile.REFUSED)
def test_it_fails_where_it_stands(host: Host, framework: str, name: str) -> None:
    body, error = hostile.REFUSED[name]
    verdict = host.verdict(framework, body)
    assert (verdict.status, error in verdict.reason) == ("unverifiable", True), verdict


@each(hostile.ENDS)
def test_the_run_ends_and_says_how(
    host: Host, framework: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, reason = hostile.ENDS[name]
    if " more than " in reason:  # how fast it gets there is the machine's
        monkeypatch.setattr(host.verifier, "timeout", PATIENT)
    verdict = host.verdict(framework, body)
    assert (verdict.status, reason in verdict.reason) == ("unverifiable", True), verdict


@each(hostile.HARMLESS)
def test_what_stays_inside_changes_nothing(host: Host, framework: str, name: str) -> None:
    verdict = host.verdict(framework, hostile.HARMLESS[name])
    assert (verdict.status, verdict.reason) == ("verified", ""), verdict


@each(hostile.ALLOWED)
def test_what_right_losses_need_goes_on_working(host: Host, framework: str, name: str) -> None:
    verdict = host.verdict(framework, hostile.ALLOWED[name])
    assert (verdict.status, verdict.reason) == ("verified", ""), verdict


@pytest.mark.parametrize(
    ("framework", "name"),
    [
        pytest.param(framework, name, marks=getattr(pytest.mark, framework))
        for framework, table in hostile.ALLOWED_IN.items()
        for name in table
    ],
)
def test_what_the_framework_does_goes_on_working(
    host: Host, framework: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host.verifier, "timeout", PATIENT)
    verdict = host.verdict(framework, hostile.ALLOWED_IN[framework][name])
    assert (verdict.status, verdict.reason) == ("verified", ""), verdict


@pytest.mark.torch
def test_no_secret_and_nothing_of_ours_is_seen(host: Host) -> None:
    """The worker was started with a scrubbed environment, and of `/proc` a loss sees nothing of any process."""
    body = """assert set(os.environ) <= KNOWN, set(os.environ) - KNOWN
    is_open = [number for number in range(256) if os.path.exists(f'/proc/self/fd/{number}')]
    assert len(is_open) <= 5, is_open"""
    known = set(environment(Path(), confined=True)) | {"LC_CTYPE", "KERAS_HOME"} | OF_THE_FRAMEWORKS
    verdict = host.verdict("torch", body.replace("KNOWN", repr(known)))
    assert (verdict.status, verdict.reason) == ("verified", ""), verdict


@pytest.mark.torch
def test_hostile_candidate_fails_and_the_next_is_tried(host: Host) -> None:
    right, broken = WAYS["torch"]
    texts = [
        HEAD.format(imported="torch", body=body, value=value)
        for body, value in (("pass", broken), ("os._exit(1)", "1"), ("ctypes.string_at(0)", "1"), ("pass", right))
    ]
    verifier = host.verifier
    verdict = verifier.verify(request("torch", "loss", "y_pred:p y_true:t", *texts))
    assert (verdict.status, verdict.candidate) == ("verified", 2)
    verdict = verifier.verify(request("torch", "loss", "y_pred:p y_true:t", *texts[:3]))
    assert (verdict.status, verdict.reason) == ("rejected", "the rewritten loss ended its process (exit status 1)")


@pytest.mark.torch
@pytest.mark.parametrize("gradient", ["no_grad().__enter__()", "set_default_dtype(torch.float16)"])
def test_what_one_run_changes_the_next_does_not_see(host: Host, gradient: str) -> None:
    host.verdict("torch", f"torch.{gradient}")
    body = "assert torch.is_grad_enabled() and torch.get_default_dtype() in (torch.float32, torch.float64)"
    assert host.verdict("torch", body).status == "verified"
