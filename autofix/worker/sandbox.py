"""Confine a child before it runs any code of the user, and test that the jail holds.

`confine` comes before the framework's first operation, `limit` when the request is known. Limits of memory, processor
time and file size hold wherever `resource` exists; the rest depends on the kernel. The test is an attempt: a child
enters the jail and tries to get out. Versions and configurations tell less: a container may offer a call and refuse it,
or accept it and do nothing.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from . import jail, seccomp

MOST_FILE_BYTES = 1 << 20
MOST_OPEN_FILES = 256
MEBIBYTE = 1 << 20
FAR = 1 << 44
MAP_NORESERVE = 0x4000  # Linux, x86_64 and aarch64


def confine(worker: int, folder: str, readable: list[str]) -> str:
    """Confine this process; gives why the kernel's jail does not hold, or nothing."""
    with contextlib.suppress(PermissionError):  # the outer jail keeps all in one session, and its end ends all
        os.setsid()
    os.umask(0o077)
    die_with(worker)
    return jail.enter(folder, readable)


def die_with(worker: int) -> None:
    """Have the kernel kill this process when the worker's main thread ends, however it does."""
    if not sys.platform.startswith("linux"):
        return
    seccomp.control(seccomp.SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != worker:
        os._exit(1)


def address_space() -> int:
    """What this process has mapped, in bytes; 0 where nobody says.

    A child cannot read what `/proc` has of it: the jail that it was born in has only its worker's. It is then what a
    limit far above leaves for a mapping of nothing, to a MiB.
    """
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except PermissionError:
        return mapped()
    except OSError:
        return 0


def mapped() -> int:
    import mmap
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = FAR if hard == resource.RLIM_INFINITY else min(hard, FAR) // MEBIBYTE * MEBIBYTE
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        fits, too_much = 0, most
        while too_much - fits > MEBIBYTE:
            size = (fits + too_much) // 2 // MEBIBYTE * MEBIBYTE
            try:
                mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE, prot=0).close()
                fits = size
            except (OSError, MemoryError):
                too_much = size
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    return most - fits


def limit(seconds: float, memory: int, file_bytes: int = MOST_FILE_BYTES) -> None:
    """Limit what is used from now on, `memory` and the size of each file in bytes.

    RLIMIT_NPROC is left alone: it counts the user's processes everywhere and stops threads from starting.
    """
    try:
        import resource
    except ImportError:
        return
    used_time = resource.getrusage(resource.RUSAGE_SELF)
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: int(used_time.ru_utime + used_time.ru_stime + seconds) + 2,
        resource.RLIMIT_FSIZE: file_bytes,
        resource.RLIMIT_NOFILE: MOST_OPEN_FILES,
    }
    if used := address_space():
        wanted[resource.RLIMIT_AS] = used + memory
    for what, most in wanted.items():
        _, hard = resource.getrlimit(what)
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (value, value))


SECONDS = 20.0


def unconfined(folder: str) -> str:
    """Why children cannot be confined, or nothing; `folder` is the worker's own."""
    if not hasattr(os, "fork"):
        return "this system cannot fork processes"
    if reason := jail.lacking():
        return reason
    inside = Path(folder) / "inside"
    outside = Path(folder) / "outside"
    inside.mkdir()
    outside.write_text("outside")
    worker = os.getpid()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        attempt(worker, inside, outside, writing)
    os.close(writing)
    try:
        readable, _, _ = select.select([reading], [], [], SECONDS)
        answer = os.read(reading, 4096).decode() if readable else "its self-test did not finish"
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        shutil.rmtree(inside, ignore_errors=True)
        outside.unlink(missing_ok=True)
    return "" if answer == "held" else answer or "its self-test crashed"


def attempt(worker: int, inside: Path, outside: Path, writing: int) -> NoReturn:
    """In the child: enter the jail and say what still is possible."""
    try:
        reason = jailed_or_why(worker, inside, outside)
        os.write(writing, (reason or "held").encode())
    finally:
        os._exit(0)


def jailed_or_why(worker: int, inside: Path, outside: Path) -> str:
    if reason := confine(worker, str(inside), []):
        return reason
    try:
        (inside / "file").write_text("inside")
        Path(os.__file__).read_bytes()
    except OSError as error:
        return f"its self-test cannot use its own folder ({error.strerror})"
    escaped = [name for name, way in escapes(worker, outside).items() if jail.succeeds(way)]
    return f"its self-test could {' and '.join(escaped)}" if escaped else ""


def escapes(worker: int, outside: Path) -> dict[str, Callable[[], object]]:
    return {
        "write outside its folder": lambda: outside.open("r+"),
        "read outside its folder": lambda: outside.read_text(),
        "delete outside its folder": lambda: outside.unlink(),
        "change modes": lambda: outside.chmod(0o600),
        "open a socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
        "start a process": start_process,
        "signal the worker": lambda: os.kill(worker, 0),
    }


def start_process() -> None:
    if os.fork() == 0:
        os._exit(0)
    os.wait()
