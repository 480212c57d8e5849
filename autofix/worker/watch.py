"""A process next to a worker, outside its jail, that cleans up if the host is killed.

The worker cannot remove its own folder, whose parent it may not write to, nor be relied on to end what it started. If
the host ends normally, it does both itself, and nothing is left to do here.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal

GRACE_MILLISECONDS = 10_000
"""For a worker to end by itself once its host has."""


def watch(host: int, folder: str) -> None:
    """Start to watch over this process, which is to become the worker of `host`, and over its folder."""
    worker = os.getpid()
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    # Neither its child nor of its group: it must outlive both.
    try:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 3)
            wait_and_clear(host, worker, folder)
    finally:
        os._exit(0)


def wait_and_clear(host: int, worker: int, folder: str) -> None:
    lives = {process: life(process) for process in (host, worker)}
    ends = select.poll()
    for process in lives:
        ends.register(lives[process], select.POLLIN)
    ended = [descriptor for descriptor, _ in ends.poll()]
    if lives[host] not in ended:
        return  # only the worker has ended: the host is there to clear up
    ends.unregister(lives[host])
    ends.poll(GRACE_MILLISECONDS)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(worker, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


def life(process: int) -> int:
    """A descriptor that can be read from once a process has ended."""
    try:
        return os.pidfd_open(process)
    except ProcessLookupError:
        ended, end = os.pipe()
        os.write(end, b"1")
        return ended
