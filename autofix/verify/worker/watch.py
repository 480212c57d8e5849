"""A process beside a worker, outside of its jail, that clears up when the host is killed before it could.

The worker can neither remove its own folder, which lies in one that it may not write to, nor be relied on to end what
it has started. Where the host ends in good order it does both itself, and there is nothing left to do here.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal

GRACE_MILLISECONDS = 10_000
"""For a worker to end by itself once its input has."""


def watch(folder: str) -> None:
    """Start to watch over this process, which is to become the worker, and whose standard input comes from the host."""
    worker = os.getpid()
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    # Neither its child nor of its group: it must outlive both.
    try:
        os.setsid()
        if os.fork() == 0:
            os.closerange(1, 3)
            wait_and_clear(worker, folder)
    finally:
        os._exit(0)


def wait_and_clear(worker: int, folder: str) -> None:
    try:
        life = os.pidfd_open(worker)
    except ProcessLookupError:
        return
    ends = select.poll()
    ends.register(life, select.POLLIN)
    ends.register(0, 0)  # tells of a hang-up only: what the host writes is for the worker
    if not any(one == 0 for one, _ in ends.poll()):
        return  # it ended and the host did not: that is who clears up
    ends.unregister(0)
    ends.poll(GRACE_MILLISECONDS)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(worker, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)
