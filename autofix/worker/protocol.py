"""JSON lines to and from the host, read without a buffer that a `select` could not see into."""

from __future__ import annotations

import json
import os

from .records import Answer, State


class Channel:
    """`closed` says that the host is gone, either way."""

    def __init__(self, requests: int, answers: int) -> None:
        self.requests = requests
        self.answers = answers
        self.pending = b""
        self.closed = False

    def send(self, message: State | Answer) -> None:
        content = json.dumps(message).encode() + b"\n"
        try:
            while content:
                content = content[os.write(self.answers, content) :]
        except BrokenPipeError:
            self.closed = True

    def fill(self) -> None:
        chunk = os.read(self.requests, 1 << 20)
        self.pending += chunk
        self.closed = self.closed or not chunk

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
