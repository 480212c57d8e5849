"""The verifier: takes a loss and candidates for its patch, runs them in a worker, gives a verdict.

The host only reads the user's text and judges numbers; it never runs a statement of the user's.
"""

from __future__ import annotations

import contextlib
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from autofix.model import Framework, Request, Verdict
from autofix.verify.cancellation import Cancellation
from autofix.verify.checks import Judgement, judge_candidate
from autofix.verify.interpreter import find_interpreter
from autofix.verify.judge import NO_INPUTS, judge_original, oracle_refused
from autofix.verify.prepare import prepare, readable_near
from autofix.verify.process import Worker, WorkerLost
from autofix.verify.workers import Workers

PRECISIONS = (("double", "wide", "single"), ("wide", "single"), ("single",))
NARROW = re.compile(r"float32|\.float\(|FloatTensor|\bsingle\b")
DTYPE_WORDS = ("dtype", "double", "float", "type")


class Verifier:
    """Runs requests, one worker for each interpreter and framework, started at first need.

    Several threads may ask at once: they share the workers.
    """

    def __init__(
        self,
        python: Path | None,
        timeout: float = 20.0,
        allow_unsandboxed: bool = False,
        spare: bool = True,
        idle: float = 900.0,
    ) -> None:
        self.python = python
        self.timeout = timeout
        self.workers = Workers(allow_unsandboxed, spare, idle)
        self.allow_unsandboxed = allow_unsandboxed

    def __enter__(self) -> Verifier:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def missing(self, framework: Framework, near: Path | None = None) -> str | None:
        """Why a framework cannot be run; None when it can: its worker is then starting in the background."""
        worker = self.worker(framework, near or Path.cwd())
        return worker if isinstance(worker, str) else worker.wait_until(("found", "ready", "idle"), Cancellation())

    def worker(self, framework: Framework, near: Path) -> Worker | str:
        """The living worker, or why there is none."""
        return self.workers.get(find_interpreter(self.python, near, framework), framework, readable_near(near))

    def verify(self, request: Request, cancellation: Cancellation | None = None) -> Verdict:
        """Run the original and its candidates; whatever the user's code does, a verdict comes back."""
        cancellation = cancellation or Cancellation()
        verdict = Verdict("unverifiable", "nothing was run")
        for precisions in PRECISIONS:
            verdict, only_types = self.attempt(request, precisions, cancellation)
            if not only_types:
                break
        return verdict

    def attempt(
        self, request: Request, precisions: tuple[str, ...], cancellation: Cancellation
    ) -> tuple[Verdict, bool]:
        """The verdict, and whether nothing but double precision stood against every candidate.

        That is so as well where the values differ by the rounding of the original's own casts to single precision.
        """
        prepared = prepare(request)
        if isinstance(prepared, str):
            return Verdict("unverifiable", prepared), False
        # A step runs with its own model: nothing of it is made wider.
        wanted = [one for one in precisions if one != "wide" or request.kind == "loss"]
        prepared |= {"precisions": wanted, "allow_unsandboxed": self.allow_unsandboxed}
        unread = Judgement("the patched module could not be read", progress=-1)
        judgements = {index: unread for index, plan in enumerate(prepared["candidates"]) if plan is None}
        while True:
            known = len(judgements)
            if (verdict := self.run_once(request, prepared, judgements, cancellation)) is not None:
                return with_way_out(verdict, request), False
            plans = enumerate(prepared["candidates"])
            prepared["candidates"] = [None if index in judgements else plan for index, plan in plans]
            if not any(prepared["candidates"]) or len(judgements) == known:
                casts = NARROW.search(request.original) is not None
                again = all(about_types(one) or (casts and one.rounded) for one in judgements.values())
                return best_failure(judgements), again and precisions[0] != "single"

    def run_once(
        self,
        request: Request,
        prepared: dict[str, Any],
        judgements: dict[int, Judgement],
        cancellation: Cancellation,
    ) -> Verdict | None:
        """Ask a worker about the candidates that have no judgement yet; None when all of these failed."""
        while not cancellation.cancelled:
            worker = self.worker(request.framework, Path(request.path).parent)
            if isinstance(worker, str):
                return Verdict("unverifiable", worker)
            if (reason := worker.wait_until(("ready",), cancellation)) is not None:
                return Verdict("unverifiable", reason)
            with self.workers.lent(worker) as is_ours:
                if not is_ours:
                    continue
                try:
                    return self.ask(worker, prepared, judgements, cancellation)
                except WorkerLost:
                    # It died while nobody needed it; the workers count how often that happens.
                    continue
        return Verdict("unverifiable", "cancelled")

    def ask(
        self, worker: Worker, prepared: dict[str, Any], judgements: dict[int, Judgement], cancellation: Cancellation
    ) -> Verdict | None:
        with contextlib.closing(worker.ask(prepared, self.timeout, cancellation)) as messages:
            try:
                verdict = self.follow(prepared["kind"], messages, judgements)
            except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
                # The child shares its process with the user's code: a report need not be ours.
                return Verdict("unverifiable", f"the report of the run could not be read ({error!r})")
        if verdict is None or verdict.evidence is None or worker.jailed:
            return verdict
        return replace(verdict, evidence=replace(verdict.evidence, sandboxed=False))

    def follow(
        self, kind: str, messages: Iterator[dict[str, Any]], judgements: dict[int, Judgement]
    ) -> Verdict | None:
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
                judgements[running] = judge_candidate(kind, oracle["scenarios"], report["scenarios"])
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
        self.workers.close()


def with_way_out(verdict: Verdict, request: Request) -> Verdict:
    """Where no inputs were found, what the user can write to say them."""
    if request.kind == "step" or not verdict.reason.startswith(NO_INPUTS):
        return verdict
    names = ", ".join(f"{one.name}=…" for one in request.target.parameters if one.role != "number")
    return replace(verdict, reason=f"{verdict.reason}; say them above it: # autofix: inputs({names})")


def end_told(subject: str, end: dict[str, Any], timeout: float) -> str:
    """How a child ended, in words."""
    match end["end"]:
        case "cancelled" | "stopped":
            return "cancelled"
        case "late":
            return f"{subject} did not end within {timeout:g} s"
        case "flood":
            return f"{subject} printed more than 16 MB"
        case "disk":
            return f"{subject} filled its temporary folder with more than 64 MB or 4096 files"
        case "killed" if end["status"] == signal.SIGKILL:
            return f"{subject} was killed with signal 9, as the system does when memory runs out"
        case "killed" if end["status"] == signal.SIGXCPU:
            return f"{subject} used more than {timeout:g} s of processor time"
        case "killed":
            return f"{subject} killed its process (signal {end['status']})"
        case "lost":
            return f"the worker ended while {subject} ran ({end['output']})"
        case "failed":
            return f"the comparison itself failed ({' '.join(end['output'].strip().splitlines()[-1:])})"
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
