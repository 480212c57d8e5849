"""Worker processes as the host sees them: started at once, asked with JSON lines, ended reliably.

A verifier has one worker for each Python and framework, restarted after a crash. What a worker may read is fixed at its
start: if a file of another project needs the same Python, a new worker that may read both projects replaces it. A
`Cancellation` stops a verification from any thread while another waits for it.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from autofix.model import Framework
from autofix.verify.launcher import Chosen, end, lacking, launch, refusal
from autofix.verify.wording import bounded
from autofix.worker.records import Answer, End, ProgramRequest, SentRequest, State, StopRequest, TrialRequest

PROGRAM = Path(__file__).parent.parent / "worker" / "__main__.py"
START_SECONDS = 120.0
# Beyond a loss's own time: a child may still have to be forked and to warm up.
GRACE_SECONDS = 60.0
# Time for a worker to end large children and to remove its folder.
CLOSE_SECONDS = 5.0
KEPT_OUTPUT = 2000
# Ends that somebody else decided on: another start may go well.
KILLED = (-9, -15)
HOPELESS = ("missing", "failed", "unconfined")


@dataclass(frozen=True)
class Options:
    """How a worker is to run: what of projects it may read, whether without a jail too, a spare kept, idle how long.

    `near` is a folder of the project that it is started for; `typed` says whether the user has named its Python.
    """

    framework: Framework
    readable: tuple[str, ...] = ()
    near: str = ""
    typed: bool = False
    allow_unsandboxed: bool = False
    spare: bool = True
    idle: float = 900.0


class WorkerLost(Exception):
    """The worker ended before it had said anything to a request that it has children for: it may be made again."""


class Worker:
    """A running worker. `state` is the last it said of itself; requests of several threads may be under way at once."""

    def __init__(self, python: Path, options: Options) -> None:
        self.python = python
        self.options = options
        self.folder = tempfile.mkdtemp(prefix="autofix-")
        self.started = time.monotonic()
        self.numbers = itertools.count(1)
        self.changed = threading.Condition()
        self.writing = threading.Lock()
        self.state: State = {"state": "starting"}
        self.facts: State = {}
        self.answers: dict[int, queue.Queue[Answer | None]] = {}
        self.has_ended = False
        self.stderr_tail = b""
        self.confined = not lacking()
        try:
            self.process = self.start()
        except OSError:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        self.stderr_reader = threading.Thread(target=self.collect_stderr, daemon=True)
        self.stderr_reader.start()
        threading.Thread(target=self.listen, daemon=True).start()

    def start(self) -> subprocess.Popen[bytes]:
        chosen = Chosen(self.python, self.near, self.options.typed)
        options = {**asdict(self.options), "folder": self.folder, "sources": chosen.places.sources}
        arguments = ["-B", "-u", str(PROGRAM), json.dumps(options)]
        return launch(chosen, arguments, Path(self.folder), self.options.readable, [PROGRAM.parent])

    @property
    def near(self) -> Path:
        return Path(self.options.near or Path.cwd())

    @property
    def jailed(self) -> bool:
        """Whether what it runs is confined by the kernel; known once it is found."""
        return self.confined and bool(self.facts.get("jailed"))

    @property
    def is_hopeless(self) -> bool:
        """Whether another start would end the same way."""
        return self.state["state"] in HOPELESS and not self.state.get("killed")

    @property
    def serves_once(self) -> bool:
        """Whether it is its own child, where none can be forked: known once it is found."""
        return not self.facts.get("forks")

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            try:
                self.receive(bounded(json.loads(line)))
            except (ValueError, AttributeError):
                continue
        with self.changed:
            self.has_ended = True
            if self.state["state"] in ("starting", "found"):
                reason = self.end_of_start()
                self.state = {"state": "failed", "reason": reason, "killed": self.process.poll() in KILLED}
            self.changed.notify_all()
            waiting = list(self.answers.values())
        for answers in waiting:
            answers.put(None)

    def receive(self, message: dict[str, Any]) -> None:
        with self.changed:
            if "state" in message:
                self.state = cast(State, message)
                self.facts |= self.state
                self.changed.notify_all()
            elif (answers := self.answers.get(message.get("id", 0))) is not None:
                answers.put(cast(Answer, message))

    def collect_stderr(self) -> None:
        assert self.process.stderr is not None
        while chunk := os.read(self.process.stderr.fileno(), 65536):
            self.stderr_tail = (self.stderr_tail + chunk)[-KEPT_OUTPUT:]

    def end_of_start(self) -> str:
        """Why it ended before it was ready."""
        self.stderr_reader.join(1.0)
        last_line = self.stderr_tail.decode("utf-8", "replace").strip().splitlines()[-1:]
        detail = f"{self.describe_end()}{': ' + last_line[0] if last_line else ''}"
        if self.state["state"] == "starting":
            return f"{self.python} cannot be used as a Python interpreter ({detail})"
        return f"{self.python} ended while importing {self.options.framework} ({detail})"

    def describe_end(self) -> str:
        """How the process ended, in words."""
        try:
            return describe_status(self.process.wait(CLOSE_SECONDS))
        except subprocess.TimeoutExpired:
            return "it closed its output"

    def wait_until(self, states: tuple[str, ...], cancellation: Cancellation) -> str | None:
        """Wait for one of these states; gives why it will never come, or None when it has."""
        framework = self.options.framework
        with cancellation.waking(self.wake), self.changed:
            while self.state["state"] not in states:
                left = self.started + START_SECONDS - time.monotonic()
                if self.state["state"] in HOPELESS:
                    return self.reason()
                if cancellation.cancelled:
                    return "cancelled"
                if self.has_ended:
                    return None
                if left <= 0:
                    reason = f"import {framework} took more than {START_SECONDS:g} s with {self.python}"
                    self.state = {"state": "failed", "reason": reason}
                    end(self.process)
                else:
                    self.changed.wait(left)
        return None

    def reason(self) -> str:
        """Why it can serve nothing, for the user."""
        reason = str(self.state["reason"])
        if self.state["state"] == "unconfined":
            return refusal(reason, self.near)
        return reason if str(self.python) in reason else f"{reason} ({self.python})"

    def wake(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def ask(
        self, request: TrialRequest | ProgramRequest, timeout: float, cancellation: Cancellation
    ) -> Generator[Answer, None, None]:
        """What the worker says to a request, up to its `end`; closing the iterator early stops the child.

        Raises WorkerLost.
        """
        number = next(self.numbers)
        answers: queue.Queue[Answer | None] = queue.Queue()
        with self.changed:
            self.answers[number] = answers
            if self.has_ended:
                answers.put(None)
        deadline = time.monotonic() + timeout + (0.0 if self.serves_once else GRACE_SECONDS)
        ended = begun = False
        try:
            with cancellation.waking(lambda: answers.put(ended_by_host("cancelled"))):
                sent = cast("SentRequest", {**request, "id": number, "timeout": timeout})
                self.send(sent)
                while (message := next_of(answers, deadline)) is not None:
                    begun = True
                    ended = "end" in message and message["id"] is not None
                    yield message
                    if "end" in message:
                        return
            if not begun and not self.serves_once:
                raise WorkerLost
            ended = True
            yield ended_by_host("lost", self.describe_end())
        finally:
            del self.answers[number]
            if not ended:
                self.stop(number, is_stuck=time.monotonic() > deadline)

    def stop(self, number: int, is_stuck: bool) -> None:
        """End what a request has started; where that is the worker itself, or the worker hangs, the worker."""
        if self.serves_once or is_stuck:
            end(self.process)
        else:
            stop: StopRequest = {"stop": number}
            self.send(stop)

    def send(self, message: SentRequest | StopRequest) -> None:
        assert self.process.stdin is not None
        content = json.dumps(message).encode() + b"\n"
        try:
            with self.writing:
                self.process.stdin.write(content)
                self.process.stdin.flush()
        except (OSError, ValueError):
            # It is gone, or going: whoever listens to it is informed.
            return

    def close(self) -> None:
        """End the worker and its children: it ends by itself when its input does, else it is killed."""
        is_listening = self.state["state"] == "ready" and not self.serves_once
        try:
            if self.process.stdin is not None:
                self.process.stdin.close()
        except OSError:
            pass
        with contextlib.suppress(subprocess.TimeoutExpired):
            # A worker that is still importing does not look at its input yet.
            self.process.wait(timeout=CLOSE_SECONDS if is_listening else 0.0)
        end(self.process)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def next_of(answers: queue.Queue[Answer | None], deadline: float) -> Answer | None:
    """The next answer; `late` where none came in time, None when the worker is gone."""
    try:
        return answers.get(timeout=max(0.0, deadline - time.monotonic()))
    except queue.Empty:
        return ended_by_host("late")


def ended_by_host(how: str, output: str = "") -> End:
    """An end that the worker knows nothing of: the child still has to be stopped."""
    return {"id": None, "end": how, "status": 0, "output": output}


def describe_status(status: int) -> str:
    """An exit status as `subprocess` gives it, in words."""
    if status == -9:
        return "killed with signal 9, probably because memory ran out"
    return f"signal {-status}" if status < 0 else f"exit status {status}"


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
            if worker is not None and worker.has_ended and not worker.is_hopeless:
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
            self.refused[key] = f"the worker for {key[1]} crashed twice ({worker.describe_end()}, {key[0]})"

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
                if is_ours and not worker.has_ended:
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
    readable_now = [Path(one) for one in worker.options.readable]
    return tuple(one for one in readable if not any(is_visible_in(folder, Path(one)) for folder in readable_now))


def is_visible_in(folder: Path, inner: Path) -> bool:
    return inner.is_relative_to(folder) and not any(one.startswith(".") for one in inner.relative_to(folder).parts)


class Cancellation:
    """Handed to `Verifier.verify`; after `cancel` that returns soon, and its process is ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._wakers: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled

    def cancel(self) -> None:
        """Stop what this was handed to; more than once is no more than once."""
        with self._lock:
            self._cancelled = True
            wakers = list(self._wakers)
        for wake in wakers:
            wake()

    @contextlib.contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Have `wake` called on cancellation while the block runs, at once where it is cancelled already."""
        with self._lock:
            self._wakers.append(wake)
            late = self._cancelled
        if late:
            wake()
        try:
            yield
        finally:
            with self._lock:
                self._wakers.remove(wake)
