"""Find inputs on which the original runs: it is the oracle of what its arguments are.

Takes the host's ranked scenarios; gives those on which the original runs, is finite and moves with a prediction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .accepted import Accepted, Load, with_points, with_precision
from .draw import Point, draw_point
from .lines import at_line
from .load import MODULE
from .measure import Runnable
from .numbers import NotNumeric, finite, total
from .opaque import Unavailable
from .oracle import ATTEMPTS
from .parameters import as_arguments
from .together import together

MOST_SCENARIOS = 3
PLAUSIBLE = 3.0


@dataclass
class Search:
    """What a search has found so far."""

    held: list[str] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    still: list[str] = field(default_factory=list)
    flowing: bool = False
    unstable: bool = False
    unavailable: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def complete(self, scenario: dict[str, Any]) -> bool:
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


def search(scenarios: list[dict[str, Any]], load: Load, precisions: list[str], choices: int, held: list[str]) -> Search:
    """Try the scenarios in their order, for each of the `choices` of how to have the loss; `held` are its models."""
    found = Search(held=held)
    for choice in range(choices):
        for scenario in scenarios:
            if found.complete(scenario):
                break
            if not found.passed_over(draw_point(scenario["arguments"], 0)):
                attempt_all(scenario, load, choice, precisions, found)
        if found.accepted or found.unstable:
            break
    found.accepted = [one for one in found.accepted if one.scalar] or found.accepted
    found.accepted = [one for one in found.accepted if one.mode != "inputs"] or found.accepted
    chosen = [with_precision(one, load, "wide" in precisions) for one in found.accepted[:MOST_SCENARIOS]]
    found.accepted = [with_points(chosen[0]), *chosen[1:]] if chosen else []
    return found


def attempt_all(scenario: dict[str, Any], load: Load, choice: int, precisions: list[str], found: Search) -> None:
    for precision, mode in found.attempts():
        if precision not in precisions:
            continue
        try:
            runnable = load(precision, mode, choice)
            if attempt(without_unused(scenario, runnable, found.held), runnable, mode, choice, found):
                return
        except Unavailable as error:
            found.unavailable.append(str(error))
        except (Exception, SystemExit) as error:
            found.refusals.append(told(error) + in_line(error))


def without_unused(scenario: dict[str, Any], runnable: Runnable, held: list[str]) -> dict[str, Any]:
    """The scenario without what models return that the loss has itself."""
    used = {name: one for name, one in scenario["arguments"].items() if name not in held or name in runnable.standins}
    return {**scenario, "arguments": used}


def attempt(scenario: dict[str, Any], runnable: Runnable, mode: str, choice: int, found: Search) -> bool:
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
    scalar = runnable.backend.name != "torch" or len(value[0].values) == 1
    found.accepted.append(Accepted(scenario, runnable, mode, choice, scalar, names, (first,)))
    return True


def flows(runnable: Runnable, point: Point, names: tuple[str, ...]) -> bool:
    """Whether a gradient is given although the value does not move."""
    try:
        return any(one["norm"] for one in runnable.gradient(point, names)["gradients"].values())
    except (Exception, SystemExit):
        return False


def differentiated(scenario: dict[str, Any], point: Point) -> tuple[str, ...]:
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
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append((trace.tb_frame.f_globals.get("__name__"), trace.tb_lineno))
        trace = trace.tb_next
    lines = [line for name, line in frames if name == MODULE]
    return f" in {at_line(lines[-1])}" if lines else ""


def told(error: BaseException) -> str:
    """An exception in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    # AutoGraph puts a traceback before what was raised.
    first = (lines[-1] if lines[0] == "in user code:" else lines[0])[:200]
    if first.startswith(type(error).__name__):
        return first
    return f"{type(error).__name__}: {first}" if not isinstance(error, NotNumeric) else first
