"""The sandbox's tables against the kernel's own, and the question whether it holds here."""

from __future__ import annotations

import json
import os
import platform
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autofix.worker import jail, sandbox, seccomp
from autofix.worker import seccomp as calls

HEADERS = {0: "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", 1: "/usr/include/asm-generic/unistd.h"}
SINGLE = {"clone": calls.CLONE, "prctl": calls.PRCTL, "fcntl": calls.FCNTL, "ioctl": calls.IOCTL}
NUMBERS = {**calls.DENIED, **calls.TO_ITSELF, **calls.ON_ITSELF, **SINGLE}
# A few of `include/uapi/asm-generic/unistd.h`, for where the kernel's headers are not installed.
DOCUMENTED = {
    "fcntl": 25, "ioctl": 29, "mknodat": 33, "mount": 40, "fchmod": 52, "fchownat": 54, "utimensat": 88, "unshare": 97,
    "ptrace": 117, "kill": 129, "tkill": 130, "tgkill": 131, "setsid": 157, "prctl": 167, "shmget": 194, "socket": 198,
    "socketpair": 199, "connect": 203, "sendto": 206, "add_key": 217, "clone": 220, "execve": 221, "prlimit64": 261,
    "setns": 268, "memfd_create": 279, "bpf": 280, "execveat": 281, "userfaultfd": 282, "io_uring_setup": 425,
}  # fmt: skip


def of_header(path: Path) -> dict[str, int]:
    pattern = r"^#define __NR(?:3264)?_(\w+)\s+(\d+)"
    return {name: int(number) for name, number in re.findall(pattern, path.read_text(), re.MULTILINE)}


@pytest.mark.parametrize("which", HEADERS)
def test_the_numbers_are_the_kernels(which: int) -> None:
    path = Path(HEADERS[which])
    if not path.is_file():
        pytest.skip(f"{path} is not installed (linux-libc-dev)")
    known = of_header(path)
    ours = {name: numbers[which] for name, numbers in NUMBERS.items() if numbers[which] is not None}
    assert {name: number for name, number in ours.items() if known.get(name, number) != number} == {}
    # What older headers have not yet is at the end of the table.
    assert [name for name in ours if name not in known and (ours[name] or 0) < max(known.values())] == []


def test_the_numbers_of_aarch64_are_those_documented() -> None:
    assert {name: NUMBERS[name][1] for name in DOCUMENTED} == DOCUMENTED


def test_no_call_that_is_used_all_the_time_is_denied() -> None:
    usual = {0: (0, 1, 2, 3, 9, 10, 11, 12, 60, 202, 231, 257), 1: (56, 57, 63, 64, 93, 94, 98, 214, 215, 222, 226)}
    for which, numbers in usual.items():
        assert {one[which] for one in calls.DENIED.values()} & set(numbers) == set()


def run_filter(program: bytes, architecture: int, number: int, first: int = 0, second: int = 0) -> int:
    """What the kernel would make of a call: the program's 16 low bits say the error, 0x7FFF0000 that it may pass."""
    given = struct.pack("=IIQQQ", number, architecture, 0, first, second)
    code = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    loaded = at = 0
    while True:
        operation, if_true, if_false, value = code[at]
        at += 1
        if operation == seccomp.RETURN:
            return value
        if operation == seccomp.LOAD:
            loaded = struct.unpack_from("=I", given, value)[0]
            continue
        true = {
            seccomp.EQUAL: loaded == value,
            seccomp.AT_LEAST: loaded >= value,
            seccomp.BITS: bool(loaded & value),
        }[operation]
        at += if_true if true else if_false


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_of_each_architecture(monkeypatch: pytest.MonkeyPatch, machine: str) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    which, architecture = (0, seccomp.X86_64[0]) if machine == "x86_64" else (1, seccomp.AARCH64[0])
    program = seccomp.program(4321)
    assert len(program) // 8 < 4096

    def asked(name: str, first: int = 0, second: int = 0) -> int:
        return run_filter(program, architecture, NUMBERS[name][which] or -1, first, second)

    refused = 0x00050000 | 1
    denied = [name for name, numbers in calls.DENIED.items() if numbers[which] is not None]
    assert {asked(name) for name in denied} == {refused}
    for name in calls.TO_ITSELF:
        assert (asked(name, 4321), asked(name, 0), asked(name, 1)) == (seccomp.ALLOW, refused, refused)
    for name in calls.ON_ITSELF:
        assert (asked(name, 4321), asked(name, 0), asked(name, 1)) == (seccomp.ALLOW, seccomp.ALLOW, refused)
    assert (asked("clone", 17), asked("clone", 0x3D0F00)) == (refused, seccomp.ALLOW)
    assert (asked("prctl", 1), asked("prctl", 15)) == (refused, seccomp.ALLOW)
    assert (asked("fcntl", 5, 8), asked("fcntl", 5, 3)) == (refused, seccomp.ALLOW)
    assert (asked("ioctl", 5, 0x40086602), asked("ioctl", 5, 0x5401)) == (0x00050000 | 25, seccomp.ALLOW)
    assert run_filter(program, architecture, calls.CLONE3) == 0x00050000 | 38
    assert run_filter(program, architecture, calls.NEWEST + 1) == 0x00050000 | 38
    assert run_filter(program, architecture, (9, 222)[which]) == seccomp.ALLOW
    assert run_filter(program, 0x40000003, 9) == seccomp.KILL
    assert run_filter(program, architecture, 0x40000000) == seccomp.KILL


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_of_the_outer_jail(monkeypatch: pytest.MonkeyPatch, machine: str) -> None:
    """A Python is executed in it, forks and ends its children; all else is refused there too."""
    monkeypatch.setattr(platform, "machine", lambda: machine)
    which, architecture = (0, seccomp.X86_64[0]) if machine == "x86_64" else (1, seccomp.AARCH64[0])
    program = seccomp.program(4321, outer=True)

    def asked(name: str, first: int = 0, second: int = 0) -> int:
        return run_filter(program, architecture, NUMBERS[name][which] or -1, first, second)

    refused = 0x00050000 | 1
    here = {name for name, numbers in calls.DENIED.items() if numbers[which] is not None}
    assert {asked(name) for name in here - calls.OUTER} == {refused}
    assert {asked(name) for name in here & calls.OUTER} == {seccomp.ALLOW}
    assert {"setsid", "setpgid", "socket", "fchmod", "unshare", "ptrace", "mount"} <= here - calls.OUTER
    assert (asked("kill", 1), asked("prctl", 1), asked("clone", 17)) == (seccomp.ALLOW,) * 3
    for namespace in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert asked("clone", 17 | namespace) == refused
    assert (asked("sched_setaffinity", 1), asked("ioctl", 5, 0x5412)) == (refused, 0x00050000 | 25)
    assert run_filter(program, architecture, calls.CLONE3) == 0x00050000 | 38


