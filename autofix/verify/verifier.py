"""The verifier: takes a loss and candidates for its fix, runs them in a worker, gives a verdict.

The host only reads the user's text and judges numbers; it never runs a statement of the user's.
"""

from __future__ import annotations

import contextlib
import re
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

from autofix.knowledge.frameworks import record_of
from autofix.model import Framework, Lost, Reason, Request, Verdict
from autofix.observe.observation import Observation, observation_of
from autofix.observe.programs import ProgramRun
from autofix.source.environments import readable_near
from autofix.source.trust import is_trusted
from autofix.syntax.changed_lines import not_run
from autofix.syntax.parsing import TURN
from autofix.trial.requests import prepare
from autofix.verify.cache import Asked, Cache, Footprint, Remembered
from autofix.verify.fruitless import Fruitless
from autofix.verify.interpreters import find_interpreter
from autofix.verify.judge import NO_INPUTS, Judgement, flows, judge_candidate, judge_original, oracle_refused
from autofix.verify.launcher import lacking, refusal
from autofix.verify.processes import Cancellation, Worker, WorkerLost, Workers
from autofix.verify.wording import as_before, lost_of
from autofix.worker.checks.gradients import WRONG as WRONG_GRADIENT
from autofix.worker.records import Answer, End, Oracle, Plan, TrialRequest

PRECISIONS = (("double", "wide", "single"), ("wide", "single"), ("single",))
NARROW = re.compile(r"float32|\.float\(|FloatTensor|\bsingle\b")
CROSS_ENTROPY, OF_CLASSES = re.compile(r"\w*cross_?entropy\w*", re.I), re.compile("sparse|binary|sigmoid", re.I)
WHOLE_LABELS = "only where labels sum to 1, which the gradient of the cross-entropy assumes"
OF_TYPES = ("dtype", "double", "float", "type")


MOST_SHOWN = 200
"""Characters of what a program printed last."""
TOO_MUCH = {"flood": "the program prints too much", "disk": "the program writes too large or too many files"}
SPARE_SECONDS = 2.0
"""A program ends itself when its time is over; one that does not is ended this much later."""


def _observation(messages: Iterable[Answer], seconds: float) -> Observation:
    """Return what a program's run reports; where it reports nothing, how it ended."""
    end, output = "lost", ""
    for message in messages:
        if "report" in message:
            try:
                return observation_of(message["report"]["content"])
            except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
                return Observation("lost", f"the report of the run could not be read ({error!r})")
        else:
            end, output = message["end"], message["output"].strip()
    if end == "late":
        return Observation("late", seconds=seconds)
    if end in TOO_MUCH:
        return Observation("lost", TOO_MUCH[end])
    detail = f"{end}: {output.splitlines()[-1][:MOST_SHOWN]}" if output else end
    return Observation("lost", f"the run of the program ended without a report ({detail})")


@dataclass
class Trial:
    """One attempt at a request while it goes on: what the run looked at, what stands against each candidate so far, and
    where the original loses its gradient.
    """

    footprint: Footprint
    judgements: dict[int, Judgement] = field(default_factory=dict)
    lost: Lost = field(default_factory=Lost)

    def best(self, request: Request) -> Verdict:
        """Of the candidates that have limits the one with the fewest, else how the best one failed."""
        if not self.judgements:
            return Verdict("rejected", "there is no rewrite to run")
        limited = {index: one.evidence for index, one in self.judgements.items() if one.evidence is not None}
        if limited:
            index = min(limited, key=lambda each: (not limited[each].compiles, len(limited[each].limits), each))
            return Verdict("verified", candidate=index, evidence=limited[index], ran=self.judgements[index].ran)
        index = max(self.judgements, key=lambda each: self.judgements[each].progress)
        best = self.judgements[index]
        left = as_before(best.lost, request.candidates[index], request.original)
        return Verdict("rejected", best.reason, lost=self.lost, left=left)


