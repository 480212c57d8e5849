"""The place where a child is confined before it runs anything of the user's.

`confine` comes before the framework's first operation, `limit` when the request is known. Limits of memory, processor
time and file size hold wherever `resource` exists; the rest is what the kernel offers beyond them.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from . import jail, kernel

MOST_FILE_BYTES = 1 << 20
MOST_OPEN_FILES = 256


def confine(worker: int, folder: str, readable: list[str]) -> str:
    """Confine this process; gives why the kernel's jail does not hold, or nothing."""
    os.setsid()
    os.umask(0o077)
    die_with(worker)
    return jail.enter(folder, readable)


def die_with(worker: int) -> None:
    """Have the kernel kill this process when the worker's main thread ends, however it does."""
    if not sys.platform.startswith("linux"):
        return
    kernel.control(kernel.SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != worker:
        os._exit(1)


def address_space() -> int:
    """What this process has mapped, in bytes; 0 where nobody says."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def limit(seconds: float, memory: int) -> None:
    """Limit what is used from now on, `memory` in bytes.

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
        resource.RLIMIT_FSIZE: MOST_FILE_BYTES,
        resource.RLIMIT_NOFILE: MOST_OPEN_FILES,
    }
    if used := address_space():
        wanted[resource.RLIMIT_AS] = used + memory
    for what, most in wanted.items():
        _, hard = resource.getrlimit(what)
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (value, value))
