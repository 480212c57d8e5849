"""Take paths and settings; check the files, report in order, write fixes (with `apply`), give the exit status.

Many files are looked at in several processes first (`scan`), and those that nothing is wrong with are done. The others
are fixed here. The waiting is done in child processes, so threads pay: each has its own verifier, created on first use
and closed at the end. A file that cannot be parsed, and an internal error, become a `Problem` of that file alone.
"""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from autofix.analysis.prefilter import may_have_losses, names_framework
from autofix.model import Finding, Outcome, OwnRules, Problem
from autofix.report.results import Checked
from autofix.report.screen import Output, Screen, tell
from autofix.report.text import remaining
from autofix.report.visible import visible
from autofix.source.files import Source, decode, encode, find, read_bytes, write
from autofix.source.settings import Settings
from autofix.syntax.parsing import TURN, parsed
from autofix.trial.stated import CommentError

if TYPE_CHECKING:
    from autofix.analysis.footing import Footing
    from autofix.analysis.project import ProjectFiles
    from autofix.scan.clear import Scan
    from autofix.scan.processes import Cleared
    from autofix.scan.remembered import RememberedScans
    from autofix.verify.verifier import Verifier

Fixer = Callable[[str, str, "Verifier | None"], Outcome]
SUSPECTS_PER_JOB = 16
SUSPECTS_PER_PROCESS = 16
MOST_JOBS = 4  # each may hold a worker for each framework: about 0.8 GB


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
    if may_have_losses(content, packages) or (is_named and names_framework(content)):
        return source
    return _guarded(source, _parsed) if is_named else Checked(path, source, Outcome(source.text))


def _parsed(source: Source) -> Outcome:
    parsed(source.text)
    return Outcome(source.text)


