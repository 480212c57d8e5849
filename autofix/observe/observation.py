"""What a run of a program showed: its differentiated values, its parameters, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from autofix.model import Site, Span

State = Literal["none", "zero", "live", "bad"]


@dataclass(frozen=True)
class Differentiated:
    """A value whose gradient was taken, and where (the innermost frame first).

    `live` says that it had a gradient, `leaf` that it had one but no past. `slope` is that of its gradient along the
    direction of the run, `norm` its length and `reaches` the parameters with one, `wanted` those that the program asks
    for it by, where it names them, `optimizers` the numbers of the optimizers that make a step with it; `printed`
    counts the bytes printed before it, `step` the optimizer steps. It is `missing` where the program was given None for
    a gradient. `by_values` has the slope and the length of its gradient by plain tensors, where the program asks for
    that.
    """

    by: str
    sites: tuple[Site, ...]
    value: float | None
    live: bool
    leaf: bool
    step: int
    printed: int
    slope: float | None
    norm: float | None
    reaches: frozenset[int]
    error: str
    optimizers: frozenset[int] = frozenset()
    wanted: frozenset[int] = frozenset()
    missing: bool = False
    by_values: tuple[float, ...] = ()

    @property
    def trains(self) -> bool:
        """Whether its gradient goes anywhere."""
        return self.live and not self.leaf


@dataclass(frozen=True)
class End:
    """Where a value with a gradient gave one without: the innermost expression first.

    `explicit` says that a plain value is asked for there in so many words. `total` is the sum of what it gave, `times`
    how often it ran, `event` how many values had been differentiated before it did first, `last` before it did last;
    `form` is how a value was
    built that was made a tensor (`[scalar]`: of a list of tensors without dimensions, `leaf`: of numbers, with a
    gradient of its own), `delta` by how much the run changed the sum of what it gave before the next event.
    """

    code: str
    explicit: bool
    sites: tuple[Site, ...]
    total: float
    times: int
    event: int
    form: str = ""
    delta: float = 0.0
    last: int = 0

    @property
    def key(self) -> tuple[int, int, str]:
        """Its line, its column from 0, and its code: how it is named in a further run."""
        return self.sites[0].span.line, self.sites[0].span.column - 1, self.code


@dataclass(frozen=True)
class Sum:
    """Where numbers without a gradient are added to one with a gradient, or subtracted (one from the other).

    `total` is what they come to, `event` how many values had been differentiated before the first.
    """

    sites: tuple[Site, ...]
    total: float
    event: int
    subtracted: bool

    @property
    def key(self) -> tuple[tuple[Site, ...], bool]:
        """How it is known in another run."""
        return self.sites[:1], self.subtracted


@dataclass(frozen=True)
class Silenced:
    """Where a gradient is cut in so many words that is not there; `total` is the sum of what came out."""

    sites: tuple[Site, ...]
    total: float
    event: int

    @property
    def key(self) -> tuple[int, int, str]:
        """How it is named in a further run, as an `End` is."""
        return self.sites[0].span.line, self.sites[0].span.column - 1, "AF103"


@dataclass(frozen=True)
class TrainedParameter:
    """A parameter of an optimizer, and what its gradient was over the steps.

    `used` says whether an operation took it, `moved` whether a step changed it, `frozen` that it asks for no gradient;
    `number` is its number (`worker/numbers.py`), -1 where it is not used; it is `known` where it had a gradient in an
    earlier stage of the program.
    """

    name: str
    shape: tuple[int, ...]
    state: State
    norm: float | None
    used: bool
    moved: bool
    frozen: bool
    number: int
    known: bool = False


@dataclass(frozen=True)
class SeenOptimizer:
    """An optimizer, where it is made, the numbers of the parameters that it holds, and how often it stepped.

    One that has not stepped yet trains later: critics and encoders are often trained for a while before the rest.
    """

    kind: str
    sites: tuple[Site, ...]
    parameters: tuple[int, ...]
    steps: int


@dataclass(frozen=True)
class Stray:
    """What a program means to train and does not (`kind`, `form`: `worker.records.Stray`), and where it says so."""

    kind: str
    name: str
    sites: tuple[Site, ...]
    form: str = ""

    @property
    def key(self) -> tuple[str, str, tuple[Site, ...], str]:
        """How it is known in a longer run, where the model may go by the name of another variable, or by one at all."""
        return self.kind, self.name.partition(".")[2] or self.name, self.sites, self.form


@dataclass(frozen=True)
class RunError:
    """What a program raised, and where (the innermost frame of the project first)."""

    type: str
    message: str
    sites: tuple[Site, ...]

    def __str__(self) -> str:
        return f"{self.type}: {self.message}" if self.message else self.type

    @property
    def placed(self) -> str:
        """What was raised, and in which line."""
        return f"{self} in line {self.sites[0].span.line}" if self.sites else str(self)


@dataclass(frozen=True)
class Observation:
    """One run; it ended by `steps`, `finished`, `raised`, `exited`, `late`, or is `lost` and says why in `reason`.

    `begins` says after how many steps later stages of the program begin, `passed` how many it made in all.
    """

    end: str
    reason: str = ""
    error: RunError | None = None
    events: tuple[Differentiated, ...] = ()
    parameters: tuple[TrainedParameter, ...] = ()
    optimizers: tuple[SeenOptimizer, ...] = ()
    steps: int = 0
    printed: str = ""
    seconds: float = 0.0
    lines: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()
    ends: tuple[End, ...] = ()
    written: str = ""
    strays: tuple[Stray, ...] = ()
    sums: tuple[Sum, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    silenced: tuple[Silenced, ...] = ()
    begins: tuple[int, ...] = ()
    passed: int = 0

    @property
    def trains(self) -> bool:
        """Whether anything was differentiated."""
        return bool(self.events)

    def without_gradient(self) -> tuple[TrainedParameter, ...]:
        """Return the parameters that were to have a gradient and got none."""
        return tuple(each for each in self.parameters if each.state == "none" and not each.frozen)


def observation_of(report: Mapping[str, Any]) -> Observation:
    """Return a worker's report as an observation. Raises KeyError, TypeError or ValueError for what is none."""
    error = report["error"]
    return Observation(
        str(report["end"]),
        "",
        None if error is None else RunError(str(error["type"]), str(error["message"]), sites_of(error)),
        tuple(_event(each) for each in report["events"]),
        tuple(parameter_of(each) for each in report["parameters"]),
        tuple(_optimizer(each) for each in report["optimizers"]),
        int(report["steps"]),
        str(report["printed"]),
        float(report["seconds"]),
        frozenset(map(int, report.get("lines", ()))),
        tuple(map(str, report["notes"])),
        tuple(_end(each) for each in report["ends"]),
        str(report.get("written", "")),
        tuple(map(_stray, report.get("strays", ()))),
        tuple(_sum(each) for each in report.get("sums", ())),
        tuple((str(number), str(content)) for number, content in report.get("kept", {}).items()),
        tuple(_silenced(each) for each in report.get("silenced", ())),
        tuple(map(int, report.get("begins", ()))),
        int(report.get("passed", 0)),
    )


