"""The main job: paths and settings in, reports and (with `apply`) written files out, and the exit status.

Everything between reading and writing happens in `run.py`; here is what the user sees of it, and when.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from autofix.files import Source, encode, find, write
from autofix.model import Finding, Outcome, OwnRules, Problem
from autofix.report.output import Output
from autofix.report.screen import Screen
from autofix.report.text import remaining
from autofix.run import Checked, Fixer, Verifiers, fix_all, read, take
from autofix.settings import Settings

if TYPE_CHECKING:
    from autofix.project import ProjectFiles
    from autofix.verify.client import Verifier

STDIN = "<stdin>"
_MOST_PROJECTS = 256


@dataclass(frozen=True)
class Job:
    """What is to be done: `paths` are files and folders, or only `-`; `name` is what standard input is called.

    `own` are the project's rules; `typed_python` says that the user named the interpreter, not pyproject.toml.
    """

    paths: tuple[str, ...]
    settings: Settings
    apply: bool = False
    name: str = ""
    allow_unsandboxed: bool = False
    own: OwnRules = field(default_factory=OwnRules)
    typed_python: bool = False

    @property
    def from_stdin(self) -> bool:
        """Whether the source comes from standard input, and with `apply` goes to standard output."""
        return self.paths == ("-",)


def run(job: Job, fixer: Fixer | None = None) -> int:
    """Do the job and return the exit status; a `fixer` given stands in for `fix_source`, and nothing is executed."""
    sources = list(_sources(job))
    screen = Screen(job.settings, job.apply, len(sources), to_stderr=job.from_stdin and job.apply)
    results: list[Checked] = []
    with warnings.catch_warnings(), Verifiers(_starter(job, sources) if fixer is None else None) as verifiers:
        warnings.simplefilter("ignore")  # what Python has to say about the user's source while parsing it
        for checked in fix_all(sources, fixer or _fixer(job, sources), verifiers, job.settings.jobs):
            results.append(_settled(job, checked))
            screen.show(results[-1], len(results))
            if screen.output.lost and not job.apply:
                break  # nobody reads on
    screen.finish(results)
    return 2 if screen.output.lost else status(results, job.apply)


def _sources(job: Job) -> Iterator[Source | Checked]:
    packages = job.own.packages()
    if job.from_stdin:
        yield take(job.name or STDIN, sys.stdin.buffer.read(), is_named=True, packages=packages)
        return
    for found in find(job.paths, job.settings.exclude):
        is_named = found in job.paths
        yield Checked(found.path, problem=found) if isinstance(found, Problem) else read(found, is_named, packages)


def _fixer(job: Job, sources: Sequence[Source | Checked]) -> Fixer:
    settings = job.settings
    given = {source.path: source.text for source in sources if isinstance(source, Source)}
    files: list[ProjectFiles] = []

    def fix(source: str, path: str, verifier: Verifier | None) -> Outcome:
        from autofix.fix import fix_source  # here, so that a run without suspects stays cheap
        from autofix.project import ProjectFiles

        files[:] = files or [ProjectFiles(given, job.own)]
        ignored, around = settings.ignored_in(path), files[0].around(path)
        return fix_source(source, path, verifier, settings.select, ignored, own=job.own, around=around)

    return fix


def _starter(job: Job, sources: Sequence[Source | Checked]) -> Callable[[], Verifier]:
    def start() -> Verifier:
        from autofix.verify.cache import user_cache
        from autofix.verify.client import Verifier

        python = Path(job.settings.python) if job.settings.python else None
        entries = None if job.settings.no_cache else user_cache()
        return Verifier(
            python,
            job.settings.timeout,
            job.allow_unsandboxed,
            entries=entries,
            typed=job.typed_python,
            readable=_projects(source.path for source in sources if isinstance(source, Source)),
        )

    return start


def _projects(paths: Iterable[str]) -> tuple[str, ...]:
    """The projects that files belong to, for those that are not too many for one worker."""
    from autofix.verify.prepare import readable_near

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
