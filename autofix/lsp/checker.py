"""What is known of each program in the editor: findings of the analysis at once, verified fixes when they are ready.

Programs are verified one after the other in the background; outcomes of unchanged texts are kept. A verification that
is no longer needed is stopped: its process ends, and the next starts at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from autofix.analysis.prefilter import may_have_losses
from autofix.analysis.project import ProjectFiles
from autofix.lsp.programs import Program
from autofix.lsp.protocol import Options
from autofix.model import Framework, Outcome, OwnRules, Problem, Request, Verdict
from autofix.observe.observation import Observation
from autofix.observe.programs import ProgramRun
from autofix.pipeline import fix_source, look
from autofix.source.settings import Settings, load
from autofix.syntax.parsing import TURN
from autofix.verify.cache import user_cache
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


TYPING_PAUSE = 0.05
"""Seconds between two keys, less than which is a burst: the text is looked at when it ends. Other keys do not wait."""


@dataclass(frozen=True)
class Seen:
    """What is known of a text: its outcome, and whether that is proven or only what it looks like."""

    outcome: Outcome
    proven: bool = False


class Checker:
    """Looks at programs as they change and has their fixes proven; `show` is told each time that more is known."""

    def __init__(self, show: Callable[[Program, Seen], None], tell: Callable[[str, str, str], None]) -> None:
        self._show, self._tell = show, tell
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._looked: dict[str, tuple[Key, Seen]] = {}
        self._changed_at: dict[str, float] = {}
        self._proofs = Proofs()
        self._verifier: Verifier | None = None
        self._files = ProjectFiles()
        self.options = Options()

    def configure(self, options: Options) -> None:
        """Take other options; whatever depended on the old ones is stopped and forgotten."""
        self.options = options
        self._proofs.forget()
        self._looked.clear()
        self._files = ProjectFiles()
        if self._verifier is not None:
            self._verifier.close()
            self._verifier = None

    def changed(self, program: Program) -> None:
        """A program has this text now: look at it at once, or after a burst of keys, and prove its fixes later."""
        self._cancel(program.uri)
        self._proofs.stop(program.uri, but=self._key(program))
        now = asyncio.get_running_loop().time()
        burst = now - self._changed_at.get(program.uri, -TYPING_PAUSE) < TYPING_PAUSE
        self._changed_at[program.uri] = now
        self._tasks[program.uri] = asyncio.create_task(self._follow(program, TYPING_PAUSE if burst else 0.0))

    def closed(self, uri: str) -> None:
        """A program is no longer in the editor."""
        self._cancel(uri)
        self._proofs.stop(uri)
        self._looked.pop(uri, None)
        self._changed_at.pop(uri, None)

    def close(self) -> None:
        """Leave nothing running."""
        for uri in list(self._tasks):
            self._cancel(uri)
        self._proofs.close()
        if self._verifier is not None:
            self._verifier.close()
            self._verifier = None

    async def seen(self, program: Program) -> Seen:
        """All that is known of a text now: what is proven, else what it looks like."""
        known = self._proofs.known(self._key(program))
        return Seen(known, proven=True) if known is not None else await self._look(program)

    async def proven(self, program: Program, budget: float | None) -> Seen:
        """What is proven of a text, after waiting for at most `budget` seconds; without a budget until it is."""
        seen = await self.seen(program)
        if seen.proven or not seen.outcome.findings or not self.options.executes:
            return seen
        task = self._prove(program)
        with contextlib.suppress(asyncio.TimeoutError, asyncio.CancelledError):
            return Seen(await asyncio.wait_for(asyncio.shield(task), budget), proven=True)
        return seen

    async def _follow(self, program: Program, pause: float) -> None:
        await asyncio.sleep(pause)
        seen = await self.seen(program)
        self._show(program, seen)
        if seen.proven or not seen.outcome.findings:
            return
        if not self.options.executes:
            why = "verification is switched off" if self.options.trusted else "the workspace is not trusted"
            self._tell(program.uri, "off", f"no code is run, because {why}")
            return
        await asyncio.sleep(self.options.delay)
        await self._report(program)

    async def _report(self, program: Program) -> None:
        self._tell(program.uri, "proving", "verifying fixes")
        outcome = await self._prove(program)
        await asyncio.to_thread(program.workspace_edit, outcome.text)  # remembered: a save has its edits at once
        self._show(program, Seen(outcome, proven=True))
        unproven = [finding for finding in outcome.findings if finding.fix.status == "unverifiable"]
        if unproven:
            self._tell(program.uri, "unproven", unproven[0].fix.reason)
        else:
            self._tell(program.uri, "proven", "")

    async def _look(self, program: Program) -> Seen:
        """What the text looks like; a text that is no Python yet has nothing to show."""
        key = self._key(program)
        if program.uri in self._looked and self._looked[program.uri][0] == key:
            return self._looked[program.uri][1]
        settings = self._settings(program.path)
        seen = Seen(await asyncio.to_thread(_look, program, settings, self._files))
        self._looked[program.uri] = self._key(program), seen  # by now it is known on which other files it depends
        return seen

    def _prove(self, program: Program) -> asyncio.Task[Outcome]:
        settings = self._settings(program.path)

        def fix(verifier: Proving) -> Outcome:
            path, own, around = program.path, _own(settings), self._files.around(program.path)
            with TURN:
                ignored = settings.ignored_in(path)
                return fix_source(program.text, path, verifier, settings.select, ignored, own=own, around=around)

        return self._proofs.ask(self._key(program), fix, self._running_verifier(settings))

    def _running_verifier(self, settings: Settings) -> Verifier:
        if self._verifier is None:
            python = self.options.python or settings.python
            entries = None if settings.no_cache else user_cache()
            # The editor's interpreter is the user's word, the project's is not; and its trust is that of the folder.
            self._verifier = Verifier(
                Path(python) if python else None,
                settings.timeout,
                self.options.trusted and self.options.trust_given,
                entries=entries,
                typed=bool(self.options.python),
            )
        return self._verifier

    def _settings(self, path: str) -> Settings:
        """Those of the project; a table that cannot be understood counts as none, the command line names its fault."""
        found = load([path])
        return Settings() if isinstance(found, Problem) else found

    def _key(self, program: Program) -> Key:
        imported = self._files.stamps(program.path)
        return program.uri, (program.text, self._settings(program.path), self.options.python, imported)

    def _cancel(self, uri: str) -> None:
        task = self._tasks.pop(uri, None)
        if task is not None:
            task.cancel()


def _own(settings: Settings) -> OwnRules:
    """The project's own rules; LibCST takes 0.2 s to import: only where there are any."""
    if not settings.rules:
        return OwnRules()
    from autofix.rewrite.catalogue import usable_rules

    return usable_rules(settings.rules)


def _look(program: Program, settings: Settings, files: ProjectFiles) -> Outcome:
    own = _own(settings)
    if not may_have_losses(program.text.encode("utf-8", "surrogatepass"), own.packages()):
        return Outcome(program.text)
    try:
        ignored, around = settings.ignored_in(program.path), files.around(program.path)
        with TURN:
            return look(program.text, program.path, settings.select, ignored, own, around)
    except (SyntaxError, ValueError, RecursionError):
        return Outcome(program.text)
