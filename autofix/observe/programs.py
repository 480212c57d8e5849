"""What is run to observe a file: the file itself where it trains when it is executed, else one that trains with it."""

from __future__ import annotations

import ast
import itertools
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from autofix.knowledge.operations import values
from autofix.knowledge.trainers import STARTS, STARTS_WHERE_IMPORTED
from autofix.model import Framework
from autofix.source.environments import import_roots, package_of, readable_near
from autofix.syntax.bindings import last_part
from autofix.syntax.memo import nodes_of
from autofix.syntax.scopes import imports_in
from autofix.syntax.spans import Around
from autofix.worker.records import ProgramRequest

_CONSUMERS = frozenset(values("consumes")) | STARTS
MOST_IMPORTERS = 20
_NUMBERS = itertools.count()
_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Lambda)
TO_THE_END = 1_000_000
"""Steps: more than any program makes in its time."""
MOVE, FAR = 1e-3, 5e-2
"""How far parameters are moved, relative to their size: little, for finite differences; far, to compare values."""


@dataclass(frozen=True)
class ProgramRun:
    """One run of a program to its first steps.

    `texts` are what files of the project hold in place of what is on the disk; the `target` is that which is observed,
    the program itself where none is named. It is `shared` where other files import it as well. Parameters are moved by
    `move` times their size, along the direction of this `seed`, before they are first used. Where steps are `frozen`,
    optimizers change nothing, and a value without a gradient is passed over; `slopes` asks for each gradient along it.
    Of the file `lines_of`, the lines that are run are noted. `only` are the numbers of the parameters that are moved,
    and by which gradients are measured. A `lenient` run lets NumPy read what has a gradient; in an `uncut` one,
    explicit cuts (`detach`, `stop_gradient`) do nothing. Where `recorded`, parameters are moved when they are first
    used while a gradient is recorded, and not before. Where `nested`, the steps of an optimizer that holds copies of
    what another one holds are a part of what is computed. A run that `keeps` gives the values of the trained parameters
    in the end; before their first use, parameters are set to these `values` by their numbers. A `trace` notes where
    gradients end, and changes what those that are `changed` give (line, column from 0, code), a little or so many times
    as `far`. Of a later `stage`, so many steps come before what is noted; for `ahead` seconds behind the first steps,
    it is looked for. What is made of a run by `replace` belongs to the same `observation`, whose runs share a copy of
    the project.
    """

    program: str
    root: str
    framework: Framework
    texts: tuple[tuple[str, str], ...] = ()
    seconds: float = 10.0
    target: str = ""
    shared: bool = False
    steps: int = 2
    move: float = 0.0
    seed: int = 0
    frozen: bool = False
    slopes: bool = False
    lines_of: str = ""
    only: tuple[int, ...] | None = None
    lenient: bool = False
    uncut: bool = False
    recorded: bool = False
    nested: bool = False
    keeps: bool = False
    values: tuple[tuple[str, str], ...] = ()
    trace: bool = False
    changed: tuple[tuple[int, int, str], ...] = ()
    far: float = 1.0
    stage: int = 0
    ahead: float = 0.0
    observation: str = field(default_factory=lambda: f"{os.getpid()}.{next(_NUMBERS)}", compare=False)

    def of_text(self, text: str) -> ProgramRun:
        """Return the same run with another text of what is observed."""
        others = tuple((path, each) for path, each in self.texts if path != self.observed)
        return replace(self, texts=(*others, (self.observed, text)))

    @property
    def is_whole(self) -> bool:
        """Does it go to the program's end? Most trainings do not come there in time."""
        return self.steps >= TO_THE_END

    @property
    def observed(self) -> str:
        """The file that is observed."""
        return self.target or self.program

    def moved(self, by: float, seed: int = 0) -> ProgramRun:
        """Return the run with frozen steps and its parameters moved."""
        return replace(self, frozen=True, move=by, seed=seed)

    def as_request(self, allow_unsandboxed: bool) -> ProgramRequest:
        """Return the run as the worker takes it (`worker/program.py`)."""
        folder = Path(self.program).parent
        return {
            "kind": "program",
            "program": self.program,
            "root": self.root,
            "observation": self.observation,
            "texts": dict(self.texts),
            "seconds": self.seconds,
            "steps": self.steps,
            "move": self.move,
            "seed": self.seed,
            "frozen": self.frozen,
            "slopes": self.slopes,
            "lines_of": self.lines_of,
            "target": self.target,
            "only": None if self.only is None else list(self.only),
            "lenient": self.lenient,
            "uncut": self.uncut,
            "recorded": self.recorded,
            "nested": self.nested,
            "keeps": self.keeps,
            "values": dict(self.values),
            "trace": self.trace,
            "changed": [list(each) for each in self.changed],
            "far": self.far,
            "stage": self.stage,
            "ahead": self.ahead,
            "folders": [str(each) for each in import_roots(folder)],
            "readable": list(readable_near(folder)),
            "allow_unsandboxed": allow_unsandboxed,
        }


def program_of(
    path: str, text: str, tree: ast.Module, framework: Framework, seconds: float, trains: bool = False
) -> ProgramRun | None:
    """Return how to run a file that trains when it is executed; None for one that does not.

    It may also do so by what it imports, if that `trains`.
    """
    file = Path(path).resolve()
    if not _runs_something(tree) or not (trains or _may_train(tree)):
        return None
    if not file.is_file():
        return None
    root = Path(*readable_near(file.parent)[:1] or [package_of(file.parent)[0]])
    return ProgramRun(str(file), str(root), framework, ((str(file), text),), seconds)


def program_with(path: str, text: str, framework: Framework, seconds: float, around: Around) -> ProgramRun | None:
    """Return how to run a file of the project that trains with a file; None where none does, or too many might."""
    target = Path(path).resolve()
    seen = {str(target)}
    importers = around.importers()
    waiting = [(each, False) for each in importers[:MOST_IMPORTERS]]
    shared = len(importers) > 1
    for neighbour, trains in waiting:  # it grows
        if neighbour.path in seen:
            continue
        seen.add(neighbour.path)
        trains = trains or _may_train(neighbour.tree)
        run = program_of(neighbour.path, neighbour.text, neighbour.tree, framework, seconds, trains)
        if run is not None and target.is_relative_to(run.root):
            return replace(run, texts=(*run.texts, (str(target), text)), target=str(target), shared=shared)
        further = around.seen_from(neighbour.path, neighbour.text).importers()
        waiting += [(each, trains) for each in further[: max(0, MOST_IMPORTERS - len(waiting))]]
    return None


def replaces_parts(tree: ast.Module) -> bool:
    """Is a part of an object made anew, and kept by it, anywhere but where the object is made?"""
    return any(
        isinstance(call.func, ast.Attribute) and call.func.attr[:1].isupper()
        for function in nodes_of(tree, ast.FunctionDef)
        if function.name not in ("__init__", "build", "setup", "forward", "call")
        and any(isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store) for each in ast.walk(function))
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
    )


def _runs_something(tree: ast.Module) -> bool:
    """Does executing the file call anything beside what definitions need?"""
    return any(
        isinstance(node, ast.Call)
        for statement in tree.body
        if not isinstance(statement, _DEFINES)
        for node in ast.walk(statement)
    )


def _may_train(tree: ast.Module) -> bool:
    """Is anything in the file called by a name that differentiates or trains?"""
    names = {last_part(each.func) for each in nodes_of(tree, ast.Call)}
    starting = {package for name, package in STARTS_WHERE_IMPORTED.items() if name in names}
    return bool(names & _CONSUMERS) or any(name.partition(".")[0] in starting for _, name in imports_in(tree))