def _event(found: Mapping[str, Any]) -> Differentiated:
    return Differentiated(
        str(found["by"]), sites_of(found), _number(found["value"]), bool(found["live"]), bool(found["leaf"]),
        int(found["step"]), int(found["printed"]), _number(found["slope"]), _number(found["norm"]),
        frozenset(map(int, found["reaches"])), str(found["error"]), frozenset(map(int, found["optimizers"])),
        frozenset(map(int, found.get("wanted", ()))), bool(found.get("missing", False)),
        tuple(map(float, found.get("by_values", ()))),
    )  # fmt: skip


def _stray(found: Mapping[str, Any]) -> Stray:
    return Stray(str(found["kind"]), str(found["name"]), sites_of(found), str(found.get("form", "")))


def _optimizer(found: Mapping[str, Any]) -> SeenOptimizer:
    return SeenOptimizer(str(found["kind"]), sites_of(found), tuple(map(int, found["parameters"])), int(found["steps"]))


def _end(found: Mapping[str, Any]) -> End:
    return End(
        str(found["code"]), bool(found["explicit"]), sites_of(found), float(found["sum"]), int(found["times"]),
        int(found["event"]), str(found["form"]), float(found["delta"]), int(found.get("last", found["event"])),
    )  # fmt: skip


def _sum(found: Mapping[str, Any]) -> Sum:
    return Sum(sites_of(found), float(found["sum"]), int(found["event"]), bool(found["subtracted"]))


def _silenced(found: Mapping[str, Any]) -> Silenced:
    return Silenced(sites_of(found), float(found["sum"]), int(found["event"]))


def parameter_of(found: Mapping[str, Any]) -> TrainedParameter:
    state = found["state"]
    if state not in ("none", "zero", "live", "bad"):
        raise ValueError(state)
    return TrainedParameter(
        str(found["name"]), tuple(map(int, found["shape"])), state, _number(found["norm"]), bool(found["used"]),
        bool(found["moved"]), bool(found["frozen"]), int(found["number"]), bool(found.get("known", False)),
    )  # fmt: skip


def _number(found: Any) -> float | None:
    return None if found is None else float(found)


def sites_of(found: Mapping[str, Any]) -> tuple[Site, ...]:
    return tuple(_site(frame) for frame in found["frames"])


def _site(frame: Mapping[str, Any]) -> Site:
    span = Span(int(frame["line"]), int(frame["column"]) + 1, int(frame["end_line"]), int(frame["end_column"]) + 1)
    return Site(str(frame["file"]), span, str(frame["expression"]), str(frame["function"]))