IS_JAILED = not jail.lacking()


@pytest.mark.skipif(not IS_JAILED, reason=jail.lacking() or "there is a jail")
def test_the_probe_finds_that_the_jail_holds(tmp_path: Path) -> None:
    assert sandbox.unconfined(str(tmp_path)) == ""
    assert list(tmp_path.iterdir()) == []


def nothing(*_: object) -> None:
    return


# Each breaks one part of the jail, as an old kernel or a container does that takes a call and does nothing.
BROKEN: dict[str, tuple[object, str, Callable[..., object], str]] = {
    "no Landlock": (jail, "version", lambda: 0, "it needs Landlock"),
    "another machine": (platform, "machine", lambda: "riscv64", "does not support riscv64"),
    "Landlock does nothing": (jail, "restrict", nothing, "could write outside its folder and read outside"),
    "seccomp does nothing": (seccomp, "install", nothing, "could change modes and open a socket and start"),
}


@pytest.mark.skipif(not IS_JAILED, reason=jail.lacking() or "there is a jail")
@pytest.mark.parametrize("broken", ["", "jail.restrict", "seccomp.install"])
def test_the_outer_jail_tries_whether_it_holds(tmp_path: Path, broken: str) -> None:
    """In a process of its own, as it cannot be left; what is wrong is said as a worker says it, and nothing is run."""
    plan = {"command": ["/bin/sh", "-c", "echo in"], "environment": {}, "folder": str(tmp_path), "host": os.getpid()}
    (tmp_path / "plan").write_text(json.dumps({**plan, "run": [], "read": [], "projects": [], "near": []}))
    spoilt = f"import worker.{broken.partition('.')[0]} as m; m.{broken.partition('.')[2]} = lambda *_: None; "
    code = f"import sys; sys.path.append({str(Path(jail.__file__).parents[1])!r}); {spoilt if broken else ''}"
    code += f"from worker.outer_jail import main; main({str(tmp_path / 'plan')!r})"
    ran = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True)
    if broken:
        assert json.loads(ran.stdout)["state"] == "unconfined"
        assert "its self-test could" in json.loads(ran.stdout)["reason"]
    else:
        assert ran.stdout == "in\n"


@pytest.mark.skipif(not IS_JAILED, reason=jail.lacking() or "there is a jail")
@pytest.mark.parametrize("name", BROKEN)
def test_the_probe_finds_what_does_not_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    module, function, instead, reason = BROKEN[name]
    monkeypatch.setattr(module, function, instead)
    assert reason in sandbox.unconfined(str(tmp_path))


def test_no_home_is_readable_even_when_it_is_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    inside, beside = str(tmp_path / "me/project"), str(tmp_path / "other")
    places = [str(tmp_path), str(tmp_path / "me"), os.sep, inside, beside]
    assert list(jail.narrow(places)) == [inside, beside]
