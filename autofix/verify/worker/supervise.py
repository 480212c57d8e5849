"""Watch one child: pass on what it reports, keep some of what it prints, end it when late, loud or unwanted."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from typing import Any

KEPT_OUTPUT = 64 * 1024
MOST_OUTPUT = 16 * 1024 * 1024
# The exit status of a child that failed by a fault of ours; what it printed says which.
FAILED = 70


class Channel:
    """JSON lines to and from the host, read without a buffer that a `select` could not see into."""

    def __init__(self, requests: int, answers: int) -> None:
        self.requests = requests
        self.answers = answers
        self.pending = b""
        self.closed = False

    def send(self, message: dict[str, Any]) -> None:
        write_all(self.answers, json.dumps(message).encode() + b"\n")

    def fill(self) -> None:
        chunk = os.read(self.requests, 65536)
        self.pending += chunk
        self.closed = not chunk

    def line(self) -> bytes | None:
        head, newline, rest = self.pending.partition(b"\n")
        if not newline:
            return None
        self.pending = rest
        return head

    def receive(self) -> bytes | None:
        """The next line; None when the host is gone."""
        while (line := self.line()) is None:
            if self.closed:
                return None
            self.fill()
        return line

    def close(self) -> None:
        os.close(self.requests)
        os.close(self.answers)


def write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def supervise(child: int, request: dict[str, Any], report: int, output: int, channel: Channel) -> bool:
    """Serve the child until it ends; False when the host went away meanwhile."""
    watch = Watch(request["id"], report, output, channel, time.monotonic() + request["timeout"])
    try:
        end = watch.run()
    finally:
        # SIGKILL always: a child that has answered may still hold a thread that never ends.
        kill(child)
        _, status = os.waitpid(child, 0)
        os.close(report)
        os.close(output)
    if end == "closed":
        end, status = verdict_of_status(watch, status)
    if channel.closed:
        return False
    tail = watch.printed[-2000:].decode("utf-8", "replace")
    channel.send({"id": request["id"], "end": end, "status": status, "output": tail})
    return True


def kill(child: int) -> None:
    for end in (os.killpg, os.kill):
        try:
            end(child, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def verdict_of_status(watch: Watch, status: int) -> tuple[str, int]:
    if watch.finished:
        return "done", 0
    if os.WIFSIGNALED(status) and not (watch.killed_by_us and os.WTERMSIG(status) == signal.SIGKILL):
        return "killed", os.WTERMSIG(status)
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0
    return ("failed" if code == FAILED else "exited"), code


class Watch:
    """The state of one supervision."""

    def __init__(self, request: int, report: int, output: int, channel: Channel, deadline: float) -> None:
        self.request = request
        self.report = report
        self.output = output
        self.channel = channel
        self.deadline = deadline
        self.printed = b""
        self.printed_total = 0
        self.unread = b""
        self.reported_total = 0
        self.finished = False
        self.killed_by_us = False
        self.open = {report, output}

    def run(self) -> str:
        """How it ended: `late`, `flood`, `stopped`, `gone` (the host), or `closed` (the child ended by itself)."""
        while self.report in self.open:
            left = self.deadline - time.monotonic()
            if left <= 0:
                return "late"
            wanted = [*self.open, *([] if self.channel.closed else [self.channel.requests])]
            readable, _, _ = select.select(wanted, [], [], left)
            for descriptor in readable:
                if end := self.read(descriptor):
                    return end
            if self.finished:
                return "closed"
        self.wait_briefly()
        return "closed"

    def read(self, descriptor: int) -> str | None:
        if descriptor == self.channel.requests:
            return self.read_host()
        chunk = os.read(descriptor, 65536)
        if not chunk:
            self.open.discard(descriptor)
        elif descriptor == self.output:
            self.printed_total += len(chunk)
            self.printed = (self.printed + chunk)[-KEPT_OUTPUT:]
            if self.printed_total > MOST_OUTPUT:
                return "flood"
        else:
            return self.read_report(chunk)
        return None

    def read_report(self, chunk: bytes) -> str | None:
        self.reported_total += len(chunk)
        if self.reported_total > MOST_OUTPUT:
            return "flood"
        *lines, self.unread = (self.unread + chunk).split(b"\n")
        for line in lines:
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if message == {"finished": True}:
                self.finished = True
            else:
                self.channel.send({"id": self.request, "report": message})
        return None

    def read_host(self) -> str | None:
        self.channel.fill()
        if self.channel.closed:
            return "gone"
        if (line := self.channel.line()) is not None and json.loads(line).get("stop") == self.request:
            return "stopped"
        return None

    def wait_briefly(self) -> None:
        """The report pipe closed before the answer: give the child a moment to die of what it is dying of."""
        time.sleep(0.2)
        self.killed_by_us = True
