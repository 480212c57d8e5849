"""One child as the worker sees it: its pipes, its messages, its limits of time and output, and its private folder.

The kernel limits the size of one file, but not their number, so the folder is measured.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import signal
import time
from typing import cast

from .mirror import COPY, KEPT, MOST_COPIED_BYTES, MOST_ENTRIES, MOST_FOLDERS
from .records import ChildReport, SentRequest

MOST_FILES = 4096
MOST_BYTES = 64 * 1024 * 1024


def is_crowded(folder: str, files: int = MOST_FILES, most: int = MOST_BYTES) -> bool:
    """Whether it holds more than a run has any use for; files that come and go meanwhile do not count."""
    count = size = 0
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    count += 1
                    size += entry.stat(follow_symlinks=False).st_size
                    if count > files or size > most:
                        return True
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError:
            continue
    return False


LOOKS = 10
"""A look into a folder is followed by so many times its time without one."""
KEPT_OUTPUT = 64 * 1024
MOST_OUTPUT = 16 * 1024 * 1024
WARM_SECONDS = 60.0
# How long a child that has closed its report may take to die of what it is dying of.
DYING_SECONDS = 0.2
# The exit status of a child that failed by a fault of ours; what it printed says which.
FAILED = 70


class Child:
    """A forked process; `orders` is written to, `report` and `output` are read from."""

    def __init__(self, process: int, folder: str, readable: list[str], orders: int, report: int, output: int) -> None:
        self.process = process
        self.folder = folder
        self.readable = readable
        self.orders, self.report, self.output = orders, report, output
        self.open = {report, output}
        self.request: int | None = None
        self.sent: SentRequest | None = None
        self.outgoing = b""
        self.was_spare = self.warm = self.started = self.finished = self.died = self.ended = False
        self.seconds = math.inf
        self.deadline = time.monotonic() + WARM_SECONDS
        self.unread = b""
        self.printed = b""
        self.printed_total = self.reported_total = 0
        self.status = 0
        self.next_look = 0.0
        os.set_blocking(orders, False)

    def give(self, request: SentRequest) -> None:
        self.sent = request
        self.request = request["id"]
        self.seconds = request["timeout"]
        self.outgoing = json.dumps(request).encode() + b"\n"
        self.start_clock()
        self.feed()

    def start_clock(self) -> None:
        """Its time begins when it has both its request and its warm-up behind it."""
        if self.warm:
            self.deadline = time.monotonic() + self.seconds

    def feed(self) -> None:
        """Write as much of the request as the pipe takes."""
        try:
            self.outgoing = self.outgoing[os.write(self.orders, self.outgoing) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self.outgoing = b""

    def receive(self, pipe: int) -> list[ChildReport]:
        """Read what is there; gives what it reports, if that is what it should be."""
        chunk = os.read(pipe, 65536)
        if not chunk:
            self.open.discard(pipe)
        elif pipe == self.output:
            self.printed_total += len(chunk)
            self.printed = (self.printed + chunk)[-KEPT_OUTPUT:]
        else:
            self.reported_total += len(chunk)
            *lines, self.unread = (self.unread + chunk).split(b"\n")
            return [message for line in lines if (message := self.read(line)) is not None]
        return []

    def read(self, line: bytes) -> ChildReport | None:
        """A report to pass on; None for what is meant for the worker, or is no JSON."""
        try:
            note: object = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if note == {"finished": True}:
            self.finished = True
            return None
        if note == {"started": True}:
            self.started = True
            return None
        if note == {"warm": True}:
            if not self.warm:
                self.warm = True
                self.start_clock()
            return None
        return cast(ChildReport, note)

    def ending(self) -> str | None:
        """How it ends: `done`, `closed` (by itself), `flood`, `disk`, `late`, `failed` (to warm up); None: not yet."""
        if self.finished:
            return "done"
        if self.report not in self.open:
            return "closed"
        if max(self.printed_total, self.reported_total) > MOST_OUTPUT:
            return "flood"
        if self.deadline <= time.monotonic():
            return "late" if self.warm else "failed"
        return "disk" if self.request is not None and self.is_crowded() else None

    def is_crowded(self) -> bool:
        """Whether its folder is, looked at in a small share of the time however much is in it."""
        start = time.monotonic()
        if start < self.next_look:
            return False
        found = is_crowded(self.folder, *self.room)
        self.next_look = time.monotonic() + LOOKS * (time.monotonic() - start)
        return found

    @property
    def room(self) -> tuple[int, int]:
        """How many files and bytes may lie in its folder; the copy of a project comes on top."""
        if self.sent is not None and "program" in self.sent:
            return MOST_FILES + MOST_FOLDERS + MOST_ENTRIES, MOST_BYTES + MOST_COPIED_BYTES
        return MOST_FILES, MOST_BYTES

    def leaves_copy(self) -> bool:
        """Whether its copy of a project can be put back to what it was: it said so before it reported."""
        return os.path.exists(os.path.join(self.folder, COPY, KEPT))  # noqa: PTH110, PTH118

    def take_in(self, copy: str) -> None:
        """Give it the copy of a project that a run before has left."""
        with contextlib.suppress(OSError):
            os.rename(copy, os.path.join(self.folder, COPY))  # noqa: PTH104, PTH118

    def has_died(self) -> bool:
        if not self.died:
            found, status = os.waitpid(self.process, os.WNOHANG)
            self.died, self.status = bool(found), status
        return self.died

    def wait_briefly(self) -> None:
        limit = time.monotonic() + DYING_SECONDS
        while not self.has_died() and time.monotonic() < limit:
            time.sleep(0.002)

    def how_it_died(self) -> tuple[str, int]:
        """Of a child that ended by itself."""
        if os.WIFSIGNALED(self.status):
            return "killed", os.WTERMSIG(self.status)
        code = os.WEXITSTATUS(self.status)
        return ("failed" if code == FAILED else "exited"), code

    def tail(self) -> str:
        """The last of what it printed, what is still in the pipe included."""
        if self.output in self.open and not self.ended:
            os.set_blocking(self.output, False)
            with contextlib.suppress(BlockingIOError):
                self.receive(self.output)
        return self.printed[-2000:].decode("utf-8", "replace")

    def end(self, copy: str = "") -> None:
        """Kill it, whatever it does, and take away its folder; SIGKILL even after its answer: threads may go on.

        Its copy of a project goes to `copy` where one is given.
        """
        if self.ended:
            return
        self.ended = True
        if not self.has_died():
            kill(self.process)
            os.waitpid(self.process, 0)
        for pipe in (self.orders, self.report, self.output):
            os.close(pipe)
        if copy:
            with contextlib.suppress(OSError):
                os.rename(os.path.join(self.folder, COPY), copy)  # noqa: PTH104, PTH118
        shutil.rmtree(self.folder, ignore_errors=True)


def kill(child: int) -> None:
    for end in (os.killpg, os.kill):
        try:
            end(child, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
