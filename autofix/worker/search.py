"""Take the host's ranked scenarios; give those on which the original runs, is finite and varies with a prediction.

The original is the oracle of what its arguments are. Each scenario comes with the precision that the original can have
there, and with the points to measure.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Callable

from .draw import Point, batch_of, draw_point, together, widened, with_batch, with_width
from .load import MODULE
from .measure import Runnable, as_arguments
from .numerics import FINE_STEP, FINEST_STEP, NOISE_OF_SLOPE, NOISE_OF_VALUE, WIDE_AS_SINGLE, Leaf, finite, total
from .oracle import ATTEMPTS
from .protocol import at_line, in_one_line
from .records import Scenario
from .solve import solved
from .standins import Unavailable

MOST_SCENARIOS = 3
PLAUSIBLE = 3.0


@dataclass
class Search:
    """What a search has found so far."""

    models: list[str] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    still: list[str] = field(default_factory=list)
    flowing: bool = False
    unstable: bool = False
    unavailable: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def complete(self, scenario: Scenario) -> bool:
        scalars = [one for one in self.accepted if one.scalar]
        if self.unstable or len(scalars) >= MOST_SCENARIOS:
            return True
        return bool(scalars) and scenario["score"] < max(one.scenario["score"] for one in scalars) - PLAUSIBLE

    def attempts(self) -> tuple[tuple[str, str], ...]:
        """Once a way to run the original is known, inputs that need a stranger one are not meant."""
        known = [ATTEMPTS.index((one.runnable.precision, one.mode)) for one in self.accepted]
        return ATTEMPTS[: max(known) + 1] if known else ATTEMPTS

    def passed_over(self, point: Point) -> bool:
        """Whether there is such a scenario already, or one with other types: what took floats is not given integers."""
        scalars = [one.points[0] for one in self.accepted if one.scalar]
        same = any(signature_of(one) == signature_of(point) for one in scalars)
        return same or any(types_of(one) != types_of(point) for one in scalars)


def search(scenarios: list[Scenario], load: Load, precisions: list[str], choices: int, models: list[str]) -> Search:
    """Try the scenarios in their order, for each of the `choices` of how to have the loss; `models` are its models."""
    found = Search(models=models)
    for choice in range(choices):
        for scenario in scenarios:
            if found.complete(scenario):
                break
            if not found.passed_over(draw_point(scenario["arguments"], 0)):
                attempt_all(scenario, load, choice, precisions, found)
        if found.accepted or found.unstable:
            break
    if not (found.accepted or found.unstable or found.still):
        solve(scenarios, load, precisions, found)
    found.accepted = [one for one in found.accepted if one.scalar] or found.accepted
    found.accepted = [one for one in found.accepted if one.mode != "inputs"] or found.accepted
    chosen = [with_precision(one, load, "wide" in precisions) for one in found.accepted[:MOST_SCENARIOS]]
    found.accepted = [with_points(chosen[0]), *chosen[1:]] if chosen else []
    return found


def attempt_all(scenario: Scenario, load: Load, choice: int, precisions: list[str], found: Search) -> None:
    for precision, mode in found.attempts():
        if precision not in precisions:
            continue
        try:
            runnable = load(precision, mode, choice)
            if attempt(without_unused(scenario, runnable, found.models), runnable, mode, choice, found):
                return
        except Unavailable as error:
            found.unavailable.append(str(error))
        except (Exception, SystemExit) as error:
            found.refusals.append(in_one_line(error) + in_line(error))


BEYOND_INPUTS = (OSError, MemoryError, ImportError, NameError, RecursionError, SystemExit)
"""What a loss raises whatever it is given."""


class Hopeless(Exception):
    """No other inputs help."""


def solve(scenarios: list[Scenario], load: Load, precisions: list[str], found: Search) -> None:
    """Accept a scenario near those that were tried, if there is one on which the original runs."""
    precision, mode = next(each for each in ATTEMPTS if each[0] in precisions)

    def run(scenario: Scenario) -> tuple[int, str]:
        try:
            runnable = load(precision, mode, 0)
            attempt(without_unused(scenario, runnable, found.models), runnable, mode, 0, found)
        except Unavailable as error:
            return 0, str(error)
        except BEYOND_INPUTS as error:
            raise Hopeless from error
        except Exception as error:
            return max(lines_of(error), default=0), in_one_line(error)
        return 0, "" if found.accepted or found.unstable else "the value does not move, or is not finite"

    with suppress(Hopeless):
        solved(scenarios, run)
    found.accepted = found.accepted[-1:]


def without_unused(scenario: Scenario, runnable: Runnable, models: list[str]) -> Scenario:
    """The scenario without what models return that the loss has itself."""
    used = {name: one for name, one in scenario["arguments"].items() if name not in models or name in runnable.standins}
    return {**scenario, "arguments": used}


def attempt(scenario: Scenario, runnable: Runnable, mode: str, choice: int, found: Search) -> bool:
    """True when this scenario needs no other attempt."""
    owned = as_arguments(runnable.parameters, runnable.backend)
    first = draw_point(scenario["arguments"], 0) + owned
    value = runnable.value(first)
    if not finite(value):
        found.refusals.append("the value is not finite")
        return False
    if total(runnable.value(first)) != total(value):
        found.unstable = True
        return True
    names = differentiated(scenario, first)
    other = draw_point(scenario["arguments"], 1) + owned
    mixed = tuple(new if new.name in names else old for old, new in together(first, other))
    if total(runnable.value(mixed)) == total(value):
        found.still += names
        found.flowing |= flows(runnable, first, names)
        return True
    scalar = not runnable.backend.needs_scalar or len(value[0].values) == 1
    found.accepted.append(Accepted(scenario, runnable, mode, choice, scalar, names, (first,)))
    return True


def flows(runnable: Runnable, point: Point, names: tuple[str, ...]) -> bool:
    """Whether a gradient is given although the value does not move."""
    try:
        return any(one["norm"] for one in runnable.gradient(point, names)["gradients"].values())
    except (Exception, SystemExit):
        return False


def differentiated(scenario: Scenario, point: Point) -> tuple[str, ...]:
    """The predictions; where none is known to be one, every argument that is not known to be something else."""
    floating = [argument.name for argument in point if argument.floating and not argument.owned]
    for wanted in (scenario["predictions"], scenario["unknown"], floating):
        if names := tuple(name for name in floating if name in wanted):
            return names
    return ()


def signature_of(point: Point) -> tuple[Any, ...]:
    return tuple(
        (argument.listed, len(argument.arrays[0].shape), argument.arrays[0].integral) if argument.arrays else None
        for argument in point
        if not argument.owned
    )


def types_of(point: Point) -> tuple[Any, ...]:
    return tuple(tuple(array.type for array in argument.arrays[:1]) for argument in point if not argument.owned)


def in_line(error: BaseException) -> str:
    """The line of the user's module that raised, in words."""
    lines = lines_of(error)
    return f" in {at_line(lines[-1])}" if lines else ""


