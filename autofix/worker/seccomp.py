"""seccomp: no sockets, no processes, no signals to others, no change of modes, owners or times.

Which calls those are is said in `system_calls.py`; here it becomes a program for the kernel, one block for each call.
The filter of the outer jail, in which a Python starts and forks its children, lets processes start and end each other.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

from .system_calls import (
    CLONE,
    CLONE3,
    CLONE_NAMESPACES,
    CLONE_THREAD,
    DENIED,
    FCNTL,
    FCNTL_DENIED,
    IOCTL,
    IOCTL_ALLOWED,
    NEWEST,
    ON_ITSELF,
    OUTER,
    PRCTL,
    PRCTL_DENIED,
    TO_ITSELF,
    Numbers,
    call,
)

# The architecture as the filter sees it, and the numbers of `seccomp` and `capset`.
X86_64 = 0xC000003E, 317, 126
AARCH64 = 0xC00000B7, 277, 91

LOAD, EQUAL, AT_LEAST, BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL = 0x7FFF0000, 0x80000000
NUMBER, ARCHITECTURE = 0, 4
FIRST, SECOND = 16, 24
X32 = 0x40000000


def supported() -> bool:
    return platform.machine() in ("x86_64", "aarch64") and struct.calcsize("P") == 8


def column() -> int:
    return 0 if platform.machine() == "x86_64" else 1


def instruction(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value & 0xFFFFFFFF)


def refuse(error: int = errno.EPERM) -> bytes:
    return instruction(RETURN, 0, 0, 0x00050000 | error)


ALLOWED, KILLED = instruction(RETURN, 0, 0, ALLOW), instruction(RETURN, 0, 0, KILL)


def when(code: int, value: int, *then: bytes) -> list[bytes]:
    """Do `then` where the loaded number compares, else go on after it."""
    return [instruction(code, 0, len(then), value), *then]


def unless(code: int, value: int, *then: bytes) -> list[bytes]:
    return [instruction(code, len(then), 0, value), *then]


def by_argument(number: int | None, offset: int, values: tuple[int, ...], listed: bytes, others: bytes) -> list[bytes]:
    """A call that is treated by one of its arguments: in one way for the values listed, in another for all others."""
    if number is None:
        return []
    tests = [part for value in values for part in when(EQUAL, value, listed)]
    return when(EQUAL, number, instruction(LOAD, 0, 0, offset), *tests, others)


def program(process: int, outer: bool = False) -> bytes:
    """The filter: refuse what is denied, let threads but no processes start, let signals reach this process only.

    The `outer` one leaves out what only the second, inner jail denies.
    """
    which = column()

    def here(numbers: Numbers) -> int | None:
        return numbers[which]

    denied = {name: numbers for name, numbers in DENIED.items() if not (outer and name in OUTER)}
    parts = [
        instruction(LOAD, 0, 0, ARCHITECTURE),
        *unless(EQUAL, (X86_64, AARCH64)[which][0], KILLED),
        instruction(LOAD, 0, 0, NUMBER),
        # The x32 calls have numbers of their own, from here on.
        *when(AT_LEAST, X32, KILLED),
        # What was invented since is not known to be harmless; the C library falls back to what it replaces.
        *when(AT_LEAST, NEWEST + 1, refuse(errno.ENOSYS)),
        # The flags of clone3 are in memory, where a filter cannot read them; the C library falls back to clone.
        *when(EQUAL, CLONE3, refuse(errno.ENOSYS)),
    ]
    for numbers in denied.values():
        if (number := here(numbers)) is not None:
            parts += when(EQUAL, number, refuse())
    flags = when(BITS, CLONE_NAMESPACES, refuse()) if outer else unless(BITS, CLONE_THREAD, refuse())
    parts += when(EQUAL, CLONE[which], instruction(LOAD, 0, 0, FIRST), *flags, ALLOWED)
    parts += [] if outer else of_signals(process, which)
    for numbers in ON_ITSELF.values():
        parts += by_argument(here(numbers), FIRST, (0, process), ALLOWED, refuse())
    parts += by_argument(here(FCNTL), SECOND, FCNTL_DENIED, refuse(), ALLOWED)
    parts += by_argument(here(IOCTL), SECOND, IOCTL_ALLOWED, ALLOWED, refuse(errno.ENOTTY))
    return b"".join([*parts, ALLOWED])


def of_signals(process: int, which: int) -> list[bytes]:
    """Signals to this process only, and none of another's choice when its parent ends."""
    parts = []
    for numbers in TO_ITSELF.values():
        parts += by_argument(numbers[which], FIRST, (process,), ALLOWED, refuse())
    return parts + by_argument(PRCTL[which], FIRST, PRCTL_DENIED, refuse(), ALLOWED)


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def install(outer: bool = False) -> None:
    """Filter all the threads of this process; raises OSError."""
    code = program(os.getpid(), outer)
    buffer = ctypes.create_string_buffer(code, len(code))
    described = Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    call((X86_64, AARCH64)[column()][1], ctypes.c_uint(1), ctypes.c_uint(1), ctypes.byref(described))


def drop_capabilities() -> None:
    """Root in a container has powers that no filter lists; raises OSError."""
    header = struct.pack("=Ii", 0x20080522, 0)
    call((X86_64, AARCH64)[column()][2], header, struct.pack("=6I", *[0] * 6))