class Verifier:
    """Runs requests, one worker for each interpreter and framework, started at first need.

    Several threads may ask at once: they share the workers. What `entries` have an answer to is not run again. `typed`
    says that it was the user who named `python`, not a project. `readable` are the projects of files that will be asked
    about: a worker that may read all of them need not be started again for each. `note` is given a line for each
    answer: where it is from, and how long it took.
    """

    def __init__(
        self,
        python: Path | None,
        timeout: float = 20.0,
        allow_unsandboxed: bool = False,
        spare: bool = True,
        idle: float = 900.0,
        entries: Cache | None = None,
        typed: bool = True,
        readable: tuple[str, ...] = (),
        note: Callable[[str], None] | None = None,
    ) -> None:
        self.python = None if python is None else python.absolute()
        self.timeout = timeout
        self.remembered = None if entries is None else Remembered(entries, timeout, allow_unsandboxed)
        self.fruitless = None if entries is None else Fruitless(entries)
        self.workers = Workers(python is not None and typed, spare, idle)
        self.allow_unsandboxed = allow_unsandboxed
        self.readable = readable
        self._note = note
        self._noted: set[str] = set()

    def __enter__(self) -> Verifier:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def missing(self, framework: Framework, near: Path | None = None, text: str = "") -> str | None:
        """Why a framework cannot be run; None when it can: its worker is then starting in the background.

        None is started where answers are remembered, as long as all is known that was ever asked about `text`.
        """
        near = near or Path.cwd()
        framework = record_of(framework).runs_on
        python = find_interpreter(self.python, near, framework)
        if self.remembered is not None:
            is_new = self.remembered.is_new(text)
            if (installation := self.remembered.installation(python)) is not None:
                if (reason := self.remembered.missing(installation, framework)) is not None:
                    return reason
                if not is_new:
                    return None
        worker = self.worker(framework, near)
        if isinstance(worker, str):
            return worker
        with TURN.left():
            reason = worker.wait_until(("found", "ready", "idle"), Cancellation())
        self.learn(worker)
        return reason

    def learn(self, worker: Worker) -> None:
        """Keep what a worker has said of its interpreter: the next run need not ask."""
        if self.remembered is not None:
            searched = worker.facts.get("searched")
            lacking = worker.reason() if worker.state["state"] == "missing" else None
            self.remembered.learn(worker.python, worker.options.framework, searched, lacking)

    def worker(self, framework: Framework, near: Path) -> Worker | str:
        """The living worker, or why there is none: nothing is started where it may not be run."""
        allowed = self.allows(near)
        if not allowed and (reason := lacking()):
            return refusal(reason, near)
        framework = record_of(framework).runs_on
        key = find_interpreter(self.python, near, framework), framework, allowed
        needed = readable_near(near)
        return self.workers.get(key, tuple(dict.fromkeys((*needed, *self.readable))), near)

    def allows(self, near: Path) -> bool:
        """Whether the user lets code of a folder's project run where nothing confines it."""
        return self.allow_unsandboxed or is_trusted(near)

    def verify(self, request: Request, cancellation: Cancellation | None = None) -> Verdict:
        """Run the original and its candidates; whatever the user's code does, a verdict comes back."""
        prepared = prepare(request)
        if isinstance(prepared, Reason):
            return Verdict("unverifiable", prepared.text)
        sent: TrialRequest = {**prepared, "allow_unsandboxed": self.allows(Path(request.path).parent)}
        asked = self.asked(request, sent)
        loss = f"{request.path}: `{request.target.qualname}`"
        if asked is not None and self.remembered is not None and (known := self.remembered.verdict(asked)) is not None:
            if self._note is not None:
                self._note(f"{loss}: {known.status}, known from the cache")
            return known
        footprint, start = Footprint(), time.monotonic()
        with TURN.left():
            verdict = self.run(request, sent, footprint, cancellation or Cancellation())
        if self._note is not None:
            framework = record_of(request.framework).runs_on
            python = find_interpreter(self.python, Path(request.path).parent, framework)
            self._note(f"{loss}: {verdict.status} in {time.monotonic() - start:.1f} s with {framework} of {python}")
        if verdict.candidate is not None:
            unrun = not_run(request, verdict.candidate, verdict.ran)
            verdict = replace(verdict, ran=frozenset(), unrun=unrun)
        if self.remembered is not None and (asked := asked or self.asked(request, sent)) is not None:
            self.remembered.keep(asked, verdict, footprint)
        return verdict

    def observe(self, run: ProgramRun, cancellation: Cancellation | None = None) -> Observation:
        """Run a program to its first steps in the jail; whatever it does, an observation comes back."""
        cancellation = cancellation or Cancellation()
        near = Path(run.program).parent
        with TURN.left():
            key = self._key(run, near)
            known = self.fruitless.read(key) if self.fruitless is not None and key is not None else None
            found = known or self._observed(run, near, cancellation)
            if known is None and self.fruitless is not None and (key := key or self._key(run, near)) is not None:
                self.fruitless.keep(key, found)
        if self._note is not None and run.program not in self._noted:
            self._noted.add(run.program)
            framework = record_of(run.framework).runs_on
            self._note(f"{run.program}: run with {framework} of {find_interpreter(self.python, near, framework)}")
        return found

    def _key(self, run: ProgramRun, near: Path) -> str | None:
        """What a run of a program is remembered by; None where nothing is, or no worker has reported on its Python."""
        if self.remembered is None or self.fruitless is None:
            return None
        python = find_interpreter(self.python, near, record_of(run.framework).runs_on)
        installation = self.remembered.installation(python)
        return None if installation is None else self.fruitless.key(run, installation, self.allows(near))

    def _observed(self, run: ProgramRun, near: Path, cancellation: Cancellation) -> Observation:
        while not cancellation.cancelled:
            worker = self.worker(run.framework, near)
            if isinstance(worker, str):
                return Observation("lost", worker)
            if (reason := worker.wait_until(("ready",), cancellation)) is not None:
                return Observation("lost", reason)
            self.learn(worker)
            with self.workers.lent(worker) as is_ours:
                if not is_ours:
                    continue
                asked = run.as_request(self.allows(near))
                try:
                    with contextlib.closing(worker.ask(asked, run.seconds + SPARE_SECONDS, cancellation)) as messages:
                        return _observation(messages, run.seconds)
                except WorkerLost:
                    continue
        return Observation("lost", "cancelled")

    def asked(self, request: Request, sent: TrialRequest) -> Asked | None:
        """What a request is remembered by; None where nothing is, or no worker has reported on its Python yet."""
        if self.remembered is None:
            return None
        python = find_interpreter(self.python, Path(request.path).parent, request.framework)
        installation = self.remembered.installation(python)
        return None if installation is None else self.remembered.asked(installation, request.framework, sent)

    def run(self, request: Request, sent: TrialRequest, footprint: Footprint, cancellation: Cancellation) -> Verdict:
        """Ask, and where a patch is rejected ask again in the ways in which the gradient may be meant.

        A value that does not move may do so once the part of a straight-through estimator is held that is detached.
        """
        verdict, judgements = self.in_some_precision(request, sent, footprint, cancellation)
        if verdict.status in ("rejected", "flat") and (meant := sent["meant"]):
            original: Plan = {**sent["original"], "fixed": [place for place, _ in meant]}
            with_constants, _ = self.in_some_precision(request, {**sent, "original": original}, footprint, cancellation)
            if with_constants.status == "verified":
                fixed = " and ".join(dict.fromkeys(text for _, text in meant))
                return with_constants.remarked(f"with {fixed} held fixed")
        if verdict.status == "rejected" and assumes_whole(request):
            # A patch with another value has that whatever the labels are.
            right = {index for index, one in judgements.items() if one.reason.startswith(WRONG_GRADIENT)}
            plans = [plan if index in right else None for index, plan in enumerate(sent["candidates"])]
            again: TrialRequest = {**sent, "whole_labels": True, "candidates": plans}
            whole, _ = self.in_some_precision(request, again, footprint, cancellation)
            if whole.evidence is not None:
                return replace(whole, evidence=whole.evidence.limited([WHOLE_LABELS]))
            return whole if whole.status == "healthy" else verdict
        return verdict

    def in_some_precision(
        self, request: Request, sent: TrialRequest, footprint: Footprint, cancellation: Cancellation
    ) -> tuple[Verdict, dict[int, Judgement]]:
        """The verdict, and what was thought of each candidate in the precision that decided."""
        verdict, trial = Verdict("unverifiable", "nothing was run"), Trial(footprint)
        why = "types"
        for precisions in PRECISIONS:
            # A step runs with its own model: nothing of it is made wider.
            wanted = [one for one in precisions if one != "wide" or request.kind == "loss"]
            attempted: TrialRequest = {**sent, "precisions": wanted}
            trial = Trial(footprint)
            before, (verdict, why) = why, self.attempt(request, attempted, trial, cancellation)
            # What differs by a rounding is looked at more finely, never less.
            if not why or before == "rounding":
                break
        return verdict, trial.judgements

    def attempt(
        self, request: Request, sent: TrialRequest, trial: Trial, cancellation: Cancellation
    ) -> tuple[Verdict, str]:
        """The verdict, and what stood against every candidate where another precision may help.

        That is `types`, or `rounding` where values differ by that of the original's own casts to single precision.
        """
        unread = Judgement("the rewritten module could not be parsed", progress=-1)
        judgements = trial.judgements
        judgements |= {index: unread for index, plan in enumerate(sent["candidates"]) if plan is None}
        while True:
            known = len(judgements)
            if (verdict := self.run_once(request, sent, trial, cancellation)) is not None:
                return with_way_out(verdict, request), ""
            plans = enumerate(sent["candidates"])
            sent["candidates"] = [None if index in judgements else plan for index, plan in plans]
            if not any(sent["candidates"]) or len(judgements) == known:
                verdict = trial.best(request)
                is_final = verdict.status == "verified"
                return verdict, "" if is_final else what_may_help(request, judgements, sent["precisions"][0])

    def run_once(
        self,
        request: Request,
        sent: TrialRequest,
        trial: Trial,
        cancellation: Cancellation,
    ) -> Verdict | None:
        """Ask a worker about the candidates that have no judgement yet; None when all of these failed."""
        while not cancellation.cancelled:
            worker = self.worker(request.framework, Path(request.path).parent)
            if isinstance(worker, str):
                return self.not_run(trial, worker)
            if (reason := worker.wait_until(("ready",), cancellation)) is not None:
                return self.not_run(trial, reason)
            self.learn(worker)
            with self.workers.lent(worker) as is_ours:
                if not is_ours:
                    continue
                try:
                    return self.ask(worker, sent, trial, cancellation)
                except WorkerLost:
                    # It died while nobody needed it; the workers count how often that happens.
                    continue
        return self.not_run(trial, "cancelled")

    def not_run(self, trial: Trial, reason: str) -> Verdict:
        """What is no answer of the loss itself, and may be another one next time."""
        trial.footprint.lasting = False
        return Verdict("unverifiable", reason)

    def ask(self, worker: Worker, sent: TrialRequest, trial: Trial, cancellation: Cancellation) -> Verdict | None:
        with contextlib.closing(worker.ask(sent, self.timeout, cancellation)) as messages:
            try:
                verdict = self.follow(sent, messages, trial)
            except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
                # The child shares its process with the user's code: a report need not be ours.
                return self.not_run(trial, f"the report of the run could not be read ({error!r})")
        if worker.jailed:
            return verdict
        for index, judgement in trial.judgements.items():
            if judgement.evidence is not None:
                trial.judgements[index] = replace(judgement, evidence=replace(judgement.evidence, sandboxed=False))
        if verdict is None or verdict.evidence is None:
            return verdict
        return replace(verdict, evidence=replace(verdict.evidence, sandboxed=False))

    def follow(self, sent: TrialRequest, answers: Iterator[Answer], trial: Trial) -> Verdict | None:
        """Judge reports as they come, until one decides: a candidate without limits is the answer at once.

        Which of its lines were run is reported after it, by a run that decides nothing, however it ends.
        """
        oracle: Oracle | None = None
        running: int | None = None
        decided: Verdict | None = None
        judgements = trial.judgements
        for answer in answers:
            if "end" in answer:
                if decided is None:
                    return self.ended(answer, oracle, running, trial)
                trial.footprint.lasting = False
                return decided
            report = answer["report"]["content"]
            trial.footprint.add(answer["report"]["opened"])
            if "oracle" in report:
                oracle = report["oracle"]
                if (verdict := judge_original(oracle)) is not None:
                    lost = Lost(lines=frozenset(map(int, oracle["lines"])))
                    return replace(verdict, lost=lost if oracle["lost"] is None else lost_of(oracle["lost"]))
            elif "begun" in report:
                running = report["begun"]
            elif "lost" in report:
                if (index := report["of"]) is not None:
                    judgements[index] = replace(judgements[index], lost=lost_of(report["lost"]))
                elif oracle is not None:
                    trial.lost = replace(lost_of(report["lost"]), flows=any(map(flows, oracle["scenarios"])))
            elif "ran" in report:
                index = report["of"]
                judgements[index] = replace(judgements[index], ran=frozenset(map(int, report["ran"])))
                if decided is not None:
                    return replace(decided, ran=judgements[index].ran)
            elif "candidate" in report and oracle is not None and running is not None:
                judged = judge_candidate(sent["kind"], oracle["scenarios"], report["scenarios"], sent["halves"])
                judgements[running] = judged
                if judged.evidence is not None and not judged.evidence.limits:
                    decided = Verdict("verified", candidate=running, evidence=judged.evidence)
                running = None
        return decided

    def ended(self, end: End, oracle: Oracle | None, running: int | None, trial: Trial) -> Verdict | None:
        """What it means that the child ended, after what it had said."""
        if end["end"] == "done" and running is None:
            return None if oracle is not None else oracle_refused(None)
        trial.footprint.lasting = False
        if oracle is not None and running is None and trial.judgements:
            return None  # it ended while it was looked at which lines are run, or where the gradient is lost
        subject = "the loss" if oracle is None else "the rewritten loss"
        reason = describe_end(subject, end, self.timeout)
        if oracle is None or running is None:
            return Verdict("unverifiable", reason)
        trial.judgements[running] = Judgement(reason, progress=0)
        return None

    def close(self) -> None:
        self.workers.close()
        if self.remembered is not None:
            self.remembered.close()


