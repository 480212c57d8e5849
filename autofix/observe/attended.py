"""What a program showed in its user's own process, and what is wrong with it: its training, not only its gradient."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autofix.knowledge.causes import cause
from autofix.model import Site
from autofix.observe.observation import (
    Differentiated,
    End,
    Observation,
    SeenOptimizer,
    TrainedParameter,
    observation_of,
    parameter_of,
    sites_of,
)

MOST_PLACES = 3
_LOOK_FOR_INFINITE = "look for a division by zero, a logarithm or a root of zero, or data that is not finite"
_LOOK_FOR_ROOTS = "look for a root, a norm or a logarithm at zero in the loss"
_LOOK_FOR_FLAT = "look for a step function, a saturated activation or a factor of zero on the way"


@dataclass(frozen=True)
class MisplacedStep:
    """A step of an optimizer (its number) that found no gradient: taken too `early`, or `cleared` at these sites."""

    kind: str
    optimizer: int
    sites: tuple[Site, ...]


@dataclass(frozen=True)
class Attended:
    """One run. `loose` parameters have a gradient and no optimizer; `marks` are the ends on the way to each event."""

    seen: Observation
    main: str
    loose: tuple[TrainedParameter, ...]
    misplaced: tuple[MisplacedStep, ...]
    marks: tuple[tuple[int, ...], ...]
    differentiated: int

    def ends_of(self, event: Differentiated) -> tuple[End, ...]:
        """The ends that an event depends on, in the order in which they were met."""
        at = self.seen.events.index(event)
        numbers = self.marks[at] if at < len(self.marks) else ()
        return tuple(self.seen.ends[each] for each in numbers if each < len(self.seen.ends))

    def held_by(self, optimizer: SeenOptimizer) -> tuple[TrainedParameter, ...]:
        """The parameters of an optimizer."""
        return tuple(self.seen.parameters[at] for at in optimizer.parameters if at < len(self.seen.parameters))


@dataclass(frozen=True)
class Seen:
    """Something that is wrong: what, where (the innermost site first), and the way out; `code` is empty without one."""

    what: str
    help: str
    sites: tuple[Site, ...] = ()
    code: str = ""


def attended_of(report: Mapping[str, Any]) -> Attended:
    """Return a report as a record. Raises KeyError, TypeError or ValueError for what is none."""
    misplaced = (
        MisplacedStep(str(each["kind"]), int(each["optimizer"]), sites_of(each)) for each in report["misplaced"]
    )
    return Attended(
        observation_of(report),
        str(report["main"]),
        tuple(parameter_of(each) for each in report["loose"]),
        tuple(misplaced),
        tuple(tuple(map(int, each)) for each in report["marks"]),
        int(report["differentiated"]),
    )


def faults_of(attended: Attended) -> tuple[Seen, ...]:
    """Return what is wrong, the first cause first; empty where the program learns or nothing is known."""
    return tuple(dict.fromkeys(_faults(attended)))


def _faults(attended: Attended) -> Iterator[Seen]:
    dead = tuple(_dead(attended))
    yield from dead
    yield from _not_finite(attended)
    yield from _without_steps(attended)
    for number, optimizer in enumerate(attended.seen.optimizers if not dead else ()):
        yield from _of_optimizer(attended, number, optimizer)
    yield from (Seen(note, "look at what came before that step") for note in attended.seen.notes if " at step " in note)


def _dead(attended: Attended) -> Iterator[Seen]:
    """Yield the values without a gradient, at the places where it was lost."""
    for event in attended.seen.events:
        if event.trains or (event.by == "grad" and not event.error):
            continue
        ends = attended.ends_of(event)
        for end in list({(each.code, each.sites[-1]): each for each in ends[::-1]}.values())[::-1][:MOST_PLACES]:
            known = cause(end.code)
            what = known.what.format(operation=f"`{end.sites[0].expression}`")
            yield Seen(f"{what}, and the loss is made of it", known.instead, end.sites, end.code)
        if not ends:
            frozen = all(each.frozen for each in attended.seen.parameters) and attended.seen.parameters
            what = "the loss is not connected to anything that is trained"
            way_out = "all that the optimizer holds is frozen" if frozen else "compute it from what the model returns"
            yield Seen(what, way_out, event.sites, "AF309" if frozen else "AF310")
        return


def _not_finite(attended: Attended) -> Iterator[Seen]:
    for event in attended.seen.events:
        if event.value is not None and not math.isfinite(event.value):
            what = f"the loss is {event.value} at step {event.step + 1}"
            yield Seen(what, _LOOK_FOR_INFINITE, event.sites)
            return
    bad = [each.name for each in attended.seen.parameters if each.state == "bad"]
    if bad:
        yield Seen(f"the gradient of {listed(bad)} is not finite", _LOOK_FOR_ROOTS)


def _without_steps(attended: Attended) -> Iterator[Seen]:
    seen = attended.seen
    if seen.optimizers and not seen.steps and seen.trains and seen.end in ("steps", "finished") and not seen.error:
        kinds = ", ".join(dict.fromkeys(each.kind for each in seen.optimizers))
        what = f"{attended.differentiated} gradients were taken, and {kinds} made no step"
        yield Seen(what, "call `step()` of the optimizer after the gradient was taken", seen.optimizers[0].sites)


def _of_optimizer(attended: Attended, number: int, optimizer: SeenOptimizer) -> Iterator[Seen]:
    """Yield why an optimizer that steps trains nothing."""
    own = attended.held_by(optimizer)
    if not own or not optimizer.steps or any(each.state in ("live", "bad") for each in own):
        return
    misplaced = [each for each in attended.misplaced if each.optimizer == number]
    cleared = next((each for each in misplaced if each.kind == "cleared"), None)
    if cleared is not None:
        early = " the step comes before the gradient is taken, and" if misplaced[0].kind == "early" else ""
        what = f"{optimizer.kind} finds no gradient at its step:{early} they are cleared in between"
        yield Seen(what, "clear gradients, take the gradient, then step: in this order", cleared.sites)
    elif not attended.seen.trains:
        what = f"{optimizer.kind} steps, and no gradient is ever taken"
        yield Seen(what, "call `loss.backward()` before the step", optimizer.sites)
    elif all(each.frozen for each in own):
        what = f"{optimizer.kind} holds frozen parameters only: {listed([each.name for each in own])}"
        yield Seen(what + _elsewhere(attended), cause("AF309").instead, optimizer.sites, "AF309")
    elif all(each.state == "none" for each in own):
        what = f"no gradient reaches what {optimizer.kind} holds: {listed([each.name for each in own])}"
        yield Seen(what + _elsewhere(attended), cause("AF310").instead, optimizer.sites, "AF310")
    elif all(each.state in ("zero", "none") for each in own):
        what = f"every gradient of {optimizer.kind} is exactly zero"
        yield Seen(what, _LOOK_FOR_FLAT, optimizer.sites)


def _elsewhere(attended: Attended) -> str:
    """Say where the gradient goes instead."""
    names = [each.name for each in attended.loose if each.state in ("live", "bad")]
    return f"; gradients reach {listed(names)}, which no optimizer holds" if names else ""


def listed(names: list[str]) -> str:
    """The first of some names, and how many more there are."""
    shown = ", ".join(f"`{each}`" for each in names[:3] if each)
    if not shown:
        return f"{len(names)} parameters"
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")
