"""What a forked child does: confine itself, compare, report, and end without running anything that was left behind."""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any, NoReturn

from .compare import compare
from .sandbox import confine
from .supervise import FAILED


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


def work(request: dict[str, Any], backend: Any, report: int, output: int, worker: int, folder: str) -> NoReturn:
    """The whole life of a child; ends with `os._exit`, whatever user code has registered or left running."""
    end = os._exit
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(folder)
        tempfile.tempdir = folder
        jailed = confine(worker, Path(folder), request["readable"], request["timeout"], backend.memory)
        reporter = Reporter(report)
        compare_request({**request, "jailed": jailed}, backend, reporter)
        reporter.raw({"finished": True})
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        end(FAILED)
    finally:
        end(0)


def compare_request(request: dict[str, Any], backend: Any, reporter: Reporter) -> None:
    """Set the scene as the user's program would find it, then compare."""
    sys.argv = [request["path"]]
    sys.path[:0] = request["folders"]
    warnings.simplefilter("ignore")
    random.seed(0)
    backend.prepare()
    compare(request, backend, reporter.send)
