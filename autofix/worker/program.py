"""Run a program as its user does, up to its first steps, and say what it showed.

It runs in a copy of its project, without input, with the defaults of its arguments; what it prints is kept. It ends
after the steps that were asked for, at its first error, at its own end, or when its time is over: then the process ends
at once, whatever the program catches or has registered.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import linecache
import os
import random
import signal
import sys
import threading
import time
import traceback
import types
import warnings
from importlib.machinery import SourceFileLoader
from types import TracebackType
from typing import Any, Callable

from .ends import Ends, bridging
from .load import lines_noted
from .mirror import Mirror
from .oracle import BRIDGE, bridge_inner_imports
from .provenance import user_frames_of
from .record import Event, Record
from .records import Frame, ProgramRequest, SeenError

MOST_PRINTED = 256 * 1024
ASKED = (
    "move", "seed", "frozen", "slopes", "only", "lenient", "uncut", "recorded", "nested", "keeps", "values", "stage",
)  # fmt: skip
MOST_SHOWN = 300
"""Characters of an error's message."""


class Sink(io.RawIOBase):
    """Keeps the start of what is printed, and counts the rest; the place `inside` is printed as that `outside`."""

    def __init__(self, inside: str, outside: str) -> None:
        self.kept = bytearray()
        self.count = 0
        self.inside, self.outside = inside.encode(), outside.encode()

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        printed = bytes(content).replace(self.inside, self.outside)
        self.kept += printed[: max(0, MOST_PRINTED - len(self.kept))]
        self.count += len(printed)
        return len(content)


def described(error: BaseException) -> SeenError:
    """An error: its type, the first lines of its message, and the program's own frames, the innermost first."""
    text = " ".join(str(error).split())[:MOST_SHOWN]
    return {"type": type(error).__name__, "message": text, "frames": frames_of(error.__traceback__)}


def frames_of(trace: TracebackType | None) -> list[Frame]:
    found = [frame.record() for frame in user_frames_of(traceback.walk_tb(trace))]
    return found[::-1]


def package_of(folder: str) -> tuple[str, str]:
    """The folder from which a file of this one is imported, and the dotted name of its package."""
    names: list[str] = []
    while os.path.isfile(os.path.join(folder, "__init__.py")):  # noqa: PTH113, PTH118
        folder, name = os.path.split(folder)
        names.insert(0, name)
    return folder, ".".join(names)


