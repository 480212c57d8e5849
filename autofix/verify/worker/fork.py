"""Fork a child: pipes and a folder of its own, nothing left open of the worker's or of its siblings'."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from typing import Any

from .channel import Channel
from .child import work
from .children import Child


def fork(
    backend: Any, parent: str, readable: list[str], sources: list[str], siblings: Iterable[Child], channel: Channel
) -> Child:
    """A child that confines itself, warms up and waits for its request; raises OSError.

    It may read what its request may (`readable`), and `sources`, the folders of editable packages.
    """
    worker = os.getpid()
    folder = tempfile.mkdtemp(prefix="run-", dir=parent)
    pipes = [os.pipe() for _ in range(3)]
    (orders_read, orders_write), (report_read, report_write), (output_read, output_write) = pipes
    try:
        process = os.fork()
    except OSError:
        for one in [end for pipe in pipes for end in pipe]:
            os.close(one)
        shutil.rmtree(folder)
        raise
    if process == 0:
        foreign = [end for child in siblings for end in (child.orders, child.report, child.output)]
        for one in (orders_write, report_read, output_read, channel.requests, channel.answers, *foreign):
            os.close(one)
        work(backend, worker, folder, [*readable, *sources], orders_read, report_write, output_write)
    for one in (orders_read, report_write, output_write):
        os.close(one)
    return Child(process, folder, readable, orders_write, report_read, output_read)
