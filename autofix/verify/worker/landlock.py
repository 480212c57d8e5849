"""Landlock: this process and its threads to come may read some folders, write one, and send no signals out.

The numbers are the kernel's (`include/uapi/linux/landlock.h`); the three system calls have one number everywhere.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from .kernel import call

CREATE, ADD, RESTRICT = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_CHAR, MAKE_SOCK, MAKE_BLOCK = 1 << 6, 1 << 9, 1 << 11
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
TCP = 0b11
SCOPES = 0b11
# Below this version a file that may not be written could still be truncated.
LEAST_VERSION = 3


def version() -> int:
    try:
        return call(CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    except OSError:
        return 0


def restrict(readable: Iterable[str], writable: Iterable[str], null: str = os.devnull) -> None:
    """Raises OSError where the kernel refuses."""
    known = version()
    files = (1 << 13) - 1 | REFER | TRUNCATE | (IOCTL_DEV if known >= 5 else 0)
    attributes = struct.pack("QQQ", files, TCP if known >= 4 else 0, SCOPES if known >= 6 else 0)
    attributes = attributes[: 8 if known < 4 else 16 if known < 6 else 24]
    rules = call(CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    try:
        for place in readable:
            allow(rules, place, READ_FILE | READ_DIR)
        for place in writable:
            allow(rules, place, files & ~(EXECUTE | MAKE_CHAR | MAKE_BLOCK | MAKE_SOCK))
        allow(rules, null, READ_FILE | WRITE_FILE)
        call(RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0))
    finally:
        os.close(rules)


def allow(rules: int, place: str, access: int) -> None:
    try:
        descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not Path(place).is_dir():
            access &= OF_FILES
        call(ADD, ctypes.c_int(rules), ctypes.c_int(1), struct.pack("=Qi", access, descriptor), ctypes.c_uint32(0))
    finally:
        os.close(descriptor)
