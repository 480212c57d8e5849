"""One training step, run again and again from the same state: its loss, its own tape's gradients, its sources moved."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any, List

from .load import LoadedModule, Plan
from .numbers import Leaf, leaves
from .opaque import Unavailable
from .search import told
from .together import together

GRADIENT, SHIFTED, FIRST = "__autofix_gradient", "__autofix_shifted", "__autofix_first"
MANY_SOURCES = 4
OFFSET = 0.1


Direction = List[float]


@dataclass(frozen=True)
class Effort:
    """How often a step is run: at how many points, and along how many directions of each source."""

    points: tuple[float, ...] = (0.0, OFFSET)
    directions: int = 3


LITTLE = Effort((OFFSET,), 2)


@dataclass
class Answer:
    """What a tape was asked, and what it said: the target's numbers, the sources, their gradients or an error."""

    target: list[Leaf]
    sources: list[Any]
    names: list[str]
    gradients: list[Any]
    error: str = ""

    @property
    def total(self) -> float:
        """What is differentiated: the sum of the target."""
        return math.fsum(value for leaf in self.target for value in leaf.values)


class Step:
    """One isolated step, loaded; each run starts from the same variables and the same seed."""

    def __init__(self, plan: Plan, scenario: dict[str, Any], backend: Any, precision: str) -> None:
        self.backend = backend
        self.precision = precision
        backend.precision(precision)
        backend.reseed(0)
        module = LoadedModule(plan, backend.module_base, backend.reseed)
        module.namespace[GRADIENT] = self.asked
        module.namespace[SHIFTED] = self.shifted
        module.namespace[FIRST] = self.first
        self.function = module.loss(0)
        self.arguments = backend.stand_ins(scenario["arguments"], precision, module.namespace)
        self.answers: list[Answer] = []
        self.shifts: dict[str, Any] = {}
        self.seen: dict[int, str] = {}
        self.variables: dict[str, Any] = {}
        self.named: dict[int, tuple[Any, str]] = {}
        self.kept: list[tuple[Any, Any]] | None = None
        self.failure = ""
        self.turns: dict[int, Any] = {}
        self.effort = Effort()

    def run(self, shifts: dict[str, Direction] | None = None) -> list[Answer]:
        """What the tapes answer with the sources moved; a step that fails once a gradient was missing has ended."""
        self.backend.precision(self.precision)
        if self.kept is not None:
            self.backend.restore(self.kept)
        self.answers, self.seen, self.shifts, self.failure = [], {}, shifts or {}, ""
        for name, source in self.variables.items():
            if name in self.shifts:
                self.backend.move(source, self.shifts[name])
        self.backend.reseed(1)
        try:
            self.function(**self.arguments)
        except Unavailable:
            raise
        except Exception as error:
            if not any(one is None for answer in self.answers for one in answer.gradients):
                raise
            self.failure = told(error)
        if self.kept is None:
            self.kept = self.backend.variables()
        return self.answers

    def shifted(self, name: str, value: Any) -> Any:
        """Stands before the block for every name that is a source: a tensor moves here, a variable by itself."""
        if not self.backend.is_float_tensor(value):
            return value
        moved = self.backend.moved(value, self.shifts[name]) if name in self.shifts else value
        self.seen[id(moved)] = name
        return moved

    def first(self, loop: int, iterable: Any) -> Any:
        """Stands for what a loop takes first: the same in every run."""
        if loop not in self.turns:
            self.turns[loop] = next(iter(iterable))
        return self.turns[loop]

    def asked(self, number: int, tape: Any, *arguments: Any, **named: Any) -> Any:
        """Stands for `tape.gradient(…)`: asks the tape, and notes the question and the answer."""
        target = arguments[0] if arguments else named["target"]
        sources = arguments[1] if len(arguments) > 1 else named["sources"]
        flat = self.backend.flat(sources)
        answer = Answer(leaves(self.backend.flat(target), self.backend), flat, [], [])
        for source in flat:
            answer.names.append(self.name_of(source))
        try:
            found = self.backend.tape_gradient(tape, *arguments, **named)
            answer.gradients = self.backend.flat(found)
        except Exception as error:
            answer.error, answer.gradients = told(error), [None] * len(flat)
            found = self.backend.packed(sources, answer.gradients)
        self.answers.append(answer)
        return found

    def name_of(self, source: Any) -> str:
        """What a source is called, each by a name of its own."""
        known = self.seen.get(id(source))
        if known is not None:
            return known
        if id(source) not in self.named:
            plain = self.backend.name_of(source)
            same = sum(name.rpartition(" ")[0] == plain or name == plain for _, name in self.named.values())
            self.named[id(source)] = source, f"{plain} {same + 1}" if same else plain
        return self.named[id(source)][1]


class Moved:
    """The original step at one point, and how its targets change as each source moves along each direction."""

    def __init__(self, step: Step, offset: float) -> None:
        self.step = step
        first = step.run()
        sources = {name: source for answer in first for name, source in together(answer.names, answer.sources)}
        step.variables = {name: source for name, source in sources.items() if step.backend.is_variable(source)}
        fixed = [name for name in sources if name not in step.variables and name not in step.seen.values()]
        if fixed:
            raise Unavailable(f"the gradient is asked for {fixed[0]}, which cannot be moved from outside")
        self.sizes = {name: step.backend.size(source) for name, source in sources.items()}
        self.base = {
            name: [offset * one for one in direction(name, "point", size)] for name, size in self.sizes.items()
        }
        self.center = step.run(self.base)
        self.known: dict[tuple[str, tuple[float, ...], float], list[list[float]]] = {}

    def directions(self, name: str) -> list[Direction]:
        count = self.step.effort.directions if len(self.sizes) <= MANY_SOURCES else LITTLE.directions
        return [direction(name, str(number), self.sizes[name]) for number in range(count)]

    def totals(self, name: str, along: Direction, by: float) -> list[float]:
        there = [start + by * way for start, way in together(self.base[name], along)]
        return [answer.total for answer in self.step.run({**self.base, name: there})]

    def pairs(self, name: str, along: Direction, by: float) -> list[list[float]]:
        """Of each question the target before and behind the point; asked of the step once, whatever the question."""
        key = name, tuple(along), by
        if key not in self.known:
            minus, plus = (self.totals(name, along, sign * by) for sign in (-1.0, 1.0))
            self.known[key] = [list(pair) for pair in together(minus, plus)]
        return self.known[key]


def direction(name: str, number: str, size: int) -> Direction:
    chance = random.Random(f"{name}/{number}")
    return [chance.choice((-1.0, 1.0)) * chance.uniform(0.5, 1.0) for _ in range(size)]