class Program:
    """One program, ready to be run: `send` takes the report, `leave` ends the process."""

    def __init__(self, request: ProgramRequest, folder: str, send: Callable[[Any], None], leave: Callable[[], None]):
        self.request, self.send, self.leave = request, send, leave
        self.mirror = Mirror(request["root"], folder, request["texts"])
        self.path = self.mirror.inside(request["program"])
        self.sink, self.started = Sink(self.mirror.folder, self.mirror.root), time.monotonic()
        self.stream: Any = io.TextIOWrapper(self.sink, encoding="utf-8", errors="replace", line_buffering=True)
        self.ended = False
        self.set_timer = signal.setitimer
        self.lines: set[int] = set()
        asked = {name: request[name] for name in ASKED}  # type: ignore[literal-required]
        self.record = Record(
            wanted=request["steps"], end=self.seen_enough, printed=self.printed, place=self.mirror.place_of,
            ahead=request["ahead"] > 0, **asked,
        )  # fmt: skip

    def printed(self) -> int:
        with contextlib.suppress(ValueError):  # the program may have closed it
            self.stream.flush()
        return self.sink.count

    def run(self, backend: Any) -> None:
        """Run it to its end; what it leaves running ends with the process."""
        with open(self.path, encoding="utf-8", newline=None) as file:  # noqa: PTH123
            text = file.read()
        tree = ast.parse(text, self.path)
        self.set_the_scene()
        backend.watch_program(self.record)
        if self.request["trace"]:
            changed, far = self.request["changed"], self.request["far"]
            self.record.ends = Ends(backend, changed, lambda: len(self.record.events), far)
            self.record.ends.resting = self.record.asleep
            backend.trace_program(self.record)
        if self.record.uncut:
            backend.uncut_program()
        error: BaseException | None = None
        noted = self.request["lines_of"]
        try:
            main = self.main_module(tree).__dict__
            if self.record.ends is not None:
                main[BRIDGE] = bridging(self.record.ends)
                tree = bridge_inner_imports(tree, everywhere=True)
                if self.request["target"]:
                    bridge_file(self.mirror.inside(self.request["target"]), main[BRIDGE])
            code = compile(tree, self.path, "exec", dont_inherit=True)
            linecache.checkcache(self.path)
            with lines_noted(self.mirror.inside(noted), self.lines) if noted else contextlib.nullcontext():
                exec(code, main)
        except SystemExit as end:
            self.exited(end.code)
        except BaseException as raised:
            error = raised
            self.note_number(raised)
        self.finish("finished" if error is None else "raised", error)

    def note_number(self, error: BaseException) -> None:
        """A plain number that was to be differentiated is a differentiated value without a gradient."""
        value = getattr(error, "obj", None)
        if isinstance(error, AttributeError) and getattr(error, "name", "") == "backward":
            with contextlib.suppress(TypeError, ValueError):
                frames = list(user_frames_of(traceback.walk_tb(error.__traceback__)))[::-1]
                event = Event("backward", frames, float(value), False, False, self.record.steps, self.printed())  # type: ignore[arg-type]
                self.record.differentiated(event)

    def exited(self, code: Any = None) -> None:
        """The program ends itself, with this exit status or message."""
        if code not in (None, 0) and not isinstance(code, int):
            with contextlib.suppress(ValueError):
                self.stream.write(f"{code}\n")
        self.finish("finished" if code in (None, 0) else "exited")

    def main_module(self, tree: ast.Module) -> types.ModuleType:
        """The module that it runs as: found again by pickling and by `inspect`.

        One that imports from its own package is run as `python -m` runs it.
        """
        module = types.ModuleType("__main__")
        module.__file__ = self.path
        if any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(tree)):
            folder, module.__package__ = package_of(os.path.dirname(self.path))  # noqa: PTH120
            sys.path.insert(1, folder)
        module.__builtins__ = __builtins__  # type: ignore[attr-defined]
        sys.modules["__main__"] = module
        return module

    def set_the_scene(self) -> None:
        """Everything as the program would find it, but for input, arguments, time and chance."""
        folder = os.path.dirname(self.path)  # noqa: PTH120
        os.chdir(folder)
        sys.argv = [self.path]
        sys.path[:0] = [folder]
        for each in self.request["folders"]:
            sys.path.append(self.mirror.inside(each))
        self.mirror.unlink_before_writing()
        for name in ("stdout", "stderr", "__stdout__", "__stderr__"):
            setattr(sys, name, self.stream)
        sys.stdin = io.StringIO("")
        os.environ.update(HOME=self.mirror.home, MPLBACKEND="Agg")
        warnings.simplefilter("ignore")
        random.seed(0)
        threading.excepthook = lambda *_: None
        os._exit = self.exited  # type: ignore[assignment]
        self.keep_the_time()

    def keep_the_time(self) -> None:
        """End it when its time is over; the alarm is not the program's to set."""
        signal.signal(signal.SIGALRM, lambda *_: self.finish("late"))
        set_handler = signal.signal
        set_timer = self.set_timer = signal.setitimer
        set_timer(signal.ITIMER_REAL, self.request["seconds"])

        def handled(number: Any, handler: Any) -> Any:
            return signal.SIG_DFL if number == signal.SIGALRM else set_handler(number, handler)

        def timed(which: int, *seconds: float) -> Any:
            return (0.0, 0.0) if which == signal.ITIMER_REAL else set_timer(which, *seconds)

        signal.signal, signal.setitimer = handled, timed  # type: ignore[assignment]
        signal.alarm = lambda seconds: 0

    def seen_enough(self, how: str) -> None:
        """The steps that were asked for are made: report, or look for later stages of the program for a while."""
        if self.record.ahead and not self.record.asleep:
            self.record.asleep = True
            self.set_timer(signal.ITIMER_REAL, self.request["ahead"])
        else:
            self.finish(how)

    def finish(self, how: str, error: BaseException | None = None) -> None:
        """Report once, and end the process."""
        if self.ended:
            return
        self.ended = True
        self.record.describe()
        report = {
            "end": how,
            "error": None if error is None else described(error),
            "seconds": time.monotonic() - self.started,
            "printed": bytes(self.sink.kept).decode("utf-8", "replace"),
            "written": self.mirror.texts_written(),
            "lines": sorted(self.lines),
            "kept": self.record.values_now() if self.request["keeps"] else {},
            **self.record.sent(),
        }
        with contextlib.suppress(OSError, ValueError):
            self.mirror.kept()
        self.send({"content": self.in_project(report), "opened": {"files": [], "absent": []}})
        self.leave()

    def in_project(self, report: dict[str, Any]) -> dict[str, Any]:
        """The report with the places of files as the project has them."""
        error = report["error"]
        if error is not None:
            error["message"] = error["message"].replace(self.mirror.folder, self.mirror.root)
        placed = (report[name] for name in ("events", "optimizers", "ends", "sums", "silenced", "strays"))
        everywhere = [error or {}, *(each for found in placed for each in found)]
        for frame in (frame for each in everywhere for frame in each.get("frames", ())):
            frame["file"] = self.mirror.outside(frame["file"])
        return report


def bridge_file(place: str, imported: Any) -> None:
    """Have a file of the project import array libraries by bridges, too."""
    setattr(builtins, BRIDGE, imported)
    own = SourceFileLoader.source_to_code

    def source_to_code(loader: Any, data: Any, path: Any, **options: Any) -> Any:
        if os.path.realpath(path) == place:
            data = bridge_inner_imports(ast.parse(data, path), everywhere=True)
        return own(loader, data, path, **options)

    SourceFileLoader.source_to_code = source_to_code  # type: ignore[method-assign, assignment]


def observe(request: ProgramRequest, backend: Any, send: Callable[[Any], None], leave: Callable[[], None]) -> None:
    """Answer a request of kind `program` (`ProgramRequest`)."""
    Program(request, os.getcwd(), send, leave).run(backend)  # noqa: PTH109