def fix_all(
    sources: Sequence[Source | Checked],
    fix: Fixer,
    verifiers: Verifiers,
    jobs: int,
    cleared: Cleared | Scan | None = None,
) -> Iterator[Checked]:
    """Analyse every source that is not done yet, nor `cleared`; results come in order, as soon as they are there."""
    suspects = sum(isinstance(source, Source) for source in sources)
    threads = jobs or min(os.cpu_count() or 1, MOST_JOBS, 1 + suspects // SUSPECTS_PER_JOB)
    if threads == 1:
        yield from (_fixed(source, fix, verifiers, cleared) for source in sources)
        return
    from concurrent.futures import ThreadPoolExecutor  # here, as most runs need none of it

    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(lambda source: _fixed(source, fix, verifiers, cleared), sources)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _fixed(source: Source | Checked, fix: Fixer, verifiers: Verifiers, cleared: Cleared | Scan | None) -> Checked:
    if isinstance(source, Checked):
        return source
    survey = cleared.survey(source.path) if cleared is not None else None
    if survey is not None:
        return Checked(source.path, source, Outcome(source.text, survey=survey))
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
        fault = f"{place}syntax error: {error.msg}"
    except CommentError as error:
        fault = str(error)
    except (RecursionError, MemoryError):
        fault = "nested too deeply for Python to parse; skip it with --exclude"
    except Exception as error:
        first = f"internal error ({type(error).__name__}: {error}); the file was not modified; "
        fault = first + "please report it with the file (-v shows the traceback)"
        trace = _trace()
    return Checked(source.path, source, problem=Problem(source.path, fault), trace=trace)


def _trace() -> str:
    import traceback  # here, as most runs need none of it

    return traceback.format_exc()


STDIN = "<stdin>"
_MOST_PROJECTS = 256


@dataclass(frozen=True)
class Job:
    """What is to be done: `paths` are files and folders, or only `-`; `name` is what standard input is called.

    `own` are the project's rules; `typed_python` says that the user named the interpreter, not pyproject.toml;
    `observes` that every program found is to be run, not only suspects and those that are named; `has_faults` that what
    is wrong with their program was shown already.
    """

    paths: tuple[str, ...]
    settings: Settings
    apply: bool = False
    name: str = ""
    allow_unsandboxed: bool = False
    own: OwnRules = field(default_factory=OwnRules)
    typed_python: bool = False
    observes: bool = False
    has_faults: bool = False

    @property
    def from_stdin(self) -> bool:
        """Whether the source comes from standard input, and with `apply` goes to standard output."""
        return self.paths == ("-",)


def run(job: Job, fixer: Fixer | None = None) -> int:
    """Do the job and return the exit status; a `fixer` given stands in for `fix_source`, and nothing is executed."""
    sources = list(_sources(job))
    if job.settings.verbose:
        tell(visible(f"autofix: settings from {job.settings.file or 'the command line alone'}"))
    screen = Screen(job.settings, job.apply, len(sources), job.from_stdin and job.apply, job.has_faults)
    results: list[Checked] = []
    files: list[ProjectFiles] = []
    with warnings.catch_warnings(), Verifiers(_starter(job, sources) if fixer is None else None) as verifiers:
        warnings.simplefilter("ignore")  # what Python has to say about the user's source while parsing it
        fix, looking = fixer or _fixer(job, sources, files), nullcontext() if fixer else _clearing(job, sources, files)
        with looking as cleared:
            for checked in fix_all(sources, fix, verifiers, job.settings.jobs, cleared):
                results.append(_settled(job, checked))
                screen.show(results[-1], len(results))
                if screen.output.lost and not job.apply:
                    break  # nobody reads on
    screen.finish(results)
    return 2 if screen.output.lost else status(results, job.apply)


def account(job: Job, line: int) -> str | Problem:
    """Return what is known of the function at a line of the job's one file, and what became of its fix, as text."""
    from autofix.analysis.account import accounts_of
    from autofix.analysis.project import ProjectFiles
    from autofix.report.listing import written

    (path,) = job.paths
    content = read_bytes(path)
    source = decode(path, content) if isinstance(content, bytes) else content
    if isinstance(source, Problem):
        return source
    with warnings.catch_warnings(), Verifiers(_starter(job, [source])) as verifiers:
        warnings.simplefilter("ignore")
        (checked,) = fix_all([source], _fixer(job, [source], []), verifiers, 1)
    if checked.problem is not None:
        return checked.problem
    around = ProjectFiles({path: source.text}, job.own).around(path)
    accounts = accounts_of(parsed(source.text), source.text, line, job.own, around)
    observed = checked.outcome.observed if checked.outcome is not None else None
    return written(path, accounts, checked.findings, observed)


def _sources(job: Job) -> Iterator[Source | Checked]:
    packages = job.own.packages()
    if job.from_stdin:
        yield take(job.name or STDIN, sys.stdin.buffer.read(), is_named=True, packages=packages)
        return
    for found in find(job.paths, job.settings.exclude):
        is_named = found in job.paths
        yield Checked(found.path, problem=found) if isinstance(found, Problem) else read(found, is_named, packages)


def _clearing(
    job: Job, sources: Sequence[Source | Checked], files: list[ProjectFiles]
) -> AbstractContextManager[Cleared | Scan | None]:
    """Look at the files in several processes, where they are enough for that to pay; `files` are kept for who fixes.

    Nobody looks where the same files have been looked at before.
    """
    waiting = [source.path for source in sources if isinstance(source, Source)]
    suspects = waiting if not job.observes else []  # every program is run then
    suspects = [path for path in suspects if path not in job.paths]
    if len(suspects) < SUSPECTS_PER_PROCESS * 2:
        return nullcontext()
    from autofix.scan.clear import Clearing, can_clear, processes

    count = min(processes(job.settings.jobs), len(suspects) // SUSPECTS_PER_PROCESS)
    if count < 2 or not can_clear(job.own):
        return nullcontext()
    from autofix.analysis.footing import Footing

    files[:] = [_project_files(job, sources, Footing())]
    look = Clearing(files[0], job.own, job.settings.observe > 0)
    scans = None
    if not job.settings.no_cache:
        from autofix.scan.remembered import remembered
        from autofix.verify.cache import user_cache

        scans = remembered(user_cache(), look, suspects)
        known = scans.find()
        if known is not None:
            files[0].know_blames(known.blamed)
            return nullcontext(known)
    from autofix.scan.processes import clearing  # here, as an unchanged project needs no analysis

    looking = clearing(look, suspects, count)
    return looking if scans is None else _kept(looking, scans)


@contextmanager
def _kept(looking: AbstractContextManager[Cleared], scans: RememberedScans) -> Iterator[Cleared]:
    """Look at files, and remember what was found once the block has asked for each of them."""
    with looking as cleared:
        yield cleared
        whole = cleared.whole()
    if whole is not None:
        scans.keep(*whole)


def _project_files(job: Job, sources: Sequence[Source | Checked], footing: Footing | None = None) -> ProjectFiles:
    from autofix.analysis.project import ProjectFiles  # here, as a run without suspects needs none of it

    given = {source.path: source.text for source in sources if isinstance(source, Source)}
    return ProjectFiles(given, job.own, footing)


def _fixer(job: Job, sources: Sequence[Source | Checked], files: list[ProjectFiles]) -> Fixer:
    """Return how a file is fixed; `files` is given the files of the project when the first one is."""
    settings = job.settings

    def fix(source: str, path: str, verifier: Verifier | None) -> Outcome:
        from autofix.pipeline import NOTHING_RUN, fix_source  # here, so that a run without suspects stays cheap

        files[:] = files or [_project_files(job, sources)]
        ignored, around = settings.ignored_in(path), files[0].around(path)
        always = job.observes or path in job.paths
        return fix_source(
            source, path, verifier or NOTHING_RUN, settings.select, ignored, job.own, around, settings.observe, always
        )

    return fix


def _starter(job: Job, sources: Sequence[Source | Checked]) -> Callable[[], Verifier]:
    def start() -> Verifier:
        from autofix.verify.cache import user_cache
        from autofix.verify.verifier import Verifier

        python = Path(job.settings.python) if job.settings.python else None
        entries = None if job.settings.no_cache else user_cache()
        return Verifier(
            python,
            job.settings.timeout,
            job.allow_unsandboxed,
            entries=entries,
            typed=job.typed_python,
            readable=_projects(source.path for source in sources if isinstance(source, Source)),
            note=(lambda line: tell(visible(f"autofix: {line}"))) if job.settings.verbose else None,
        )

    return start


def _projects(paths: Iterable[str]) -> tuple[str, ...]:
    """The projects that files belong to, for those that are not too many for one worker."""
    from autofix.source.environments import readable_near

    folders = dict.fromkeys(Path(path).parent for path in paths)
    found = dict.fromkeys(root for folder in folders for root in readable_near(folder))
    return tuple(found)[:_MOST_PROJECTS]


def _settled(job: Job, checked: Checked) -> Checked:
    """The result once the file is written, where it is to be."""
    if not job.apply or checked.source is None:
        return checked
    patched = checked.outcome.text if checked.outcome else checked.source.text
    if job.from_stdin:
        problem = _print_source(checked.source, patched)
    else:
        problem = write(checked.source, patched) if checked.changes else None
    return replace(checked, problem=problem or checked.problem)


def _print_source(source: Source, patched: str) -> Problem | None:
    """Put the patched source on standard output, or the source as it came when that cannot be encoded."""
    encoded, output = encode(source, patched), Output()
    output.write_bytes(source.content if isinstance(encoded, Problem) else encoded)
    if output.lost:
        return Problem(source.path, f"standard output could not be written: {output.lost}")
    return encoded if isinstance(encoded, Problem) else None


def status(results: list[Checked], apply: bool) -> int:
    """0: nothing (left) to do; 1: findings (left); 2: autofix failed on a file, or could handle none."""
    failed = [result for result in results if result.problem]
    if any(result.trace for result in results) or (failed and len(failed) == len(results)):
        return 2
    return 1 if any(_left(result, apply) for result in results) else 0


def _left(result: Checked, apply: bool) -> Sequence[Finding]:
    """The findings still in the file."""
    return remaining(result.findings) if apply and result.problem is None else result.findings
