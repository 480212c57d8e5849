"""One worker process as the host sees it: started at once, asked with JSON lines, ended for certain."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

from autofix.model import Framework

PROGRAM = Path(__file__).parent / "worker" / "__main__.py"
KEPT = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")
SET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "-1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONIOENCODING": "utf-8",
    "PYTORCH_JIT": "0",
    "TORCHDYNAMO_DISABLE": "1",
    "KERAS_BACKEND": "tensorflow",
    "MPLBACKEND": "Agg",
}
START_SECONDS = 120.0
GRACE_SECONDS = 5.0
# Time for a worker to end a large child and to remove its folder.
CLOSE_SECONDS = 5.0


def environment() -> dict[str, str]:
    """What the worker sees of ours: nothing that could be a secret."""
    return {name: os.environ[name] for name in KEPT if name in os.environ} | SET


class Worker:
    """A running worker; `None` from the queue means that it is gone."""

    def __init__(self, python: Path, framework: Framework) -> None:
        self.python = python
        self.framework = framework
        self.number = 0
        # One question at a time: the answers of two would be taken for one another.
        self.lock = threading.RLock()
        self.state: dict[str, Any] = {"state": "starting"}
        self.messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.process = subprocess.Popen(
            [str(python), "-B", "-u", str(PROGRAM), framework],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            # A Ctrl-C is ours to handle; the worker ends when its standard input does.
            start_new_session=sys.platform != "win32",
        )
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            try:
                self.messages.put(json.loads(line))
            except ValueError:
                continue
        self.messages.put(None)

    def alive(self) -> bool:
        return self.process.poll() is None

    def wait_until(self, states: tuple[str, ...]) -> str | None:
        """Wait for one of these states; gives why it will never come, or None when it has."""
        deadline = time.monotonic() + START_SECONDS
        with self.lock:
            while self.state["state"] not in states:
                if self.state["state"] in ("missing", "failed"):
                    return str(self.state["reason"])
                message = self.next_message(deadline)
                if message is None:
                    return f"{self.python} ended while it imported {self.framework} ({self.end_told()})"
                self.state = message if "state" in message else self.state
        return None

    def end_told(self) -> str:
        code = self.process.poll()
        return "it took too long" if code is None else f"signal {-code}" if code < 0 else f"exit status {code}"

    def next_message(self, deadline: float) -> dict[str, Any] | None:
        try:
            return self.messages.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None

    def ask(self, request: dict[str, Any], timeout: float) -> Generator[dict[str, Any], None, None]:
        """What the worker says to a request, up to its `end`; closing the iterator early stops the child."""
        self.number += 1
        number = self.number
        self.send({**request, "id": number, "timeout": timeout})
        deadline = time.monotonic() + timeout + GRACE_SECONDS
        ended = False
        try:
            while not ended:
                message = self.next_message(deadline)
                if message is None:
                    ended = True
                    late = self.alive()
                    self.kill()
                    yield {"end": "late" if late else "lost", "status": self.process.wait(), "output": ""}
                elif message.get("id") == number:
                    ended = "end" in message
                    yield message
        finally:
            if not ended:
                self.send({"stop": number})

    def send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()
        except (BrokenPipeError, ValueError):
            self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """End the worker and its child: it ends by itself when its input does, else it is killed."""
        try:
            if self.process.stdin is not None:
                self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            # A worker that is still importing does not look at its input yet.
            self.process.wait(timeout=CLOSE_SECONDS if self.state["state"] == "ready" else 0.0)
        except subprocess.TimeoutExpired:
            self.kill()
