"""The watch of `autofix run`: of a program started as its user does, or of some steps in the caller's own process.

There is no jail and no limit of time: it is the user who runs it. An interrupt from the keyboard is the program's.
Nothing of a framework is imported here: what is watched is what the program, or the caller, has imported.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import autofix.worker as worker
from autofix.observe.attended import Attended, Seen, attended_of, faults_of
from autofix.worker.attention import Attention
from autofix.worker.backends.base import ATTENDED
from autofix.worker.record import Record

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
    """The project files in which something was seen: the one that was started, then those with an end or a value.

    Those in which a part of a model is kept that no optimizer holds come before these.
    """
    sites = [site for each in attended.seen.strays for site in each.sites]
    sites += [site for each in attended.seen.events for site in each.sites]
    sites += [site for each in attended.seen.ends for site in each.sites]
    found = dict.fromkeys([attended.main, *(site.path for site in sites)])
    roots = (Path.cwd(), *([Path(attended.main).parent] if attended.main else []))
    own = (each for each in found if each and any(Path(each).is_relative_to(root) for root in roots))
    return tuple(each for each in own if Path(each).is_file())[:most]


class Watching:
    """A context in which a training is watched; it is one of Keras' callbacks as well.

    `show` is called with what was seen when the steps are over, or at the end of the block, whichever is first.
    `attended` is what was seen, None before that.
    """

    def __init__(self, model: Any, optimizers: Sequence[Any], steps: int, show: Callable[[Attended], None]) -> None:
        self._model, self._optimizers, self._show = model, optimizers, show
        self._attention = Attention(Record(wanted=steps), self._over)
        self.attended: Attended | None = None

    @property
    def faults(self) -> tuple[Seen, ...]:
        """What is wrong with what was seen."""
        return () if self.attended is None else faults_of(self.attended)

    def __enter__(self) -> Watching:
        names = [name for name in ATTENDED if name in sys.modules]
        if not names:
            raise TypeError("no framework is imported: import it before its training is watched")
        for name in names:
            _backend(name).attend(self._attention)
            _backend(name).name_after(self._attention, self._model)
        for optimizer in self._optimizers:
            for name in names:
                _backend(name).hold(self._attention, optimizer)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if not self._attention.over:
            self._attention.record.describe()
            self._attention.release()
            self._over("finished" if kind is None else "raised")

    def _over(self, how: str = "steps") -> None:
        self.attended = attended_of(self._attention.report(how, None, ""))
        self._show(self.attended)

    # What Keras calls of a callback.

    def on_train_begin(self, logs: object = None) -> None:
        """Begin to watch."""
        self.__enter__()

    def on_train_end(self, logs: object = None) -> None:
        """End the watch, if the steps were fewer."""
        self.__exit__(None)

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("on_", "set_", "_implements_")):
            return lambda *_, **__: None
        raise AttributeError(name)


def gradients(loss: Callable[..., Any], model: Any, batch: Sequence[Any]) -> list[tuple[str, str]]:
    """Return the trained parameters of a model with what becomes of their gradient (`STATES` of `worker/record.py`).

    The model is called with the first of the batch. The loss is called as the framework calls it: with the prediction
    and the target, in Keras with the target and the prediction. Nothing is stepped,
    and gradients that are there stay. Raises TypeError for a model of no framework that is imported.
    """
    for name in ATTENDED:
        if name in sys.modules and _backend(name).is_model(model):
            found: list[tuple[str, str]] = _backend(name).gradients(loss, model, batch)
            return found
    raise TypeError(f"{type(model).__name__} is no model of a framework that is imported")


def _backend(name: str) -> ModuleType:
    return importlib.import_module(f"autofix.worker.backends.{ATTENDED[name]}")
