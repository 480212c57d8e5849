"""What a run of a program showed, in the order of the run, as plain JSON.

A differentiated value is one that `backward`, `autograd.grad`, a tape or a trainer takes the gradient of. A parameter
is what an optimizer holds, or, in a program without one, a leaf that gradients are taken by. Norms are Euclidean.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Callable

from .provenance import Frame
from .records import SeenEvent, SeenParameter

MOST_EVENTS = 24
WITHOUT_OPTIMIZER, MOST_WITHOUT_STEP = 3, 24
"""How many values are differentiated, for each step that is wanted and in all, before no step is waited for."""
MOST_LATER, APART = 2, 12
"""How many later stages of a program are looked for, and how many steps later than one the next begins at least."""
ROUNDS = 6
"""After how many steps of one optimizer, for each that is wanted, others are waited for no longer."""
MOST_PARAMETERS = 4000
MOST_VALUES = 24 << 20
"""Bytes of parameters that are sent."""
MOST_STRAYS = 6
STATES = ("none", "zero", "live", "bad")
"""What became of the gradient of a parameter: none arrived, all zeros, some other number, one that is not finite. The
last of these that was seen in any step counts."""


@dataclass
class Trained:
    """A parameter of an optimizer: its name where it has one, and what its gradient was over the steps.

    `used` says whether any operation took it before a value was differentiated; `moved` whether a step changed it,
    `frozen` that it asks for no gradient; `number` is its number (`numbers.Numbers`), -1 before its first use. It is
    `known` if it had a gradient in an earlier stage of the program.
    """

    name: str
    shape: list[int]
    state: str = "none"
    norm: float | None = None
    used: bool = False
    moved: bool = False
    frozen: bool = False
    number: int = -1
    known: bool = False

    def sent(self) -> SeenParameter:
        return {**vars(self)}  # type: ignore[typeddict-item]

    def met(self, state: str, norm: float | None) -> None:
        if STATES.index(state) >= STATES.index(self.state):
            self.state = state
            self.norm = norm if norm is not None and math.isfinite(norm) else self.norm


@dataclass
class Event:
    """A differentiated value: what takes its gradient and where, and the value, summed where it has several elements.

    `live` says whether it has a gradient at all, `leaf` that it has one but no past. `slope` is that of its gradient
    along the direction in which parameters are moved. `reaches` are the numbers of the parameters that it reaches, of
    those that may be moved, `wanted` of those that the program asks for it by, where it names them; `optimizers` are
    the numbers of the optimizers that make a step with it. It is `missing` where the program asks for its gradient and
    is given None. `by_values` has the slope and the length of its gradient by plain tensors, where the program asks for
    that.
    """

    by: str
    frames: list[Frame]
    value: float | None
    live: bool
    leaf: bool
    step: int
    printed: int
    slope: float | None = None
    norm: float | None = None
    error: str = ""
    reaches: list[int] = field(default_factory=list)
    wanted: list[int] = field(default_factory=list)
    optimizers: list[int] = field(default_factory=list)
    missing: bool = False
    by_values: list[float] = field(default_factory=list)

    def sent(self) -> SeenEvent:
        return {**vars(self), "frames": [frame.record() for frame in self.frames]}  # type: ignore[typeddict-item]


@dataclass
class Record:
    """All of one run. `wanted` steps end it; `end` is called with how it ended, and need not return.

    `move` is how far parameters are moved before they are first used, along the direction of this `seed`; `slopes` asks
    for the slope of each gradient along it. `only` are the numbers of those that are moved, and by which gradients are
    measured. A `lenient` run lets NumPy read a tensor that has a gradient; in an `uncut` one, explicit cuts do nothing.
    Where `recorded`, what is used while no gradient is recorded stays. Where `nested`, the steps of optimizers that
    hold copies of what another one holds are a part of what is computed: they are made, and not noted. Before their
    first use parameters are set to the `values` of their numbers; `values_now` gives those of the trained ones. `ends`
    notes where gradients end, if that was asked for. Where steps are `frozen`, optimizers change nothing and a value
    without a gradient is passed over, so that a program that would raise goes on. `place` gives where a file that the
    program names is, for those that open it outside of Python; the second argument says whether it is written. `since`
    are the values differentiated since the last step, `strays` what is meant to be trained and is not, `made` the steps
    of each optimizer by its identity.

    What comes before the `stage` that begins after so many steps is not noted: the record is `asleep` then, and `wake`
    is called when it begins. `ahead` says that later stages are to be looked for (`begins`): steps of another kind
    (`step_of`) than those before. `passed` are all the steps.
    """

    wanted: int
    move: float = 0.0
    seed: int = 0
    frozen: bool = False
    slopes: bool = False
    only: list[int] | None = None
    lenient: bool = False
    uncut: bool = False
    recorded: bool = False
    nested: bool = False
    keeps: bool = False
    values: dict[str, str] = field(default_factory=dict)
    ends: Any = None
    end: Callable[[str], None] = lambda how: None
    printed: Callable[[], int] = lambda: 0
    describe: Callable[[], None] = lambda: None
    place: Callable[[Any, bool], Any] = lambda path, writes: path
    values_now: Callable[[], dict[str, str]] = dict
    steps: int = 0
    events: list[Event] = field(default_factory=list)
    trained: dict[int, Trained] = field(default_factory=dict)
    optimizers: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    since: list[Event] = field(default_factory=list)
    strays: list[dict[str, Any]] = field(default_factory=list)
    has_stepped: bool = False
    made: dict[int, int] = field(default_factory=dict)
    stage: int = 0
    ahead: bool = False
    asleep: bool = False
    wake: Callable[[], None] = lambda: None
    passed: int = 0
    kinds: set[Any] = field(default_factory=set)
    begins: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.asleep = self.stage > 0

    def step_of(self, kind: Any) -> None:
        """A step of this kind is about to be made: the first one after those of others begins a stage."""
        if self.ahead and kind not in self.kinds:
            self.kinds.add(kind)
            if self.asleep and (not self.begins or self.passed >= self.begins[-1] + APART):
                self.begins.append(self.passed)
                if len(self.begins) == MOST_LATER:
                    self.end("steps")

    def differentiated(self, event: Event) -> None:
        if len(self.events) < MOST_EVENTS:
            self.events.append(event)
        self.since = [event] if self.has_stepped else [*self.since, event]
        self.has_stepped = False

    def stepped(self, optimizer: Any = None, count: int = 1) -> bool:
        """An optimizer has made steps, with what was differentiated since the step of any other.

        Gives whether that is enough: each has made as many as are wanted, or this one so many that none is waited for.
        """
        self.passed += count
        if self.asleep:
            if 0 < self.stage <= self.passed:
                self.asleep = False
                self.wake()
            return False
        self.steps += count
        self.has_stepped = True
        known = [each["id"] for each in self.optimizers]
        for event in self.since if id(optimizer) in known else ():
            event.optimizers.append(known.index(id(optimizer)))
        own = self.made[id(optimizer)] = self.made.get(id(optimizer), 0) + count
        return own >= ROUNDS * self.wanted or all(self.made.get(each, 0) >= self.wanted for each in known)

    def waits_in_vain(self) -> bool:
        """Whether so much has been differentiated that no step is to come."""
        limit = MOST_WITHOUT_STEP if self.optimizers else WITHOUT_OPTIMIZER * self.wanted
        return len(self.events) > limit

    def moves(self, number: int) -> bool:
        """Whether the parameter of this number is to be moved."""
        return bool(self.move) and self.measures(number)

    def measures(self, number: int) -> bool:
        """Whether the gradient by the parameter of this number is measured."""
        return self.only is None or number in self.only

    def stray(self, kind: str, name: str, frames: list[Frame], form: str = "") -> None:
        """Note what the program means to train and does not (`records.Stray`), once."""
        found = {"kind": kind, "name": name, "frames": [frame.record() for frame in frames], "form": form}
        if frames and found not in self.strays and len(self.strays) < MOST_STRAYS:
            self.strays.append(found)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def sent(self) -> dict[str, Any]:
        parameters = [vars(one) for one in list(self.trained.values())[:MOST_PARAMETERS]]
        return {
            "steps": self.steps,
            "passed": self.passed,
            "begins": self.begins,
            "events": [event.sent() for event in self.events],
            "parameters": parameters,
            "optimizers": [{**each, "steps": self.made.get(each["id"], 0)} for each in self.optimizers],
            "notes": self.notes,
            "strays": self.strays,
            "ends": [] if self.ends is None else self.ends.sent(),
            "sums": [] if self.ends is None else list(self.ends.sums_of.values()),
            "silenced": [] if self.ends is None else list(self.ends.silenced_at.values()),
        }


def sent_values(found: Iterable[tuple[int, bytes]]) -> dict[str, str]:
    """The bytes of parameters by their numbers, as they are sent; none where they are too many."""
    contents = dict(found)
    if sum(map(len, contents.values())) > MOST_VALUES:
        return {}
    return {str(number): base64.b64encode(each).decode() for number, each in contents.items()}


def frames_at(optimizer: dict[str, Any]) -> list[Frame]:
    """Where an optimizer is made, as it is sent."""
    return [Frame(**each) for each in optimizer["frames"]]
