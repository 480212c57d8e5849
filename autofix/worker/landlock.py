"""Landlock: this process and its children to come may do with each place what is granted, and send no signals out.

The numbers are the kernel's (`include/uapi/linux/landlock.h`); the three system calls have one number everywhere.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from typing import Tuple

from .system_calls import call

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
