"""`autofix run`: a program as its user runs it, watched to its first steps, then checked for a verified fix.

Exit status: 0 where it learns, 1 where a fault was found, 2 where it could not be run or trained nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from autofix import runner
from autofix.analysis.syntactic import frameworks
from autofix.knowledge.frameworks import NAMES
from autofix.model import Framework, OwnRules, Problem, Site
from autofix.observe.attended import Attended, Seen, faults_of
from autofix.report.screen import Output, tell
from autofix.report.text import Style
from autofix.report.training import faults_shown, training
from autofix.report.visible import visible
from autofix.source.cells import Cells
from autofix.source.files import Source, decode, read_bytes
from autofix.source.settings import Settings
from autofix.syntax.parsing import parsed
from autofix.verify.interpreters import find_interpreter
from autofix.verify.watching import Started, attend, files_of

MOST_FILES = 6
LEARNS, FAULT, NOT_RUN = 0, 1, 2
SAID = ("AF309", "AF310")
"""What the run itself shows, on the user's own data: what it has said the check need not say again."""


@dataclass(frozen=True)
class Asked:
    """What the user typed after `autofix run`."""

    started: Started
    settings: Settings
    apply: bool = False
    own: OwnRules = field(default_factory=OwnRules)
    typed_python: bool = False


def run(asked: Asked) -> int:
    """Run the program, show what was seen, check its files, and return the exit status."""
    started = _readable(asked.started)
    if isinstance(started, Problem):
        tell(visible(f"autofix: {started.path}: {started.message}"))
        return NOT_RUN
    told: list[Attended] = []
    output = Output()
    style = Style(output.is_terminal and "NO_COLOR" not in os.environ)

    def faults_in(attended: Attended) -> tuple[Seen, ...]:
        return tuple(_in_cells(each, started) for each in faults_of(attended))

    def show(attended: Attended) -> None:
        told.append(attended)
        output.write(training(attended, faults_in(attended), style))

    try:
        sys.stdout.flush()
        last, status = attend(_python(asked, started), started, show)
    except OSError as error:
        tell(visible(f"autofix: {error.filename}: cannot be started: {error.strerror}"))
        return NOT_RUN
    if last is None:
        tell(f"autofix: the program was not watched to any step; it ended with status {status}")
        return NOT_RUN
    faults = faults_in(last)
    later = [each for each in faults if each not in faults_in(told[0])]
    if later:
        output.write(faults_shown(later, style))
    return max(_status(last, faults, status), _checked(asked, last, faults), key=(LEARNS, NOT_RUN, FAULT).index)


def _in_cells(fault: Seen, started: Started) -> Seen:
    """A fault with its places in a notebook as cells and their lines."""
    source = _source(started) if started.text is not None else None
    if source is None or source.notebook is None:
        return fault
    code, path = source.notebook.code, str(Path(started.program).absolute())
    return replace(fault, sites=tuple(_in_cell(each, code) if each.path == path else each for each in fault.sites))


def _in_cell(site: Site, code: Cells) -> Site:
    index, line = code.place(site.span.line)
    return replace(site, path=f"{site.path}:cell {code.cells[index].number}", span=replace(site.span, line=line))


def _source(started: Started) -> Source | None:
    """The file of a program; None for a module, and for what cannot be read."""
    content = b"" if started.module or not Path(started.program).is_file() else read_bytes(started.program)
    source = content if isinstance(content, Problem) else decode(started.program, content)
    return None if isinstance(source, Problem) else source


def _readable(started: Started) -> Started | Problem:
    """The program, with the text of its cells where it is a notebook; or why it cannot be run."""
    if started.module:
        return started
    if not Path(started.program).exists():
        return Problem(started.program, "no such file; check the path, or pass a module with -m")
    if not started.program.endswith(".ipynb"):
        return started
    content = read_bytes(started.program)
    source = content if isinstance(content, Problem) else decode(started.program, content)
    return source if isinstance(source, Problem) else replace(started, text=source.text)


def _python(asked: Asked, started: Started) -> Path:
    """The Python that the user's shell would start, or the one that has the framework of the program."""
    explicit = Path(asked.settings.python) if asked.settings.python else None
    near = Path.cwd() if started.module else Path(started.program).resolve().parent
    return find_interpreter(explicit, near, _framework(started))


def _framework(started: Started) -> Framework:
    """The framework that a program imports itself, else the first that there is."""
    source = _source(started)
    try:
        found = frameworks(parsed(source.text)) if source is not None else []
    except SyntaxError:
        found = []
    return next(iter(found), NAMES[0])


def _status(attended: Attended, faults: Sequence[Seen], status: int) -> int:
    """The exit status of what was seen; a program that failed, or trained nothing, is no program that learns."""
    if faults:
        return FAULT
    seen = attended.seen
    if seen.end in ("raised", "exited"):
        tell(visible(f"autofix: the program failed before its watch ended; its exit status is {status}"))
        return NOT_RUN
    if not seen.trains:
        tell("autofix: the program differentiates nothing: there is no training to watch")
        return NOT_RUN
    return LEARNS


def _checked(asked: Asked, attended: Attended, faults: Sequence[Seen]) -> int:
    """Check the files in which something was seen, in the jail, as `autofix FILES` does."""
    files = files_of(attended, MOST_FILES)
    if not files:
        return LEARNS
    paths = tuple(os.path.relpath(each) if each.startswith(os.getcwd()) else each for each in files)  # noqa: PTH109
    said = [code for code in SAID if any(each.code == code for each in faults)]
    settings = replace(asked.settings, ignore=(*asked.settings.ignore, *said))
    job = runner.Job(
        paths,
        settings,
        asked.apply,
        own=replace(asked.own, demands="all" if faults and not asked.apply else "named"),
        typed_python=asked.typed_python,
        observes=True,
        has_faults=bool(faults),
    )
    return runner.run(job)
