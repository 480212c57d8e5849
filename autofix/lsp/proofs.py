"""Take programs; give outcomes, one after the other and in the background; outcomes of unchanged texts are kept.

A verification that is no longer needed is stopped: its process ends, and the next starts at once.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from autofix.model import Framework, Outcome, Request, Verdict
from autofix.observe.observation import Observation
from autofix.observe.programs import ProgramRun
from autofix.verify.processes import Cancellation
from autofix.verify.proving import Proving
from autofix.verify.verifier import Verifier

MOST_KNOWN = 64

Key = tuple[str, Hashable]
"""The program's address, and all that its outcome depends on."""


class Superseded(BaseException):
    """The text that was to be proven is no longer the one in the editor: no failure of a loss, which `fix` contains."""


class Stoppable:
    """A verifier for one proof, which can be stopped from another thread."""

    def __init__(self, verifier: Verifier, cancellation: Cancellation) -> None:
        self._verifier, self._cancellation = verifier, cancellation

    def verify(self, request: Request) -> Verdict:
        """Say which candidate is right; raises Superseded when the proof was stopped."""
        verdict = self._verifier.verify(request, self._cancellation)
        if self._cancellation.cancelled:
            raise Superseded
        return verdict

    def observe(self, run: ProgramRun) -> Observation:
        """Run a program to its first steps; raises Superseded when the proof was stopped."""
        found = self._verifier.observe(run, self._cancellation)
        if self._cancellation.cancelled:
            raise Superseded
        return found

    def missing(self, framework: Framework, near: Path, text: str) -> str | None:
        """Say why nothing can be run; raises Superseded when the proof was stopped."""
        reason = self._verifier.missing(framework, near, text)
        if self._cancellation.cancelled:
            raise Superseded
        return reason


class Proofs:
    """The proofs that are known, the one that runs, and those that wait."""

    def __init__(self) -> None:
        self._known: OrderedDict[Key, Outcome] = OrderedDict()
        self._tasks: dict[Key, asyncio.Task[Outcome]] = {}
        self._running: dict[Key, Cancellation] = {}
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="autofix-proof")

    def known(self, key: Key) -> Outcome | None:
        """What is proven for exactly this text."""
        return self._known.get(key)

    def running(self, key: Key) -> bool:
        """Whether a proof for exactly this text runs or waits."""
        return key in self._tasks

    def ask(self, key: Key, fix: Callable[[Proving], Outcome], verifier: Verifier) -> asyncio.Task[Outcome]:
        """The proof for this text: the one that runs already, or a new one. Others of the same program are stopped."""
        self.stop(key[0], but=key)
        if key not in self._tasks:
            task = asyncio.create_task(self._prove(key, fix, verifier))
            task.add_done_callback(lambda _: self._tasks.pop(key, None))
            self._tasks[key] = task
        return self._tasks[key]

    def stop(self, uri: str, but: Key | None = None) -> None:
        """Stop the proofs of a program, for all its texts but one."""
        for key, task in list(self._tasks.items()):
            if key[0] == uri and key != but:
                if key in self._running:
                    self._running[key].cancel()
                task.cancel()

    def forget(self) -> None:
        """Stop everything and forget what is known: what it depended on is no longer the same."""
        for uri in {key[0] for key in self._tasks}:
            self.stop(uri)
        self._known.clear()

    def close(self) -> None:
        """Stop everything for good."""
        self.forget()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _prove(self, key: Key, fix: Callable[[Proving], Outcome], verifier: Verifier) -> Outcome:
        async with self._turn:
            cancellation = self._running[key] = Cancellation()
            work = asyncio.get_running_loop().run_in_executor(self._thread, fix, Stoppable(verifier, cancellation))
            try:
                outcome = await asyncio.shield(work)
            except asyncio.CancelledError:
                cancellation.cancel()
                await asyncio.wait([work])  # the thread is free again before the next proof begins
                work.exception()  # Superseded: it is expected, and nobody else will ask for it
                raise
            finally:
                del self._running[key]
        self._known[key] = outcome
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return outcome
