"""The outer jail: entered by autofix's own Python, which then executes the user's, so that all it brings starts inside.

The plan is a file that holds one JSON object: `command` and `environment` of what is executed, `host` (the process that
asks for it), `folder` (its own, the only one that it may write to), `run` (where Pythons lie, which may be read and
executed), `read` (other folders), `projects` (of which the visible part may be read) and `near` (the folders of them
that matter most).

A process beside it, outside the jail, cleans up if the host is killed: the worker cannot remove its own folder, whose
parent it may not write to, nor be relied on to end what it started.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from . import jail
from .jail import OWN, READ, RUN, Grant
from .visible import around, visible

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


MOST_FILE_BYTES = 64 << 20


def main(plan: str) -> NoReturn:
    """Enter the jail and become the command; where one of both fails, say so as a worker does."""
    asked = json.loads(Path(plan).read_bytes())
    os.unlink(plan)  # noqa: PTH108
    watch(asked["host"], asked["folder"])
    if reason := enter(asked):
        end({"state": "unconfined", "reason": reason})
    try:
        os.execve(asked["command"][0], asked["command"], asked["environment"])
    except OSError as error:
        end({"state": "failed", "reason": f"{asked['command'][0]} could not be run: {error.strerror}"})


def end(message: dict[str, str]) -> NoReturn:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
    os._exit(1)


def enter(plan: dict[str, Any]) -> str:
    """Confine this process for good; gives why that is not possible, or does not hold."""
    if reason := jail.lacking():
        return reason
    grants = [*granted(plan)]
    os.umask(0o077)
    limit()
    os.chdir(plan["folder"])
    if reason := jail.confined(grants, outer=True):
        return reason
    escaped = [name for name, way in ESCAPES.items() if jail.succeeds(way)]
    return f"its self-test could {' and '.join(escaped)}" if escaped else ""


def granted(plan: dict[str, Any]) -> Iterator[Grant]:
    """Nothing that a project hides, nor anything of the home, even where these lie in a folder of the system."""
    home = os.path.expanduser("~")  # noqa: PTH111
    kept_out = [home, *plan["projects"]]
    yield from around([*jail.SYSTEM, *jail.narrow(plan["run"])], kept_out, RUN)
    yield from around([*jail.FILES, *jail.narrow(plan["read"])], kept_out, READ)
    for project in jail.narrow(plan["projects"]):
        yield from visible(project, plan["near"])
    yield plan["folder"], OWN


def limit() -> None:
    import resource

    for what, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, MOST_FILE_BYTES)):
        _, hard = resource.getrlimit(what)
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (value, value))


# Tried each time: a system may take every call and do nothing.
ESCAPES = {
    "write outside its folder": lambda: os.close(os.open(__file__, os.O_RDWR)),
    "read outside its folder": lambda: os.listdir(os.sep),  # noqa: PTH208
    "change modes": lambda: os.chmod(__file__, os.stat(__file__).st_mode & 0o7777),  # noqa: PTH101, PTH116
}
