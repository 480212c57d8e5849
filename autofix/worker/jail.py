"""The kernel's part of the sandbox (Linux: Landlock, seccomp, no capabilities); where it is missing, `enter` says so.

Entered before the framework's first operation: Landlock binds no thread that was there before it. With Landlock this
process and its children to come may do with each place what is granted, and send no signals out; its numbers are the
kernel's (`include/uapi/linux/landlock.h`), and the three system calls have one number everywhere.
"""

from __future__ import annotations

import ctypes
import os
import platform
import stat
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Tuple

from . import seccomp
from .seccomp import call

CREATE, ADD, RESTRICT = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_CHAR, MAKE_SOCK, MAKE_BLOCK = 1 << 6, 1 << 9, 1 << 11
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
LIST = READ_DIR
READ = READ_FILE | READ_DIR
RUN = READ | EXECUTE
OWN = ((1 << 16) - 1) & ~(EXECUTE | MAKE_CHAR | MAKE_BLOCK | MAKE_SOCK)
"""Everything in a private folder but to execute what was written there."""
TCP = 0b11
SCOPES = 0b11
# Below this version a file that may not be written could still be truncated.
LEAST_VERSION = 3
SCOPED_VERSION = 6

Grant = Tuple[str, int]
"""A place and what may be done with it and, where it is a folder, with all that is in it: `READ`, `RUN`, …"""


def version() -> int:
    try:
        return call(CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    except OSError:
        return 0


def restrict(grants: Iterable[Grant]) -> None:
    """Allow what is granted, beside `/dev/null`, and nothing else. Raises OSError where the kernel refuses."""
    known = version()
    files = (1 << 13) - 1 | REFER | TRUNCATE | (IOCTL_DEV if known >= 5 else 0)
    attributes = struct.pack("QQQ", files, TCP if known >= 4 else 0, SCOPES if known >= SCOPED_VERSION else 0)
    attributes = attributes[: 8 if known < 4 else 16 if known < SCOPED_VERSION else 24]
    rules = call(CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    try:
        for place, access in grants:
            allow(rules, place, access & files)
        allow(rules, os.devnull, READ_FILE | WRITE_FILE)
        call(RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0))
    finally:
        os.close(rules)


def allow(rules: int, place: str, access: int) -> None:
    """Grant a place; one that is not there, or to which nothing of it applies, is passed over."""
    try:
        descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            access &= OF_FILES
        if access:
            described = struct.pack("=Qi", access, descriptor)
            call(ADD, ctypes.c_int(rules), ctypes.c_int(1), described, ctypes.c_uint32(0))
    finally:
        os.close(descriptor)


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
    return confined([*((place, READ) for place in readable), (folder, OWN)], outer=False)


def confined(grants: Iterable[Grant], outer: bool) -> str:
    """Give up all rights but those that are granted; gives why that is not possible, or nothing."""
    if reason := lacking():
        return reason
    if not seccomp.control(seccomp.NO_NEW_PRIVILEGES, 1):
        return "the kernel refuses PR_SET_NO_NEW_PRIVS"
    try:
        restrict(grants)
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
    if version() < LEAST_VERSION:
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
        if not seccomp.control(seccomp.DROP_BOUND, capability):
            break
    seccomp.drop_capabilities()
    seccomp.control(seccomp.SET_DUMPABLE, 0)
