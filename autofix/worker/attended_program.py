"""Run a program as `python PROGRAM ARGUMENTS…` or `python -m MODULE ARGUMENTS…` would, under watch.

Its module is `__main__`, its folder comes first on the path, its arguments, streams and exit status are its own. What
it raises is printed as Python prints it, without the frames of autofix. When the watch has seen enough, the process
ends at once, so that nothing more of the program is run (a `finally:` that would save a half-trained model), or it goes
on.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import linecache
import os
import runpy
import signal
import sys
import types
from importlib.machinery import ModuleSpec
from types import ModuleType, TracebackType
from typing import Any, Callable, Collection

from .attention import Attention
from .backends.base import ATTENDED
from .program import described
from .provenance import PACKAGE, is_foreign
from .record import Record


class AfterImport:
    """A finder that lets others find, and calls `then` with the name of a module once that has been executed."""

    def __init__(self, names: Collection[str], then: Callable[[str], None]) -> None:
        self.waiting, self.then = set(names), then

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name not in self.waiting:
            return None
        self.waiting.discard(name)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = Loading(spec.loader, lambda: self.then(name))  # type: ignore[assignment]
        return spec

    def install(self) -> None:
        sys.meta_path.insert(0, self)

    def remove(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)


class Loading:
    """A loader for as long as it loads one module: the module knows its own one alone."""

    def __init__(self, own: Any, then: Callable[[], None]) -> None:
        self.own, self.then = own, then

    def create_module(self, spec: ModuleSpec) -> Any:
        return self.own.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self.own
        if module.__spec__ is not None:
            module.__spec__.loader = self.own
        self.own.exec_module(module)
        self.then()


class Attended:
    """One program under watch, and where its report goes."""

    def __init__(self, options: dict[str, Any], arguments: list[str]) -> None:
        self.options, self.arguments = options, arguments
        self.attention = Attention(Record(wanted=options["steps"]), self.seen_enough)
        self.frameworks: list[str] = []
        self.finder = AfterImport(ATTENDED, self.imported)
        self.failure: BaseException | None = None

    def imported(self, name: str) -> None:
        """Begin to watch a framework."""
        self.frameworks.append(name)
        self.attention.quietly(self.backend(name).attend)(self.attention)

    def backend(self, name: str) -> Any:
        return importlib.import_module(f".backends.{ATTENDED[name]}", __package__)

    def seen_enough(self) -> None:
        """The steps are over: report, and end the process or go on."""
        self.finder.remove()
        self.report("steps")
        if not self.options["keep_going"]:
            self.end(0)
        for name in self.frameworks:
            with contextlib.suppress(Exception):
                self.backend(name).guard(self.attention, self.gone_wrong)

    def gone_wrong(self, what: str) -> None:
        """A later step is dead or not finite: report that, and end."""
        if os.getpid() == self.attention.owner:
            self.attention.record.note(what)
            self.report("steps")
            self.end(0)

    def report(self, how: str, error: BaseException | None = None) -> None:
        """Write what has been seen; the file is there as a whole or not at all."""
        if os.getpid() != self.attention.owner:
            return
        seen = self.attention.report(how, None if error is None else described(error), main_file())
        fresh = self.options["report"] + ".new"
        with open(fresh, "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump(seen, file)
        os.replace(fresh, self.options["report"])  # noqa: PTH105

    def end(self, status: int) -> None:
        """End this process and those it has started, at once."""
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        processes = sys.modules.get("multiprocessing")
        for each in processes.active_children() if processes is not None else ():
            with contextlib.suppress(Exception):
                each.terminate()
        os._exit(status)

    def run(self) -> None:
        """Run the program to its end; the interpreter ends as it would have."""
        self.finder.install()
        how, error = "finished", None
        try:
            self.execute()
        except SystemExit as left:
            how = "finished" if left.code in (None, 0) else "exited"
            self.finish(how, None)
            raise
        except BaseException as raised:
            how, error = "raised", raised
        self.finish(how, error)
        if error is not None:
            show(error)
            if isinstance(error, KeyboardInterrupt):
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                os.kill(os.getpid(), signal.SIGINT)
            sys.exit(1)

    def finish(self, how: str, error: BaseException | None) -> None:
        """The program has ended by itself: report, unless that is done."""
        if not self.attention.over:
            self.attention.record.describe()
            self.attention.release()
            self.finder.remove()
            self.report(how, error)

    def execute(self) -> None:
        program = self.options["program"]
        sys.argv[:] = [program, *self.arguments]
        main = types.ModuleType("__main__")
        main.__builtins__ = __builtins__  # type: ignore[attr-defined]
        sys.modules["__main__"] = main
        safe = getattr(sys.flags, "safe_path", False)
        if self.options["module"]:
            sys.path[:0] = [] if safe else [os.getcwd()]  # noqa: PTH109
            runpy._run_module_as_main(self.options["module"], alter_argv=True)  # type: ignore[attr-defined]
        elif os.path.isdir(program):  # noqa: PTH112
            sys.path[:0] = [program]
            runpy._run_module_as_main("__main__", alter_argv=False)  # type: ignore[attr-defined]
        else:
            text = self.options["text"]
            folder = os.getcwd() if text is not None else os.path.dirname(os.path.realpath(program))  # noqa: PTH109, PTH120
            sys.path[:0] = [] if safe else [folder]
            self.execute_file(os.path.abspath(program), text, main)  # noqa: PTH100

    def execute_file(self, program: str, text: str | None, main: types.ModuleType) -> None:
        """Execute a file, or the text that stands for a notebook's cells."""
        source: Any = text
        if source is None:
            main.__file__ = program
            with open(program, "rb") as file:  # noqa: PTH123
                source = file.read()
        else:
            linecache.cache[program] = (len(text or ""), None, (text or "").splitlines(True), program)
        exec(compile(source, program, "exec", dont_inherit=True), main.__dict__)


def main_file() -> str:
    """The file that runs as `__main__`; empty for a library's own (`-m pytest`)."""
    file = str(getattr(sys.modules["__main__"], "__file__", None) or "")
    return "" if not file or is_foreign(os.path.abspath(file)) else os.path.abspath(file)  # noqa: PTH100


def show(error: BaseException) -> None:
    """Print what was raised as Python does, without autofix's own frames and those that started it."""
    trace = error.__traceback__
    while trace is not None and is_foreign(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    shown = error.with_traceback(without_own(trace))
    sys.excepthook(type(shown), shown, shown.__traceback__)


def without_own(trace: TracebackType | None) -> TracebackType | None:
    """A traceback without the frames of this folder."""
    if trace is None:
        return None
    rest = without_own(trace.tb_next)
    if trace.tb_frame.f_code.co_filename.startswith(PACKAGE):
        return rest
    return TracebackType(rest, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)


def run(options: dict[str, Any], arguments: list[str]) -> None:
    """Run the program of the options, and report."""
    Attended(options, arguments).run()
