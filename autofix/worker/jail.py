"""The kernel's part of the sandbox (Linux: Landlock, seccomp, no capabilities); where it is missing, `enter` says so.

Entered before the framework's first operation: Landlock binds no thread that was there before it.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from . import landlock, seccomp, system_calls

SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/opt", "/nix/store", "/gnu/store", "/home/linuxbrew")
FILES = (
    "/etc/ld.so.cache", "/etc/localtime", "/etc/nsswitch.conf", "/etc/passwd", "/etc/os-release",
    "/sys/devices/system/cpu", "/sys/devices/system/node", "/sys/fs/cgroup", "/dev/urandom", "/dev/random", "/dev/zero",
    # Of /proc what says something of the machine, and the process itself: the command lines of others hold secrets.
    "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/loadavg", "/proc/uptime", "/proc/version",
    "/proc/filesystems", "/proc/sys/kernel", "/proc/sys/vm", "/proc/self",
)  # fmt: skip
CAPABILITIES = 64


def enter(folder: str, readable: Iterable[str]) -> str:
    """Confine this process to reading Python, the system and `readable`, and to writing in `folder`.

    Gives why that is not possible, or nothing. A jail that was entered by half is still closed. It is entered within
    the outer jail, and what cannot be read there (what a project hides, `/proc` of the parent) cannot be read here.
    """
    readable = [*SYSTEM, *FILES, *narrow([*of_python(), *readable])]
    return confined([*((place, landlock.READ) for place in readable), (folder, landlock.OWN)], outer=False)


def confined(grants: Iterable[landlock.Grant], outer: bool) -> str:
    """Give up all rights but those that are granted; gives why that is not possible, or nothing."""
    if reason := lacking():
        return reason
    if not system_calls.control(system_calls.NO_NEW_PRIVILEGES, 1):
        return "the kernel refuses PR_SET_NO_NEW_PRIVS"
    try:
        landlock.restrict(grants)
        drop_all()
        seccomp.install(outer)
    except OSError as error:
        return f"the kernel refuses to confine a process ({error.strerror})"
    return ""


def lacking() -> str:
    """What this system has not, as far as can be seen without trying."""
    if not sys.platform.startswith("linux"):
        return "it needs Linux"
    if not seccomp.supported():
        return f"it does not support {platform.machine()}"
    if landlock.version() < landlock.LEAST_VERSION:
        return "it needs Landlock as of Linux 6.2"
    return ""


def of_python() -> list[str]:
    """Where this interpreter and its packages are; the base's prefix too, or late imports of the library fail."""
    here = str(Path(__file__).resolve().parent)
    outside = [place for place in sys.path if Path(place).is_dir()]
    return list(dict.fromkeys([sys.prefix, sys.base_prefix, sys.exec_prefix, here, *outside]))


def narrow(places: Iterable[str]) -> Iterator[str]:
    """No place that the whole home lies in, however it came to be on the path: there are keys in it."""
    home = os.path.realpath(os.path.expanduser("~"))  # noqa: PTH111
    for place in places:
        if os.path.commonpath([home, os.path.realpath(place)]) != os.path.realpath(place):
            yield place


def succeeds(way: Callable[[], object]) -> bool:
    """Whether one can still get out: only a refusal is one, what fails for another reason was let through so far."""
    try:
        way()
    except PermissionError:
        return False
    except OSError:
        return True
    return True


def drop_all() -> None:
    for capability in range(CAPABILITIES):
        if not system_calls.control(system_calls.DROP_BOUND, capability):
            break
    seccomp.drop_capabilities()
    system_calls.control(system_calls.SET_DUMPABLE, 0)
