"""The workers of one verifier: one for each interpreter and framework, started again when it was lost.

What a worker may read is settled when it starts. Where a file of another project is to be run with the same
interpreter, a new worker takes its place, which may read both projects.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from autofix.model import Framework
from autofix.verify.process import Options, Worker

Key = tuple[Path, Framework, bool]
"""The interpreter, the framework, and whether losses may be run without a jail."""
# One death between two answers is an accident.
MOST_DEATHS = 1


class Workers:
    """Shared by threads."""

    def __init__(self, typed: bool, spare: bool, idle: float) -> None:
        self.typed = typed
        self.spare = spare
        self.idle = idle
        self.lock = threading.Lock()
        self.running: dict[Key, Worker] = {}
        self.lent_out: set[Worker] = set()
        self.refused: dict[Key, str] = {}
        self.deaths: dict[Key, int] = {}

    def get(self, key: Key, readable: tuple[str, ...], near: Path) -> Worker | str:
        """The living worker, or why there is none; one that could not start stays, and says why."""
        with self.lock:
            worker = self.running.get(key)
            if worker is not None and worker.gone and not worker.is_hopeless:
                self.bury(key, worker)
                worker = None
            if key in self.refused:
                return self.refused[key]
            if worker is not None and not worker.is_hopeless and (more := missing_in(worker, readable)):
                self.retire(key, worker)
                readable = (*worker.options.readable, *more)
                worker = None
            return worker or self.start(key, readable, near)

    def start(self, key: Key, readable: tuple[str, ...], near: Path) -> Worker | str:
        python, framework, unsandboxed = key
        options = Options(framework, readable, str(near), self.typed, unsandboxed, self.spare, self.idle)
        try:
            worker = self.running[key] = Worker(python, options)
        except OSError as error:
            self.refused[key] = f"{python} could not be run: {error.strerror}"
            return self.refused[key]
        return worker

    def retire(self, key: Key, worker: Worker) -> None:
        """Take away a worker in whose place another comes; what it still runs, it runs to the end."""
        del self.running[key]
        if worker.answers:
            self.lent_out.add(worker)
        else:
            worker.close()

    def bury(self, key: Key, worker: Worker) -> None:
        """Take away what a worker has left; one that ended for idleness has not died."""
        del self.running[key]
        worker.close()
        if worker.state["state"] == "idle":
            return
        self.deaths[key] = self.deaths.get(key, 0) + 1
        if self.deaths[key] > MOST_DEATHS:
            self.refused[key] = f"the worker for {key[1]} ended twice by itself ({worker.end_told()}, {key[0]})"

    @contextlib.contextmanager
    def lent(self, worker: Worker) -> Iterator[bool]:
        """Whether this thread may ask the worker now: one that serves once is for one thread, and replaced after."""
        key = worker.python, worker.options.framework, worker.options.allow_unsandboxed
        with self.lock:
            is_ours = not worker.serves_once or self.running.get(key) is worker
            if is_ours and worker.serves_once:
                del self.running[key]
                self.lent_out.add(worker)
        try:
            yield is_ours
            with self.lock:
                if is_ours and not worker.gone:
                    self.deaths.pop(key, None)
        finally:
            if is_ours and worker.serves_once:
                with self.lock:
                    self.lent_out.discard(worker)
                worker.close()
                self.get(key, worker.options.readable, worker.near)

    def close(self) -> None:
        with self.lock:
            workers = [*self.running.values(), *self.lent_out]
            self.running.clear()
            self.lent_out.clear()
        for worker in workers:
            worker.close()


def missing_in(worker: Worker, readable: tuple[str, ...]) -> tuple[str, ...]:
    """The folders that a worker must be able to read and cannot, as it was started for others."""
    had = [Path(one) for one in worker.options.readable]
    return tuple(one for one in readable if not any(is_visible_in(folder, Path(one)) for folder in had))


def is_visible_in(folder: Path, inner: Path) -> bool:
    return inner.is_relative_to(folder) and not any(one.startswith(".") for one in inner.relative_to(folder).parts)
