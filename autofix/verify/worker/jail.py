"""The kernel's part of the sandbox (Linux: Landlock, seccomp, no capabilities); where it is missing, `enter` says so.

Entered before the framework's first operation: Landlock binds no thread that was there before it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from . import kernel, landlock, seccomp

SYSTEM = (
    "/usr", "/lib", "/lib64", "/opt", "/etc/ld.so.cache", "/etc/localtime", "/etc/nsswitch.conf", "/etc/passwd",
    "/proc", "/sys/devices/system/cpu", "/sys/fs/cgroup", "/dev/urandom", "/dev/random", "/dev/zero",
)  # fmt: skip
CAPABILITIES = 64


def enter(folder: Path, readable: list[str]) -> bool:
    """Confine this process to reading Python, the system and `readable`, and to writing in `folder`."""
    if not sys.platform.startswith("linux") or not seccomp.supported() or landlock.version() < landlock.LEAST_VERSION:
        return False
    if not kernel.control(kernel.NO_NEW_PRIVILEGES, 1):
        return False
    try:
        landlock.restrict([*SYSTEM, *of_python(), *readable], [str(folder)])
        drop_all()
        seccomp.install()
    except OSError:
        return False
    return True


def of_python() -> list[str]:
    """Where this interpreter and its packages are; the base's prefix too, or late imports of the library fail."""
    here = str(Path(__file__).resolve().parent)
    outside = [place for place in sys.path if Path(place).is_dir()]
    return list(dict.fromkeys([sys.prefix, sys.base_prefix, sys.exec_prefix, here, *outside]))


def drop_all() -> None:
    for capability in range(CAPABILITIES):
        if not kernel.control(kernel.DROP_BOUND, capability):
            break
    seccomp.drop_capabilities()
    kernel.control(kernel.SET_DUMPABLE, 0)
