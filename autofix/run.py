"""Sources in, what was found in each of them out, in the same order, whatever the number of threads.

The waiting is done in child processes, so threads pay: each has a verifier of its own, made when first asked for and
closed at the end. A file that cannot be parsed, and a failure of autofix itself, become a `Problem` of that file alone.
"""

from __future__ import annotations

import ast
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from autofix.analysis.prefilter import may_have_losses
from autofix.files import Source, decode, read_bytes
from autofix.model import Finding, Outcome, Problem
from autofix.turns import TURN
from autofix.verify.told import CommentError

if TYPE_CHECKING:
    from autofix.verify.client import Verifier

Fixer = Callable[[str, str, "Verifier | None"], Outcome]
SUSPECTS_PER_JOB = 16
MOST_JOBS = 4  # each may hold a worker for each framework: about 0.8 GB


@dataclass(frozen=True)
class Checked:
    """One file and what became of it: an outcome or a problem; `trace` is set when autofix itself failed on it."""

    path: str
    source: Source | None = None
    outcome: Outcome | None = None
    problem: Problem | None = None
    trace: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong in the file as it was read."""
        return self.outcome.findings if self.outcome else ()

    @property
    def changes(self) -> bool:
        """Whether the proven fixes make another text of it."""
        return bool(self.source and self.outcome and self.source.text != self.outcome.text)


class Verifiers:
    """One verifier a thread, started by `start` when the thread first has something to verify."""

    def __init__(self, start: Callable[[], Verifier] | None) -> None:
        self._start = start
        self._started: list[Verifier] = []
        self._own = threading.local()

    def get(self) -> Verifier | None:
        """The verifier of this thread; None when nothing may be run."""
        if self._start is not None and not hasattr(self._own, "verifier"):
            self._own.verifier = self._start()
            self._started.append(self._own.verifier)
        return getattr(self._own, "verifier", None)

    def __enter__(self) -> Verifiers:
        return self

    def __exit__(self, *error: object) -> None:
        for verifier in self._started:
            verifier.close()


def read(path: str, is_named: bool, packages: Iterable[str] = ()) -> Source | Checked:
    """A source worth analysing, or a file that is done with; one that the user named is at least parsed.

    `packages` are those for which the project has rules of its own.
    """
    content = read_bytes(path)
    return Checked(path, problem=content) if isinstance(content, Problem) else take(path, content, is_named, packages)


def take(path: str, content: bytes, is_named: bool, packages: Iterable[str] = ()) -> Source | Checked:
    """The same for bytes that were read already (standard input)."""
    source = decode(path, content)
    if isinstance(source, Problem):
        raw = Source(path, content, content.decode("latin-1"), "latin-1")  # the one codec that gives every byte back
        return Checked(path, raw, problem=source)
    if may_have_losses(content, packages):
        return source
    return _guarded(source, _parsed) if is_named else Checked(path, source, Outcome(source.text))


def _parsed(source: Source) -> Outcome:
    ast.parse(source.text)
    return Outcome(source.text)


def fix_all(sources: Sequence[Source | Checked], fix: Fixer, verifiers: Verifiers, jobs: int) -> Iterator[Checked]:
    """Analyse every source that is not done yet; results come in order, as soon as they are there."""
    suspects = sum(isinstance(source, Source) for source in sources)
    threads = jobs or min(os.cpu_count() or 1, MOST_JOBS, 1 + suspects // SUSPECTS_PER_JOB)
    if threads == 1:
        yield from (_fixed(source, fix, verifiers) for source in sources)
        return
    from concurrent.futures import ThreadPoolExecutor  # here, as most runs need none of it

    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(lambda source: _fixed(source, fix, verifiers), sources)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _fixed(source: Source | Checked, fix: Fixer, verifiers: Verifiers) -> Checked:
    if isinstance(source, Checked):
        return source
    with TURN:
        return _guarded(source, lambda source: _in_cells(source, fix(source.text, source.path, verifiers.get())))


def _in_cells(source: Source, outcome: Outcome) -> Outcome:
    """The outcome with the findings of a notebook placed in its cells."""
    if source.notebook is None:
        return outcome
    return replace(outcome, findings=tuple(map(source.notebook.placed, outcome.findings)))


def _guarded(source: Source, step: Callable[[Source], Outcome]) -> Checked:
    """What `step` makes of the source, its failure turned into the problem of this one file."""
    trace = ""
    try:
        outcome = step(source)
        return Checked(source.path, source, outcome, trace=outcome.trace)
    except SyntaxError as error:
        place = f"line {error.lineno}: " if error.lineno else ""
        fault = f"{place}not valid Python: {error.msg}; mend it and run autofix again"
    except CommentError as error:
        fault = str(error)
    except (RecursionError, MemoryError):
        fault = "nested too deeply for Python to parse; leave it out with --exclude"
    except Exception as error:
        first = f"autofix failed on this file ({type(error).__name__}: {error}); it was left as it is. "
        fault = first + "This is a fault of autofix: please report it with the file (-v shows the traceback)"
        trace = _trace()
    return Checked(source.path, source, problem=Problem(source.path, fault), trace=trace)


def _trace() -> str:
    import traceback  # here, as most runs need none of it

    return traceback.format_exc()
