"""What a forked child does: enter its jail, warm up, wait, compare, and exit without running cleanup code.

Where children cannot be forked, the worker is its own child: it answers once and ends, and the host starts another.
Only the host keeps the time, and kills a child that is late or no longer needed. The report includes the files that the
run opened and the modules that it did not find.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import warnings
from collections.abc import Iterable
from functools import partial
from importlib.util import source_from_cache
from typing import Any, NoReturn, cast

from . import records
from .children import FAILED
from .compare import compare
from .program import observe
from .protocol import Channel
from .records import ChildReport, End, Message, SentProgramRequest, SentRequest, TrialRequest
from .sandbox import confine, limit
from .start import warm
from .steps import compare_step

MOST_WRITTEN = 64 << 20
"""Bytes of a file that a program may write: a model that it saves."""


class Reporter:
    """Sends JSON lines; holds its own reference to what it needs, taken before user code runs."""

    def __init__(self, descriptor: int, request: int | None = None) -> None:
        self.descriptor = descriptor
        self.request = request
        self.write = os.write
        self.encode = json.dumps

    def raw(self, message: object) -> None:
        content = self.encode(message).encode() + b"\n"
        while content:
            content = content[self.write(self.descriptor, content) :]

    def send(self, report: ChildReport) -> None:
        self.raw(report if self.request is None else Message(id=self.request, report=report))


def work(
    backend: Any, worker: int, folder: str, readable: list[str], orders: int, report: int, output: int
) -> NoReturn:
    """The whole life of a child; ends with `os._exit`, whatever user code has registered or left running."""
    end = os._exit
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        settle(folder)
        unconfined = confine(worker, folder, readable)
        warm(backend)
        reporter = Reporter(report)
        reporter.raw({"warm": True})
        with os.fdopen(orders, "rb") as file:
            request: SentRequest | SentProgramRequest | None = json.loads(file.readline() or b"null")
        if request is not None:
            if unconfined and not request["allow_unsandboxed"]:
                raise OSError(unconfined)
            reporter.raw({"started": True})
            if "program" in request:
                limit(request["timeout"], backend.memory, MOST_WRITTEN)
                program = cast("SentProgramRequest", request)
                observe(program, backend, reporter.send, partial(leave, reporter, end))
            else:
                limit(request["timeout"], backend.memory)
                compare_request(request, backend, reporter)
            reporter.raw({"finished": True})
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        end(FAILED)
    finally:
        end(0)


def leave(reporter: Reporter, end: Any) -> NoReturn:
    """End the process at once: what the program catches or has registered is not asked."""
    reporter.raw({"finished": True})
    end(0)
    raise SystemExit


def settle(folder: str) -> None:
    """Work in the private folder, and have everything temporary made there."""
    os.chdir(folder)
    os.environ["TMPDIR"] = folder
    tempfile.tempdir = folder


def compare_request(request: TrialRequest, backend: Any, reporter: Reporter) -> None:
    """Set the scene as the user's program would find it, then compare."""
    sys.argv = [request["path"]]
    sys.path[:0] = request["folders"]
    sys.path += request["roots"]  # last: what is installed goes before what only some ways to start a script find
    warnings.simplefilter("ignore")
    random.seed(0)
    opened = Opened(os.getcwd())  # noqa: PTH109
    opened.watch()
    compared = compare_step if request["kind"] == "step" else compare
    compared(request, backend, lambda report: reporter.send({"content": report, "opened": opened.record()}))


def answer_once(backend: Any, channel: Channel, folder: str) -> None:
    """Warm up, say so, serve one request; the process ends here without running what user code has registered."""
    settle(folder)
    warm(backend)
    channel.send({"state": "ready", "reason": str(backend.version)})
    line = channel.receive()
    if line is None:
        return
    message = json.loads(line)
    if "stop" in message:
        return
    request: SentRequest = message
    end = os._exit
    reporter = Reporter(channel.answers, request["id"])
    try:
        limit(request["timeout"], backend.memory)
        compare_request(request, backend, reporter)
        how, output = "done", ""
    except BaseException as error:
        how, output = "failed", f"{type(error).__name__}: {error}"
    reporter.raw(End(id=request["id"], end=how, status=0, output=output))
    end(0)


KERNEL = ("/proc", "/sys", "/dev")
PACKAGES = (os.sep + "site-packages" + os.sep, os.sep + "dist-packages" + os.sep)


class Opened:
    """Listens from `watch` on; installed packages, the standard library and the run's own `folder` are left out."""

    def __init__(self, folder: str) -> None:
        here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
        outside = (folder, here, os.path.dirname(os.__file__), *KERNEL)  # noqa: PTH120
        self.outside = tuple(one + os.sep for one in outside)
        self.paths: set[str] = set()
        self.absent: set[str] = set()

    def watch(self) -> None:
        """Listen until the process ends: there is no way to stop."""
        sys.addaudithook(self.on_audit)
        sys.meta_path.append(self)

    def on_audit(self, event: str, arguments: Any) -> None:
        if event == "open" and type(arguments[0]) is str:
            self.paths.add(arguments[0])

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """The last to be asked for a module: whoever is before has not found it."""
        self.absent.add(name)

    def record(self) -> records.Opened:
        """Absolute paths of files, sources in place of their bytecode, and dotted names of modules."""
        absent = [one for one in self.absent if one not in sys.modules]
        return {"files": sorted(set(self.theirs(list(self.paths)))), "absent": sorted(absent)}

    def theirs(self, paths: Iterable[str]) -> Iterable[str]:
        for one in paths:
            path = os.path.abspath(one)  # noqa: PTH100
            if (path + os.sep).startswith(self.outside) or any(one in path for one in PACKAGES):
                continue
            try:
                yield source_from_cache(path)
            except ValueError:
                yield path
