"""The workers of one verifier: one for each interpreter and framework, started again when it was lost."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from autofix.model import Framework
from autofix.verify.process import Options, Worker

Key = tuple[Path, Framework]
# One death between two answers is an accident.
MOST_DEATHS = 1


class Workers:
    """Shared by threads."""

    def __init__(self, allow_unsandboxed: bool, spare: bool, idle: float) -> None:
        self.allow_unsandboxed = allow_unsandboxed
        self.spare = spare
        self.idle = idle
        self.lock = threading.Lock()
        self.running: dict[Key, Worker] = {}
        self.lent_out: set[Worker] = set()
        self.refused: dict[Key, str] = {}
        self.deaths: dict[Key, int] = {}

    def get(self, python: Path, framework: Framework, readable: tuple[str, ...]) -> Worker | str:
        """The living worker, or why there is none; one that could not start stays, and says why."""
        key = python, framework
        with self.lock:
            worker = self.running.get(key)
            if worker is not None and worker.gone and not worker.is_hopeless:
                self.bury(key, worker)
                worker = None
            if key in self.refused:
                return self.refused[key]
            if worker is None:
                options = Options(framework, readable, self.allow_unsandboxed, self.spare, self.idle)
                try:
                    worker = self.running[key] = Worker(python, options)
                except OSError as error:
                    self.refused[key] = f"{python} could not be run: {error.strerror}"
                    return self.refused[key]
            return worker

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
        key = worker.python, worker.options.framework
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
                self.get(*key, worker.options.readable)

    def close(self) -> None:
        with self.lock:
            workers = [*self.running.values(), *self.lent_out]
            self.running.clear()
            self.lent_out.clear()
        for worker in workers:
            worker.close()