def assumes_whole(request: Request) -> bool:
    """Does a text compute a cross entropy of probabilities, whose gradient may be right for such alone?"""
    called = CROSS_ENTROPY.findall(request.original)
    return any(not OF_CLASSES.search(each) for each in called)


def with_way_out(verdict: Verdict, request: Request) -> Verdict:
    """Where no inputs were found, what the user can write to say them."""
    if request.kind == "step" or request.generated is not None or not verdict.reason.startswith(NO_INPUTS):
        return verdict
    named = [one.name for one in request.target.parameters if one.role != "number" and one.name not in ("self", "cls")]
    if not named:
        return verdict
    inputs = ", ".join(f"{name}=…" for name in named)
    way_out = f"describe them in a comment above the function: # autofix: inputs({inputs})"
    return replace(verdict, reason=f"{verdict.reason}; {way_out}")


def describe_end(subject: str, end: End, timeout: float) -> str:
    """How a child ended, in words."""
    match end["end"]:
        case "cancelled" | "stopped":
            return "cancelled"
        case "late":
            return f"{subject} did not finish within {timeout:g} s; --timeout allows more"
        case "flood":
            return f"{subject} printed more than 16 MB"
        case "disk":
            return f"{subject} wrote more than 64 MB or 4096 files"
        case "killed" if end["status"] == signal.SIGKILL:
            return f"{subject} was killed with signal 9, probably because memory ran out"
        case "killed" if end["status"] == signal.SIGXCPU:
            return f"{subject} used more than {timeout:g} s of processor time"
        case "killed":
            return f"{subject} killed its process (signal {end['status']})"
        case "lost":
            return f"the worker process ended while {subject} ran ({end['output']})"
        case "failed":
            return f"the comparison itself failed ({' '.join(end['output'].strip().splitlines()[-1:])})"
        case _:
            return f"{subject} ended its process (exit status {end['status']})"


def what_may_help(request: Request, judgements: dict[int, Judgement], precision: str) -> str:
    """`types` or `rounding`, where that is all that was said of the candidates; else nothing."""
    casts = NARROW.search(request.original) is not None
    if precision == "single" or not all(about_types(one) or (casts and one.rounded) for one in judgements.values()):
        return ""
    return "types" if all(map(about_types, judgements.values())) else "rounding"


def about_types(judgement: Judgement) -> bool:
    return judgement.raised and any(word in judgement.reason.lower() for word in OF_TYPES)
