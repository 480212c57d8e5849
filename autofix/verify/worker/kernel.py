"""System calls that Python has no function for."""

from __future__ import annotations

import ctypes
import os
from typing import Any

SET_PARENT_DEATH_SIGNAL, SET_DUMPABLE, DROP_BOUND, NO_NEW_PRIVILEGES = 1, 4, 24, 38


def library() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def call(number: int, *arguments: Any) -> int:
    """The result of a system call; raises OSError."""
    function = library().syscall
    function.restype = ctypes.c_long
    result = int(function(ctypes.c_long(number), *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def control(option: int, value: int) -> bool:
    """prctl with one argument; False where it is refused."""
    return bool(library().prctl(option, ctypes.c_ulong(value), *[ctypes.c_ulong(0)] * 3) == 0)