def lines_of(error: BaseException) -> list[int]:
    """The lines of the user's module on the way to where it raised, the outermost first."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append((trace.tb_frame.f_globals.get("__name__"), trace.tb_lineno))
        trace = trace.tb_next
    return [line for name, line in frames if name == MODULE]


Load = Callable[[str, str, int], Runnable]


@dataclass(frozen=True)
class Accepted:
    """A scenario on which the original runs, how it runs there, and the points to look at; the first has all checks."""

    scenario: Scenario
    runnable: Runnable
    mode: str
    choice: int
    scalar: bool
    predictions: tuple[str, ...]
    points: tuple[Point, ...]
    first: bool = False
    rough: bool = False

    @property
    def differentiated(self) -> tuple[str, ...]:
        """The predictions, and the parameters that the loss owns."""
        return (*self.predictions, *(one.name for one in self.points[0] if one.owned))


def with_precision(accepted: Accepted, load: Load, may_widen: bool) -> Accepted:
    """The same with an oracle in double precision, where the original rounds to less and can be kept from it."""
    point = accepted.points[0]
    value = accepted.runnable.value(point)
    if accepted.runnable.precision == "double" and value[0].bits >= 64 and not is_rough(accepted, value):
        return accepted
    if not may_widen:
        return replace(accepted, rough=True)
    try:
        wide = load("wide", accepted.mode, accepted.choice)
        same = agree(wide.value(point), load("single", accepted.mode, accepted.choice).value(point))
        finer = replace(accepted, runnable=wide)
        if same and not is_rough(finer, wide.value(point)):
            return finer
    except (Exception, SystemExit):
        pass
    return replace(accepted, rough=True)


def agree(wide: list[Leaf], plain: list[Leaf]) -> bool:
    """Whether two values are the same to the accuracy of single precision."""
    if [one.shape for one in wide] != [one.shape for one in plain]:
        return False
    return all(
        abs(a - b) <= WIDE_AS_SINGLE * max(map(abs, one.values), default=0.0)
        for one, other in together(wide, plain)
        for a, b in together(one.values, other.values)
    )


def is_rough(accepted: Accepted, value: list[Leaf]) -> bool:
    """Whether the original's value carries the rounding of less than double precision, whatever type it has.

    A bend may be one of the value itself: that falls with the step, rounding does not.
    """
    if value[0].bits < 64:
        return True
    center = total(value)
    return all(is_bent(accepted, center, step) for step in (FINE_STEP, FINEST_STEP))


def is_bent(accepted: Accepted, center: float, step: float) -> bool:
    """Whether the value does not run straight within a step, along most directions."""
    rough = [
        abs(plus - 2 * center + minus) > NOISE_OF_VALUE * abs(center)
        and abs(plus - 2 * center + minus) > NOISE_OF_SLOPE * abs(plus - minus)
        for name in accepted.predictions
        for minus, plus in accepted.runnable.differences(accepted.points[0], name, step)
    ]
    return 2 * sum(rough) > len(rough)


def with_points(accepted: Accepted) -> Accepted:
    """The first scenario with points more: numbers in another batch size and width, and of any range."""
    arguments, owned = accepted.scenario["arguments"], tuple(one for one in accepted.points[0] if one.owned)
    usual = draw_point(arguments, 1) + owned
    resized = with_batch(arguments, max(batch_of(arguments) - 1, 2)) or arguments
    # A traced function is asked with the same widths: only its batch size is unknown.
    wider = with_width(resized) if not accepted.runnable.backend.checks_graph else None
    others = [draw_point(one, 1) + owned for one in (wider, resized) if one is not None and one is not arguments]
    points = [accepted.points[0], next((one for one in others if runs(accepted.runnable, one)), usual)]
    anyhow = widened(arguments)
    if anyhow is not None and runs(accepted.runnable, third := draw_point(anyhow, 2) + owned):
        points.append(third)
    return replace(accepted, points=tuple(points), first=True)


def runs(runnable: Runnable, point: Point) -> bool:
    try:
        return finite(runnable.value(point))
    except (Exception, SystemExit):
        return False
