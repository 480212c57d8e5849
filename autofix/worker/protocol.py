"""JSON lines to and from the host, read without a buffer that a `select` could not see into.

What a run says in words (an exception in one line) marks its lines, so that the host translates them to the file's.
"""

from __future__ import annotations

import json
import os

from .numerics import NotNumeric
from .records import Answer, State

MARK = "\x1a"
LONGEST = 200


def at_line(line: int) -> str:
    """`line 12`, its number marked."""
    return f"line {line}{MARK}"


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters; one that is cut ends in `…`."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def type_in_words(value: object) -> str:
    """What a value is: `None`, `a float`, `a numpy.ndarray`."""
    kind = type(value)
    return "None" if value is None else f"a {kind.__module__}.{kind.__qualname__}".replace("builtins.", "")


def in_one_line(error: BaseException) -> str:
    """An exception by its type and its first line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    # AutoGraph puts a traceback before what was raised.
    first = (lines[-1] if lines[0] == "in user code:" else lines[0])[:LONGEST]
    if first.startswith(type(error).__name__):
        return first
    return f"{type(error).__name__}: {first}" if not isinstance(error, NotNumeric) else first


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
