"""The worker's loop: pass each request to a child, forward its reports, end it if it is late, loud or unwanted.

A forked child has its own pipes and folder, and no open file of the worker or its siblings. One spare child is kept
forked, confined and warmed up before there is a request. Any number may run at a time.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import tempfile
import time
from collections.abc import Iterable
from typing import Any

from .child import work
from .children import Child
from .protocol import Channel
from .records import SentRequest


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


# How often the private folders of running children are looked at: what is made in it has to be removed again.
LOOK_SECONDS = 0.05
MOST_COPIES = 4
"""How many copies of projects are kept for further runs."""


class Supervisor:
    """Serves until the host goes, or until nothing was asked for `options["idle"]` seconds."""

    def __init__(self, backend: Any, channel: Channel, options: dict[str, Any]) -> None:
        self.backend = backend
        self.channel = channel
        self.folder = options["folder"]
        self.readable: list[str] = options["readable"]
        self.sources: list[str] = options["sources"]
        self.keeps_spare = options["spare"]
        self.idle_seconds: float = options["idle"]
        self.idle_since = time.monotonic()
        self.running: dict[int, Child] = {}
        self.spare: Child | None = None
        self.copies: dict[str, str] = {}
        """Where copies of projects lie that ended runs have left, by the observation that they were made for."""

    def run(self) -> None:
        try:
            self.refill()
            while not self.channel.closed:
                self.turn()
        finally:
            for child in self.children():
                child.end()

    def children(self) -> list[Child]:
        return [*self.running.values(), *([self.spare] if self.spare else [])]

    def refill(self) -> None:
        if self.keeps_spare and self.spare is None:
            try:
                self.spare = self.fork()
            except OSError:
                # Out of memory or of processes for now: the next request asks again, and says so.
                self.spare = None

    def fork(self) -> Child:
        return fork(self.backend, self.folder, self.readable, self.sources, self.children(), self.channel)

    def turn(self) -> None:
        """Wait for the next thing to happen, and deal with it."""
        children = self.children()
        sources = [self.channel.requests, *(pipe for child in children for pipe in child.open)]
        sinks = [child.orders for child in children if child.outgoing]
        readable, writable, _ = select.select(sources, sinks, [], self.patience())
        for child in children:
            if child.orders in writable:
                child.feed()
            for pipe in child.open & set(readable):
                for report in child.receive(pipe):
                    self.channel.send({"id": child.request or 0, "report": report})
        for child in children:
            if (end := child.ending()) is not None:
                self.finish(child, end)
        if self.channel.requests in readable:
            self.receive()
        elif not self.running and time.monotonic() - self.idle_since > self.idle_seconds:
            self.channel.send({"state": "idle"})
            self.channel.closed = True

    def patience(self) -> float:
        if self.running:
            return LOOK_SECONDS
        return max(0.0, self.idle_since + self.idle_seconds - time.monotonic()) + 0.01

    def receive(self) -> None:
        self.channel.fill()
        while (line := self.channel.line()) is not None:
            message = json.loads(line)
            if "stop" not in message:
                self.begin(message)
            elif message["stop"] in self.running:
                self.finish(self.running[message["stop"]], "stopped")

    def begin(self, request: SentRequest) -> None:
        """Give a request to the spare child, where it is confined to the right folders, or to a new one."""
        child, self.spare = self.spare, None
        if child is not None:
            child.was_spare = True
        if child is not None and child.readable != request["readable"]:
            child.end()
            child = None
        self.readable = request["readable"]
        try:
            child = child or self.fork()
        except OSError as error:
            reason = f"no process could be started: {os.strerror(error.errno or 0)}"
            self.channel.send({"id": request["id"], "end": "failed", "status": 0, "output": reason})
            return
        if copy := self.copies.pop(observation_of(request), ""):
            child.take_in(copy)
        child.give(request)
        self.running[child.request or 0] = child
        self.refill()

    def finish(self, child: Child, end: str) -> None:
        """Say how a child ended, and see to it that it has."""
        if child is self.spare:
            self.spare = None
        elif end == "closed" and child.was_spare and not child.started:
            # It died while it waited, before it had the request: that says nothing about the loss.
            del self.running[child.request or 0]
            if self.spare is not None:
                self.spare.end()
                self.spare = None
            if child.sent is not None:
                self.begin(child.sent)
        else:
            del self.running[child.request or 0]
            self.idle_since = time.monotonic()
            status = 0
            if end == "closed":
                child.wait_briefly()
                end, status = child.how_it_died() if child.died else ("exited", 0)
            self.channel.send({"id": child.request or 0, "end": end, "status": status, "output": child.tail()})
        child.end(self.place_for_copy(child))

    def place_for_copy(self, child: Child) -> str:
        """Where the copy of a project that a run leaves is to lie; empty for a run that has none."""
        observation = observation_of(child.sent)
        if not observation or observation in self.copies or not child.leaves_copy():
            return ""
        while len(self.copies) >= MOST_COPIES:
            shutil.rmtree(self.copies.pop(next(iter(self.copies))), ignore_errors=True)
        self.copies[observation] = os.path.join(self.folder, f"copy-{child.process}")  # noqa: PTH118
        return self.copies[observation]


def observation_of(request: Any) -> str:
    """The observation that a run of a program belongs to; empty for any other request."""
    return str(request.get("observation", "")) if request else ""
