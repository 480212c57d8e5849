"""Take a module with an isolated training step; give its loss, its tape's gradients, and both as its sources vary.

The step is run once for each question, always from the same state. The numbers have the form of those of a loss, one
scenario for each `tape.gradient(…)`, so that the same judge serves both.
"""

from __future__ import annotations

import contextlib
import math
import random
import time
from array import array
from dataclasses import dataclass
from typing import Any, Callable, List

from .checks import CHECKS
from .draw import together
from .load import LoadedModule, lines_noted
from .numerics import KINK_OF_TRAINING, STEPS_OF_TRAINING_COARSE, STEPS_OF_TRAINING_FINE, Leaf, bend, finite, leaves
from .protocol import in_one_line
from .records import Differences, Gradient, Oracle, OriginalReport, Plan, Report, Run, Scenario, TrialRequest
from .standins import Unavailable

PROBED = 2
SLOW = 0.06

Send = Callable[[Report], None]


def compare_step(request: TrialRequest, backend: Any, send: Send) -> None:
    """Report the original step, then each candidate in turn."""
    backend.prepare_steps()
    if request["whole_labels"]:
        backend.normalise_labels()
    refusals: list[str] = []
    unavailable: list[str] = []
    for precision in request["precisions"]:
        for scenario in request["scenarios"]:
            try:
                step = Step(request["original"], scenario, backend, precision)
                report = original_report(step, scenario)
            except Unavailable as error:
                unavailable.append(str(error))
            except (Exception, SystemExit) as error:
                refusals.append(in_one_line(error))
            else:
                send({"oracle": report})
                if not report["unstable"]:
                    send_candidates(request, step, scenario, len(report["scenarios"]), send)
                return
    nothing = oracle_of([])
    send({"oracle": {**nothing, "unavailable": [] if refusals else unavailable[:1], "refusals": refusals[-1:]}})


def oracle_of(scenarios: list[OriginalReport], unstable: bool = False) -> Oracle:
    """What is known of a step that was run on these scenarios."""
    return {"unstable": unstable, "still": [], "flowing": False, "unavailable": [], "refusals": [],
            "scenarios": scenarios, "lines": [], "lost": None}  # fmt: skip


def original_report(step: Step, scenario: Scenario) -> Oracle:
    step.run()
    first, start = step.run(), time.monotonic()
    second = step.run()
    if time.monotonic() - start > SLOW:
        step.effort = LITTLE
    if not first:
        raise Unavailable("the step computes no gradient when it is run")
    if not all(finite(answer.target) for answer in first):
        raise ValueError("the value is not finite")
    unstable = [one.total for one in first] != [one.total for one in second]
    points = [Moved(step, offset) for offset in step.effort.points] if not unstable else []
    numbers = range(min(len(point.center) for point in points)) if points else ()
    return oracle_of([consumer_report(number, points, scenario, step) for number in numbers], unstable)


def consumer_report(number: int, points: list[Moved], scenario: Scenario, step: Step) -> OriginalReport:
    """One `tape.gradient(…)` of the original, as a scenario."""
    answer = points[0].center[number]
    names = list(dict.fromkeys(answer.names))
    bits = [leaf.bits for leaf in answer.target] + [step.backend.bits(source) for source in answer.sources]
    coarse = min(bits) < 64 or all(is_single(point.center[number]) for point in points)
    by, differences = measured(number, points, names, coarse)
    return {
        "text": described(scenario, answer, points[0].sizes),
        "mode": "plain", "variant": False, "precision": step.precision, "coarse": coarse, "random": False, "step": by,
        "differentiated": names, "predictions": names,
        "points": [
            {
                "value": [leaf.record() for leaf in point.center[number].target],
                "center": point.center[number].total,
                "differences": pairs,
                "tiny": {},
                "finer": {},
                "gradient": answered(point, number),
                "uncut": None,
            }
            for point, pairs in together(points, differences)
        ],
        "measured": dict.fromkeys((check.name for check in CHECKS if check.of_steps), None),
    }  # fmt: skip


def is_single(answer: Answer) -> bool:
    """Whether a value is a float32 whatever type it has: the losses of Keras 2 round to that on their way."""
    values = [value for leaf in answer.target for value in leaf.values]
    return array("f", values).tolist() == values


def measured(number: int, points: list[Moved], names: list[str], coarse: bool) -> tuple[float, list[Differences]]:
    """The step and the differences: of several steps the one that sees the smallest kinks and the least rounding."""
    steps = STEPS_OF_TRAINING_COARSE if coarse else STEPS_OF_TRAINING_FINE
    by = max(steps, key=lambda each: smoothness(number, points, names, each)) if len(steps) > 1 else steps[0]
    return by, [{name: pairs_of(point, number, name, by) for name in names} for point in points]


def smoothness(number: int, points: list[Moved], names: list[str], by: float) -> float:
    """How straight the value runs when one source moves; of steps that do equally well the first is taken."""
    worst = [
        bend(pair[0], pair[1], point.center[number].total)
        for point in points[:1]
        for name in names[:PROBED]
        for pair in [point.pairs(name, point.directions(name)[0], by)[number]]
    ]
    return -max(KINK_OF_TRAINING / 2, *worst)


def pairs_of(point: Moved, number: int, name: str, by: float) -> list[list[float]]:
    return [point.pairs(name, along, by)[number] for along in point.directions(name)]


