"""Where children cannot be forked the worker is its own child: it answers once and ends; the host starts another.

The host alone watches it: it keeps the time, and kills it when it is late or no longer wanted.
"""

from __future__ import annotations

import json
import os
from typing import Any

from .channel import Channel
from .child import Reporter, compare_request, settle
from .sandbox import limit
from .warm import warm


def answer_once(backend: Any, channel: Channel, folder: str) -> None:
    """Warm up, say so, serve one request; the process ends here without running what user code has registered."""
    settle(folder)
    warm(backend)
    channel.send({"state": "ready", "reason": str(backend.version)})
    line = channel.receive()
    if line is None:
        return
    request = json.loads(line)
    if "stop" in request:
        return
    end = os._exit
    reporter = Reporter(channel.answers, request["id"])
    try:
        limit(request["timeout"], backend.memory)
        compare_request(request, backend, reporter)
        ended = {"end": "done", "output": ""}
    except BaseException as error:
        ended = {"end": "failed", "output": f"{type(error).__name__}: {error}"}
    reporter.raw({"id": request["id"], "status": 0, **ended})
    end(0)
