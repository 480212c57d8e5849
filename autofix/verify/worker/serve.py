"""The worker's loop: announce the framework, then answer requests one after the other, each in a fresh child."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from typing import Any

from .supervise import Channel, supervise


def serve(framework: str, requests: int, answers: int) -> None:
    channel = Channel(requests, answers)
    if importlib.util.find_spec(framework) is None:
        channel.send({"state": "missing", "reason": f"{framework} is not installed for {sys.executable}"})
        return
    channel.send({"state": "found"})
    try:
        importlib.import_module(framework)
        backend = importlib.import_module(f".backends.{framework}", __package__).Backend()
    except BaseException as error:
        channel.send({"state": "failed", "reason": f"import {framework} failed: {type(error).__name__}: {error}"})
        return
    gc.collect()
    gc.freeze()
    channel.send({"state": "ready", "reason": str(backend.version)})
    while (line := channel.receive()) is not None:
        request = json.loads(line)
        if "stop" in request:
            continue
        if not hasattr(os, "fork"):
            alone(request, backend, answers)
        if not answer(request, backend, channel):
            return


def answer(request: dict[str, Any], backend: Any, channel: Channel) -> bool:
    """Fork, let the child work under supervision; False when the host is gone."""
    report_read, report_write = os.pipe()
    output_read, output_write = os.pipe()
    worker = os.getpid()
    folder = tempfile.mkdtemp(prefix="autofix-")
    child = os.fork()
    if child == 0:
        os.close(report_read)
        os.close(output_read)
        channel.close()
        from .child import work

        work(request, backend, report_write, output_write, worker, folder)
    os.close(report_write)
    os.close(output_write)
    try:
        return supervise(child, request, report_read, output_read, channel)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def alone(request: dict[str, Any], backend: Any, answers: int) -> None:
    """Where there is no fork the worker is its own child: it answers once and ends; the host starts another."""
    from .child import Reporter, compare_request

    reporter = Reporter(answers, request["id"])
    compare_request(request, backend, reporter)
    reporter.raw({"id": request["id"], "end": "done", "status": 0, "output": ""})
    os._exit(0)
