"""The verifier: takes a loss and candidates for its patch, runs them in a worker, gives a verdict.

The host only reads the user's text and judges numbers; it never runs a statement of the user's.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from autofix.model import Framework, Request, Verdict
from autofix.verify.checks import Judgement, judge_candidate
from autofix.verify.interpreter import find_interpreter
from autofix.verify.judge import judge_original, oracle_refused
from autofix.verify.prepare import prepare
from autofix.verify.process import Worker

PRECISIONS = (("double", "single"), ("single",))
DTYPE_WORDS = ("dtype", "double", "float", "type")


class Verifier:
    """Runs requests, one worker for each interpreter and framework, started at first need."""

    def __init__(self, python: Path | None, timeout: float = 20.0, allow_unsandboxed: bool = False) -> None:
        self.python = python
        self.timeout = timeout
        self.allow_unsandboxed = allow_unsandboxed
        self.workers: dict[tuple[Path, Framework], Worker] = {}
        self.refused: dict[tuple[Path, Framework], str] = {}
        self.lock = threading.Lock()

    def __enter__(self) -> Verifier:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def missing(self, framework: Framework, near: Path | None = None) -> str | None:
        """Why a framework cannot be run; None when it is installed: its worker is then starting in the background."""
        worker = self.worker(framework, near or Path.cwd())
        return worker if isinstance(worker, str) else worker.wait_until(("found", "ready"))

    def worker(self, framework: Framework, near: Path) -> Worker | str:
        """The living worker, or why there is none."""
        key = find_interpreter(self.python, near, framework), framework
        with self.lock:
            return self.worker_of(key)

    def worker_of(self, key: tuple[Path, Framework]) -> Worker | str:
        if key in self.refused:
            return self.refused[key]
        worker = self.workers.get(key)
        if worker is None or (not worker.alive() and worker.state["state"] == "ready"):
            try:
                self.workers[key] = worker = Worker(*key)
            except OSError as error:
                self.refused[key] = f"{key[0]} could not be run: {error.strerror}"
                return self.refused[key]
        return worker

    def verify(self, request: Request) -> Verdict:
        """Run the original and its candidates; whatever the user's code does, a verdict comes back."""
        verdict = Verdict("unverifiable", "nothing was run")
        for precisions in PRECISIONS:
            verdict, only_types = self.attempt(request, precisions)
            if not only_types:
                break
        return verdict

    def attempt(self, request: Request, precisions: tuple[str, ...]) -> tuple[Verdict, bool]:
        """The verdict, and whether nothing but double precision stood against every candidate."""
        prepared = prepare(request)
        if isinstance(prepared, str):
            return Verdict("unverifiable", prepared), False
        prepared |= {"precisions": list(precisions), "allow_unsandboxed": self.allow_unsandboxed}
        unread = Judgement("the patched module could not be read", progress=-1)
        judgements = {index: unread for index, plan in enumerate(prepared["candidates"]) if plan is None}
        while True:
            known = len(judgements)
            if (verdict := self.run_once(request, prepared, judgements)) is not None:
                return verdict, False
            plans = enumerate(prepared["candidates"])
            prepared["candidates"] = [None if index in judgements else plan for index, plan in plans]
            if not any(prepared["candidates"]) or len(judgements) == known:
                return best_failure(judgements), precisions[0] != "single" and all(
                    map(about_types, judgements.values())
                )

    def run_once(self, request: Request, prepared: dict[str, Any], judgements: dict[int, Judgement]) -> Verdict | None:
        """Ask the worker about the candidates that have no judgement yet; None when all of these failed."""
        worker = self.worker(request.framework, Path(request.path).parent)
        if isinstance(worker, str):
            return Verdict("unverifiable", worker)
        if (reason := worker.wait_until(("ready",))) is not None:
            return Verdict("unverifiable", reason)
        with worker.lock, contextlib.closing(worker.ask(prepared, self.timeout)) as messages:
            try:
                return self.follow(messages, judgements)
            except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
                # The child shares its process with the user's code: a report need not be ours.
                return Verdict("unverifiable", f"the report of the run could not be read ({error!r})")

    def follow(self, messages: Iterator[dict[str, Any]], judgements: dict[int, Judgement]) -> Verdict | None:
        """Judge reports as they come, until one decides."""
        oracle: dict[str, Any] | None = None
        running: int | None = None
        for message in messages:
            report = message.get("report", message)
            if "end" in report:
                return self.ended(report, oracle, running, judgements)
            if "oracle" in report:
                oracle = report["oracle"]
                if (verdict := judge_original(report["oracle"])) is not None:
                    return verdict
            elif "begun" in report:
                running = report["begun"]
            elif oracle is not None and running is not None:
                judgements[running] = judge_candidate(oracle["scenarios"], report["scenarios"])
                if judgements[running].evidence is not None:
                    return Verdict("verified", candidate=running, evidence=judgements[running].evidence)
                running = None
        return None

    def ended(
        self, end: dict[str, Any], oracle: dict[str, Any] | None, running: int | None, judgements: dict[int, Judgement]
    ) -> Verdict | None:
        """What it means that the child ended, after what it had said."""
        if end["end"] == "done" and running is None:
            return None if oracle is not None else oracle_refused({})
        subject = "the loss" if oracle is None else "the patched loss"
        reason = end_told(subject, end, self.timeout)
        if oracle is None or running is None:
            return Verdict("unverifiable", reason)
        judgements[running] = Judgement(reason, progress=0)
        return None

    def close(self) -> None:
        for worker in self.workers.values():
            worker.close()
        self.workers.clear()


def end_told(subject: str, end: dict[str, Any], timeout: float) -> str:
    """How a child ended, in words."""
    match end["end"]:
        case "late":
            return f"{subject} did not end within {timeout:g} s"
        case "flood":
            return f"{subject} printed more than 16 MB"
        case "killed":
            return f"{subject} killed its process (signal {end['status']})"
        case "lost":
            return f"{subject} ended the worker (status {end['status']})"
        case "failed":
            return f"the comparison itself failed ({end['output'].strip().splitlines()[-1:]})"
        case _:
            return f"{subject} ended its process (exit status {end['status']})"


def about_types(judgement: Judgement) -> bool:
    return judgement.raised and any(word in judgement.reason.lower() for word in DTYPE_WORDS)


def best_failure(judgements: dict[int, Judgement]) -> Verdict:
    """The reason of the candidate that came furthest; of equals, the first's."""
    if not judgements:
        return Verdict("rejected", "there is no patch to try")
    best = max(judgements.values(), key=lambda one: one.progress)
    return Verdict("rejected", best.reason)
