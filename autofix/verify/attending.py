"""Start a program as its user does, in their own process, environment and folder, and take what its watch reports.

There is no jail and no limit of time: it is the user who runs it. An interrupt from the keyboard is the program's.
"""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import autofix.worker as worker
from autofix.observe.attended import Attended, attended_of

SCRIPT = Path(worker.__path__[0]) / "attend.py"
SECONDS_BETWEEN = 0.2
"""How often a program that goes on is asked whether its watch has ended."""


@dataclass(frozen=True)
class Started:
    """A program with its arguments: a file, or a `module` by its name; `text` is what a notebook executes."""

    program: str
    arguments: tuple[str, ...] = ()
    module: bool = False
    text: str | None = None
    steps: int = 2
    keep_going: bool = False


def attend(python: Path, started: Started, tell: Callable[[Attended], None]) -> tuple[Attended | None, int]:
    """Run a program to its end; return what was seen (None if nothing was), and its exit status.

    `tell` is called once the watch has ended, be it long before the program does. Raises OSError where Python cannot
    be started.
    """
    with tempfile.TemporaryDirectory(prefix="autofix-run-") as folder:
        report = Path(folder) / "report.json"
        options = {
            "report": str(report),
            "steps": started.steps,
            "keep_going": started.keep_going,
            "module": started.program if started.module else "",
            "program": started.program,
            "text": started.text,
        }
        command = [str(python), str(SCRIPT), json.dumps(options), *started.arguments]
        with _interrupts_left_alone(), subprocess.Popen(command) as process:
            first = _first_report(process, report)
            if first is not None:
                tell(first)
            status = process.wait()
        last = _read(report)
        if last is not None and first is None:
            tell(last)
        return last, status


@contextlib.contextmanager
def _interrupts_left_alone():  # type: ignore[no-untyped-def]
    """Let an interrupt from the keyboard end the program, which gets it as well, and not the one who waits for it."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _first_report(process: subprocess.Popen[bytes], report: Path) -> Attended | None:
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_BETWEEN)
            return None
        if report.is_file():
            return _read(report)


def _read(report: Path) -> Attended | None:
    try:
        return attended_of(json.loads(report.read_bytes()))
    except OSError:
        return None


def files_of(attended: Attended, most: int) -> Sequence[str]:
    """The project files in which something was seen: the one that was started, then those with an end or a value."""
    sites = [site for each in attended.seen.events for site in each.sites]
    sites += [site for each in attended.seen.ends for site in each.sites]
    found = dict.fromkeys([attended.main, *(site.path for site in sites)])
    roots = (Path.cwd(), *([Path(attended.main).parent] if attended.main else []))
    own = (each for each in found if each and any(Path(each).is_relative_to(root) for root in roots))
    return tuple(each for each in own if Path(each).is_file())[:most]
