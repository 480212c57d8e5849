"""Start the worker: test the sandbox, look for the framework, import it, warm up, then serve.

The warm-up runs a small loss once in every way that a verification does, so that the cost of first use (kernels, lazy
imports, AutoGraph's conversion of our functions) is paid before there is a request. It leaves no trace for a loss:
seeds and defaults are set before each run, and those that nothing sets are restored by `Backend.restored`.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import re
import shutil
import site
import sys
from pathlib import Path
from typing import Any

from .draw import Argument, Array
from .measure import Runnable
from .protocol import Channel
from .sandbox import unconfined


def start(options: str) -> None:
    """Serve until the host goes; `options` is the JSON object that `__main__` describes."""
    chosen = json.loads(options)
    # The protocol's own copies: what user code prints must never be taken for an answer.
    channel = Channel(os.dup(0), os.dup(1))
    with Path(os.devnull).open("r+b") as null:
        os.dup2(null.fileno(), 0)
        os.dup2(null.fileno(), 1)
    try:
        serve(chosen, channel)
    finally:
        shutil.rmtree(chosen["folder"], ignore_errors=True)


def serve(options: dict[str, Any], channel: Channel) -> None:
    """Say what is found on the way; end at the first thing that stands against running anything."""
    framework = options["framework"]
    places = searched()
    if importlib.util.find_spec(framework) is None:
        way_out = "install it there or pass another Python with --python"
        reason = f"{framework} is not installed for {sys.executable}; {way_out}"
        channel.send({"state": "missing", "reason": reason, "searched": places})
        return
    reason = unconfined(options["folder"])
    if reason and not options["allow_unsandboxed"]:
        channel.send({"state": "unconfined", "reason": reason})
        return
    channel.send({"state": "found", "jailed": not reason, "forks": forks(), "searched": places})
    try:
        version = str(importlib.import_module(framework).__version__)
        if (least := too_old(framework, version)) is not None:
            reason = f"{framework} {version} is too old: {least} or later is needed"
            channel.send({"state": "failed", "reason": reason})
            return
        backend = backend_module(framework).Backend()
    except BaseException as error:
        channel.send({"state": "failed", "reason": f"import {framework} failed: {in_one_line(error)}"})
        return
    gc.collect()
    gc.freeze()
    if forks():
        from .supervise import Supervisor

        channel.send({"state": "ready", "reason": str(backend.version)})
        Supervisor(backend, channel, options).run()
    else:
        from .child import answer_once

        answer_once(backend, channel, options["folder"])


def backend_module(framework: str) -> Any:
    """What the worker has for a framework; importing it does not import the framework."""
    return importlib.import_module(f".backends.{framework}", __package__)


def too_old(framework: str, version: str) -> str | None:
    """The oldest version that can be used, where this one is older."""
    least = backend_module(framework).OLDEST
    found = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    return ".".join(str(part) for part in least) if found < least else None


def searched() -> list[str]:
    """Where this interpreter looks for packages, and where it would if the user installed some for all of theirs."""
    own = site.getusersitepackages() if site.ENABLE_USER_SITE else ""
    return list(dict.fromkeys(os.path.abspath(place) for place in (*sys.path, own) if place))  # noqa: PTH100


def forks() -> bool:
    """Elsewhere a fork after such an import is not safe, or there is none."""
    return sys.platform.startswith("linux") and hasattr(os, "fork")


def in_one_line(error: BaseException) -> str:
    """A failed import in one line: its own words end with advice and long listings."""
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {first}"[:300]


POINT = (
    Argument("prediction", (Array((2, 3), (0.5, 0.1, 0.9, 0.4, 0.2, 0.7)),)),
    Argument("target", (Array((2, 3), (0.25, 0.5, 0.1, 0.6, 0.8, 0.3)),)),
)


def warm(backend: Any) -> None:
    backend.prepare()
    with backend.restored():
        for precision in backend.dtypes:
            runnable = Runnable(backend.small_loss, backend, precision)
            if precision not in ("double", "single"):
                with contextlib.suppress(Exception):  # older frameworks lack operations in half precision
                    runnable.value(POINT)
            else:
                runnable.value(POINT)
                runnable.gradient(POINT, ("prediction",))
                if backend.checks_graph:
                    runnable.graph([POINT], ("prediction",))
