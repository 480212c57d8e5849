"""Does the jail hold here? Asked by trying: a child enters it, then tries to get out.

Versions and configurations say less: a container may offer a call and refuse it, or accept it and do nothing.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from . import jail
from .sandbox import confine

SECONDS = 20.0


def unconfined(folder: str) -> str:
    """Why children cannot be confined, or nothing; `folder` is the worker's own."""
    if not hasattr(os, "fork"):
        return "processes cannot be forked here, so none can be confined"
    if reason := jail.lacking():
        return reason
    inside = Path(folder) / "inside"
    outside = Path(folder) / "outside"
    inside.mkdir()
    outside.write_text("outside")
    worker = os.getpid()
    told, telling = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        attempt(worker, inside, outside, telling)
    os.close(telling)
    try:
        readable, _, _ = select.select([told], [], [], SECONDS)
        answer = os.read(told, 4096).decode() if readable else "a confined process hangs"
    finally:
        os.close(told)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        shutil.rmtree(inside, ignore_errors=True)
        outside.unlink(missing_ok=True)
    return "" if answer == "held" else answer or "a confined process dies"


def attempt(worker: int, inside: Path, outside: Path, telling: int) -> NoReturn:
    """In the child: enter the jail and say what still is possible."""
    try:
        reason = jailed_or_why(worker, inside, outside)
        os.write(telling, (reason or "held").encode())
    finally:
        os._exit(0)


def jailed_or_why(worker: int, inside: Path, outside: Path) -> str:
    if reason := confine(worker, str(inside), []):
        return reason
    try:
        (inside / "file").write_text("inside")
        Path(os.__file__).read_bytes()
    except OSError as error:
        return f"a confined process cannot even use its own folder ({error.strerror})"
    escaped = [name for name, way in escapes(worker, outside).items() if jail.succeeds(way)]
    return f"a confined process can still {' and '.join(escaped)}" if escaped else ""


def escapes(worker: int, outside: Path) -> dict[str, Callable[[], object]]:
    return {
        "write outside its folder": lambda: outside.open("r+"),
        "read outside its folder": lambda: outside.read_text(),
        "delete outside its folder": lambda: outside.unlink(),
        "change modes": lambda: outside.chmod(0o600),
        "open a socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
        "start a process": start_process,
        "signal the worker": lambda: os.kill(worker, 0),
    }


def start_process() -> None:
    if os.fork() == 0:
        os._exit(0)
    os.wait()
