"""Programs that are none: what a run of each would show, worked out from a value and its slope in a few numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from autofix.model import Site, Span
from autofix.observe.first_steps import Measured
from autofix.observe.observation import (
    Differentiated,
    End,
    Observation,
    RunError,
    SeenOptimizer,
    TrainedParameter,
)
from autofix.observe.programs import ProgramRun

PROGRAM = "/project/train.py"


def site(line: int, expression: str = "loss", path: str = PROGRAM, column: int = 1) -> Site:
    return Site(path, Span(line, column, line, column + len(expression)), expression, "<module>")


def event(line: int = 9, value: float | None = 2.0, live: bool = True, **more: object) -> Differentiated:
    """A differentiated value with one parameter in its past, of slope 3 and norm 5."""
    usual = Differentiated("backward", (site(line),), value, live, False, 0, 0, 3.0, 5.0, frozenset({0}), "")
    dead = {} if live else {"slope": None, "norm": None, "reaches": frozenset()}
    return replace(usual, **{**dead, **more})  # type: ignore[arg-type]


def parameter(name: str = "model.weight", state: str = "live", **more: object) -> TrainedParameter:
    usual = TrainedParameter(name, (1, 3), state, 1.0, True, True, False, 0)  # type: ignore[arg-type]
    return replace(usual, **more)  # type: ignore[arg-type]


def end(line: int, code: str = "AF102", explicit: bool = False, **more: object) -> End:
    return replace(End(code, explicit, (site(line, "x.numpy()"),), 1.0, 1, 0), **more)  # type: ignore[arg-type]


def optimizer(*parameters: int, line: int = 5, steps: int = 1) -> SeenOptimizer:
    return SeenOptimizer("SGD", (site(line, "SGD(model)"),), parameters, steps)


def error(line: int = 4, kind: str = "KeyError", message: str = "x") -> RunError:
    return RunError(kind, message, (site(line),))


def linear(move: float, seed: int) -> float:
    """A value with slope 3 along the direction of seed 0 and 1 along that of any other."""
    return 2.0 + (3.0 if seed == 0 else 1.0) * move


@dataclass(frozen=True)
class Behaviour:
    """What runs of a text show: `value` by how far parameters are moved and along which direction.

    `before` are values differentiated before it, `lenient` and `uncut` what is otherwise in such runs; `changes` says
    for an end (by its line) by how much the value changes with it.
    """

    value: Callable[[float, int], float | None] = linear
    shown: Observation = field(default_factory=lambda: Observation("steps", steps=2, parameters=(parameter(),)))
    events: tuple[Differentiated, ...] = field(default_factory=lambda: (event(),))
    lenient: Mapping[str, object] = field(default_factory=dict)
    uncut: Mapping[str, object] = field(default_factory=dict)
    ends: tuple[End, ...] = ()
    changes: Mapping[int, float] = field(default_factory=dict)
    breaks: frozenset[int] = frozenset()
    hangs: frozenset[int] = frozenset()
    behind: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def observed(self, run: ProgramRun) -> Observation:
        if run.lenient and self.lenient:
            return replace(self, lenient={}, **self.lenient).observed(run)  # type: ignore[arg-type]
        if run.uncut and self.uncut:
            return replace(self, uncut={}, **self.uncut).observed(run)  # type: ignore[arg-type]
        lines = {line for line, _, _ in run.changed}
        if lines & self.hangs:
            return Observation("late")
        if lines & self.breaks:
            return replace(self.shown, end="raised", error=error(), events=())
        shift = sum(self.changes.get(line, 0.0) for line in lines)
        value = self.value(run.move, run.seed)
        now = None if value is None else value + shift
        events = tuple(replace(each, value=now if each.value is not None else None) for each in self.events)
        moved = set(run.only if run.only is not None else ()) if run.move else set()
        ends = tuple(
            replace(each, total=each.total + 1.0) if moved & set(self._behind(each)) else each for each in self.ends
        )
        return replace(self.shown, events=events, ends=ends if run.trace else ())

    def _behind(self, found: End) -> tuple[int, ...]:
        return self.behind.get(found.sites[0].span.line, ()) if found.sites else ()


def measured(text: str, behaviours: Mapping[str, Behaviour]) -> Measured:
    """A text among those whose behaviour is known."""
    run = ProgramRun(PROGRAM, "/project", "torch", ((PROGRAM, text),))
    return Measured(run, lambda asked: behaviours[dict(asked.texts)[PROGRAM]].observed(asked))