def answered(point: Moved, number: int) -> Run:
    """The gradients of one answer: of each source its norm, and its slopes along the directions."""
    answer = point.center[number]
    if answer.error:
        return {"error": answer.error}
    gradients: dict[str, Gradient] = {}
    for name, gradient in together(answer.names, answer.gradients):
        if gradient is None:
            gradients[name] = {"norm": None, "slopes": []}
            continue
        flat = point.step.backend.flat_numbers(gradient)
        slopes = [sum(a * b for a, b in together(flat, along)) for along in point.directions(name)]
        gradients[name] = {"norm": math.hypot(*flat), "slopes": slopes}
    return {"value": [leaf.record() for leaf in answer.target], "gradients": gradients}


def send_candidates(request: TrialRequest, original: Step, scenario: Scenario, count: int, send: Send) -> None:
    """Report each candidate at the points of the original, for the `count` questions that the original came to."""
    offsets = original.effort.points
    for index, plan in enumerate(request["candidates"]):
        if plan is None:
            continue
        send({"begun": index})
        try:
            step = Step(plan, scenario, original.backend, original.precision)
            step.effort = original.effort
            step.run()
            points = [whole(Moved(step, offset), count) for offset in offsets]
            runs = [[answered(point, number) for point in points] for number in range(count)]
        except (Exception, SystemExit) as error:
            failure = in_one_line(error)
            runs = [[{"error": failure} for _ in offsets] for _ in range(count)]
        unmeasured: dict[str, object] = {check.name: {} for check in CHECKS if check.of_steps}
        send({"candidate": index, "scenarios": [{"points": runs, "measured": unmeasured} for runs in runs]})
        send({"ran": sorted(lines_run(plan, scenario, original)), "of": index})


def lines_run(plan: Plan, scenario: Scenario, original: Step) -> set[int]:
    """The lines of a candidate that are run, in a run of its own: no watched run is one of those that are judged."""
    lines: set[int] = set()
    with contextlib.suppress(Exception, SystemExit), lines_noted(plan["name"], lines):
        step = Step(plan, scenario, original.backend, original.precision)
        step.effort = original.effort
        step.run()
    return lines


def whole(point: Moved, count: int) -> Moved:
    """The point, where the candidate ran to its end and every gradient that the original never came to is there."""
    if point.step.failure:
        raise ValueError(point.step.failure)
    if len(point.center) < count:
        raise ValueError("the step computes fewer gradients")
    for answer in point.center[count:]:
        if answer.error or all(one is None for one in answer.gradients):
            raise ValueError(answer.error or f"no gradient reaches {answer.names[0]}")
    return point


def described(scenario: Scenario, answer: Answer, sizes: dict[str, int]) -> str:
    stand_ins = [name for name, one in scenario["arguments"].items() if one["kind"] in ("model", "criterion")]
    drawn = [f"{name} {list(one['shape'])}" for name, one in scenario["arguments"].items()
             if "shape" in one and one["kind"] != "model"]  # fmt: skip
    arguments = [*drawn, *([f"a stand-in for {' and '.join(stand_ins)}"] if stand_ins else [])]
    sources = ", ".join(f"{name} ({sizes[name]})" for name in dict.fromkeys(answer.names))
    return f"one step{' with ' + ', '.join(arguments) if arguments else ''}, gradient of {sources}"


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

    def __init__(self, plan: Plan, scenario: Scenario, backend: Any, precision: str) -> None:
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
        self.names: dict[int, str] = {}
        self.variables: dict[str, Any] = {}
        self.named: dict[int, tuple[Any, str]] = {}
        self.initial: list[tuple[Any, Any]] | None = None
        self.failure = ""
        self.first_items: dict[int, Any] = {}
        self.effort = Effort()

    def run(self, shifts: dict[str, Direction] | None = None) -> list[Answer]:
        """What the tapes answer with the sources moved; a step that fails once a gradient was missing has ended."""
        self.backend.precision(self.precision)
        if self.initial is not None:
            self.backend.restore(self.initial)
        self.answers, self.names, self.shifts, self.failure = [], {}, shifts or {}, ""
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
            self.failure = in_one_line(error)
        if self.initial is None:
            self.initial = self.backend.variables()
        return self.answers

    def shifted(self, name: str, value: Any) -> Any:
        """Stands before the block for every name that is a source: a tensor moves here, a variable by itself."""
        if not self.backend.is_float_tensor(value):
            return value
        moved = self.backend.moved(value, self.shifts[name]) if name in self.shifts else value
        self.names[id(moved)] = name
        return moved

    def first(self, loop: int, iterable: Any) -> Any:
        """Stands for what a loop takes first: the same in every run."""
        if loop not in self.first_items:
            self.first_items[loop] = next(iter(iterable))
        return self.first_items[loop]

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
            answer.error, answer.gradients = in_one_line(error), [None] * len(flat)
            found = self.backend.packed(sources, answer.gradients)
        self.answers.append(answer)
        return found

    def name_of(self, source: Any) -> str:
        """What a source is called, each by a name of its own."""
        known = self.names.get(id(source))
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
        fixed = [name for name in sources if name not in step.variables and name not in step.names.values()]
        if fixed:
            raise Unavailable(f"the gradient is computed for {fixed[0]}, which cannot be varied from outside")
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
