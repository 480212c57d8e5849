"""What a forked child does: confine itself, warm up, wait, compare, and end without running what was left behind."""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import warnings
from typing import Any, NoReturn

from .children import FAILED
from .compare import compare
from .opened import Opened
from .sandbox import confine, limit
from .steps import compare_step
from .warm import warm


class Reporter:
    """Sends JSON lines; holds its own reference to what it needs, taken before user code runs."""

    def __init__(self, descriptor: int, request: int | None = None) -> None:
        self.descriptor = descriptor
        self.request = request
        self.write = os.write
        self.encode = json.dumps

    def raw(self, message: dict[str, Any]) -> None:
        content = self.encode(message).encode() + b"\n"
        while content:
            content = content[self.write(self.descriptor, content) :]

    def send(self, message: dict[str, Any]) -> None:
        self.raw(message if self.request is None else {"id": self.request, "report": message})


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
        with os.fdopen(orders, "rb") as given:
            request = json.loads(given.readline() or b"null")
        if request is not None:
            if unconfined and not request["allow_unsandboxed"]:
                raise OSError(unconfined)
            reporter.raw({"started": True})
            limit(request["timeout"], backend.memory)
            compare_request(request, backend, reporter)
            reporter.raw({"finished": True})
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        end(FAILED)
    finally:
        end(0)


def settle(folder: str) -> None:
    """Work in the private folder, and have everything temporary made there."""
    os.chdir(folder)
    os.environ["TMPDIR"] = folder
    tempfile.tempdir = folder


def compare_request(request: dict[str, Any], backend: Any, reporter: Reporter) -> None:
    """Set the scene as the user's program would find it, then compare."""
    sys.argv = [request["path"]]
    sys.path[:0] = request["folders"]
    sys.path += request["roots"]  # last: what is installed goes before what only some ways to start a script find
    warnings.simplefilter("ignore")
    random.seed(0)
    opened = Opened(os.getcwd())  # noqa: PTH109
    opened.watch()
    question = compare_step if request["kind"] == "step" else compare
    question(request, backend, lambda report: reporter.send({**report, "opened": opened.told()}))
