"""The place where a child is confined before it runs anything of the user's.

Limits of memory, processor time and file size hold wherever `resource` exists. Order: own session, death with the
worker, limits, then what the kernel offers beyond them.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from . import jail, kernel


def confine(worker: int, folder: Path, readable: list[str], seconds: float, memory: int) -> bool:
    """Confine this process; True when the kernel's jail holds too, False when only the limits do."""
    os.setsid()
    os.umask(0o077)
    die_with(worker)
    limit(seconds, memory)
    return jail.enter(folder, readable)


def die_with(worker: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    kernel.control(kernel.SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != worker:
        os._exit(1)


def address_space() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def limit(seconds: float, memory: int) -> None:
    """RLIMIT_NPROC is left alone: it counts the user's processes everywhere and stops threads from starting."""
    try:
        import resource
    except ImportError:
        return
    used = address_space()
    wanted = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, int(seconds) + 2),
        (resource.RLIMIT_FSIZE, 1 << 20),
    ]
    if used:
        wanted.append((resource.RLIMIT_AS, used + memory))
    for what, most in wanted:
        _, hard = resource.getrlimit(what)
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (value, value))
