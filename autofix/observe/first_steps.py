"""The proof by the program itself: original and candidate are run to their first steps, and compared.

Both are run with their optimizers frozen, as they are and with all parameters moved, little and far. Each value that
is differentiated has to be the same in both, every time: then the candidate computes what the original does. Its
gradient has to be that of its values (finite differences), to reach every parameter that was to have one, and to do
what the original's does not. What both print up to the first step has to be the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from autofix.knowledge.gradient_errors import code_of
from autofix.model import Evidence, Verdict
from autofix.observe.observation import Differentiated, Observation
from autofix.observe.printed import MOST_SHOWN, Added, comparable_lines, is_same, otherwise
from autofix.observe.programs import FAR, MOVE, TO_THE_END, ProgramRun
from autofix.worker.protocol import shortened

SAME_VALUE = 2e-4
"""Relative: programs compute in single precision, and NumPy's part of the original may do so in double."""
SLOPE, KINK = 5e-3, 3.0
"""By how much a gradient in single precision may be off from finite differences: relative to the larger of both, and by
how many times what these differ by between two steps."""
ROUNDING = 3e-7
"""What rounding makes of a value, relative to it."""
UNCHANGED = 1e-4
AHEAD = 0.1
"""The share of a run's time for which later stages of a program are looked for, once."""
Run = Callable[[ProgramRun], Observation]


class Unobservable(Exception):
    """A program cannot be run often enough to say anything of it; the message says why."""


class OutOfTime(Unobservable):
    """The runs of a program have taken all the time that there is for what they are to answer."""


@dataclass(frozen=True)
class Measured:
    """One text of a program, run when somebody asks for it; `observe` runs nothing twice."""

    run: ProgramRun
    observe: Run
    first: ProgramRun | None = None
    """Of another text, the run of the first one."""

    def of_text(self, text: str) -> Measured:
        """The same program with another text."""
        return replace(self, run=self.run.of_text(text), first=self.first or self.run)

    @property
    def stages(self) -> tuple[Measured, ...]:
        """The program in later stages of its training, which begin with a step of another kind than those before."""
        first = self.first or self.run
        if first.stage or first.is_whole:
            return ()
        natural = self.observe(first)
        if natural.end != "steps" or not natural.optimizers:
            return ()
        seen = self.observe(replace(first, ahead=AHEAD * first.seconds))
        begins = set(seen.begins)
        if seen.error is not None and code_of(seen.error.message):
            begins.add(seen.passed)  # it raises before the step
        return tuple(self.at(each) for each in sorted(begins))

    def at(self, stage: int) -> Measured:
        """The same program in the stage that begins after so many steps."""
        return replace(self, run=replace(self.run, stage=stage))

    @property
    def lenient(self) -> Measured:
        """The same program, with NumPy let in where it takes what has a gradient."""
        return replace(self, run=replace(self.run, lenient=True))

    @property
    def natural(self) -> Observation:
        """As a user runs it."""
        return self.observe(self.run)

    @property
    def frozen(self) -> Observation:
        """With optimizers that change nothing."""
        return self.observe(replace(self.run, frozen=True, slopes=True, lines_of=self.run.observed))

    @property
    def whole(self) -> Observation:
        """As a user runs it, to its end."""
        return self.observe(replace(self.run, steps=TO_THE_END, seconds=self.run.seconds / 2))

    @property
    def frozen_whole(self) -> Observation:
        """With optimizers that change nothing, to its end."""
        return self.observe(replace(self.run, steps=TO_THE_END, seconds=self.run.seconds / 2, frozen=True))

    @property
    def traced(self) -> ProgramRun:
        """The run that notes where gradients end."""
        return replace(self.run, frozen=True, slopes=True, trace=True, lenient=True)

    @property
    def uncut(self) -> Observation:
        """The same, where explicit cuts do nothing."""
        return self.observe(replace(self.run, frozen=True, slopes=True, uncut=True, lenient=True))

    def around(self, reached: frozenset[int], step: float, recorded: bool = True) -> tuple[Observation, Observation]:
        """With some parameters moved forward, and backward, by this share of their size.

        Where `recorded`, what they are used for outside of a tape, or under `no_grad`, stays as it is.
        """
        only = tuple(sorted(reached))
        forward, backward = (replace(self.run.moved(by), only=only, recorded=recorded) for by in (step, -step))
        return self.observe(forward), self.observe(backward)

    def moved(self, far: bool) -> Observation:
        """With all parameters moved: a little, or far in another direction."""
        return self.observe(self.run.moved(FAR, 1) if far else self.run.moved(MOVE))


_SHARED = "other files of the project import this one as well, and what they do with it was not run"


def prove_by_program(
    original: Measured,
    candidates: Sequence[Measured],
    same_leaves: bool = True,
    is_meant: Callable[[Measured], bool] = lambda _: False,
) -> Verdict:
    """Return the verdict on candidates, the first that holds; `unverifiable` where the original cannot be observed.

    So is a file that others import as well: the program says nothing of what they do with it. Where a candidate does
    not have the `same_leaves`, values with these moved say nothing, and what it gains may be parameters that an
    optimizer holds. `is_meant` says whether all that still has no gradient is held constant on purpose.
    """
    if original.run.shared:
        return Verdict("unverifiable", _SHARED)
    before = original.frozen
    if not before.trains and not same_leaves and original.natural.error is not None:
        return _prove_started(original, candidates)
    if not before.trains:
        if original.run.lenient or not original.lenient.frozen.trains:
            return Verdict("unverifiable", why_unobservable(original.natural))
        return prove_by_program(original.lenient, candidates, same_leaves, is_meant)
    if not _same(before.events[0].value, original.natural.events[0].value if original.natural.trains else None):
        return Verdict("unverifiable", "the program computes another value each time it is run")
    if not all(math.isfinite(each.value) for each in before.events if each.value is not None):
        return Verdict("unverifiable", "the differentiated value is not finite, so it cannot be compared")
    reason = ""
    for index, each in enumerate(candidates):
        fault = _fault(original, each, same_leaves, is_meant)
        if not fault:
            evidence = _evidence(original, each, same_leaves)
            ran = frozenset().union(*(at.frozen.lines for _, at in _pairs(original, each)))
            return Verdict("verified", candidate=index, evidence=evidence, ran=ran)
        reason = reason or fault
    return Verdict("rejected", reason or "there is no rewrite to run")


def _prove_started(original: Measured, candidates: Sequence[Measured]) -> Verdict:
    """Return the verdict on candidates for a program that raises before it differentiates anything."""
    error, reason = original.natural.error, ""
    for index, each in enumerate(candidates):
        lost = each.natural.without_gradient() or [one for one in each.frozen.events if not one.trains]
        fault = _fails(each) or ("the rewritten program still trains nothing" if lost or not each.frozen.trains else "")
        fault = fault or _wrong_gradient(each, lambda _: False) or _fails_later(each) or _printed_less(original, each)
        if not fault and error is not None:
            event, count = each.frozen.events[0], count_trained(each.natural)
            shown = f"your program's first steps, loss {_written(event.value)}, gradients reach {count} parameters"
            limit = f"the loss was compared with nothing: the program raises {error.placed} before it"
            evidence = Evidence((shown,), 0.0, None, event.norm or 0.0, 0.0, limits=(limit,))
            return Verdict("verified", candidate=index, evidence=evidence, ran=each.frozen.lines)
        reason = reason or fault
    return Verdict("rejected", reason or "there is no rewrite to run")


def _printed_less(original: Measured, candidate: Measured) -> str:
    """Return which line that a program prints before it raises is printed otherwise."""
    before, after = (comparable_lines(each.natural.printed) for each in (original, candidate))
    return otherwise(before, after, "print", "prints now", _added(original, candidate), whole=False)


def why_unobservable(seen: Observation) -> str:
    """Return why a run without a differentiated value came to none."""
    if seen.error is not None:
        return f"the program raises {seen.error.placed} before its first step"
    if seen.end == "late":
        return f"the program does not make its first steps in {seen.seconds:.0f} s; give it more with --observe"
    if seen.end == "exited":
        said = [shortened(each, MOST_SHOWN) for each in seen.printed.strip().splitlines()[-1:]]
        return ": ".join(["the program exits before its first step", *said])
    return seen.reason or "the program trains nothing when it is run"


def _fault(original: Measured, candidate: Measured, same_leaves: bool, is_meant: Callable[[Measured], bool]) -> str:
    """Return what speaks against a candidate; empty if nothing does."""
    added = None if same_leaves else _added(original, candidate)
    return (
        _fails(candidate)
        or _other_values([(original.frozen, candidate.frozen)])
        or _lost(original, candidate)
        or _not_restored(original, candidate, same_leaves)
        or (_other_values(_moved(original, candidate), _MOVED) if same_leaves else "")
        or _wrong_gradient(candidate, is_meant)
        or _printed_otherwise(original, candidate, added)
        or _fails_later(candidate)
        or _tells_otherwise(original, candidate, added)
        or next((said for pair in _pairs(original, candidate)[1:] if (said := _stage_fault(*pair, is_meant))), "")
    )


def _pairs(original: Measured, candidate: Measured) -> list[tuple[Measured, Measured]]:
    """Return both in the first stage of the training, and in those later ones in which the original can be observed."""
    later = [(each, candidate.at(each.run.stage)) for each in original.stages if each.frozen.trains]
    return [(original, candidate), *later]


def _stage_fault(original: Measured, candidate: Measured, is_meant: Callable[[Measured], bool]) -> str:
    """Return what speaks against a candidate in a later stage of the training."""
    if original.natural.error is None and candidate.natural.error is not None:
        return f"the rewritten program raises {candidate.natural.error.placed}"
    was_dead = {number for number, each in enumerate(original.frozen.events) if not each.trains}
    return (
        _other_values([(original.frozen, candidate.frozen)])
        or _lost(original, candidate, was_dead)
        or _other_values(_moved(original, candidate), _MOVED)
        or _wrong_gradient(candidate, is_meant)
    )


def _fails(candidate: Measured) -> str:
    natural = candidate.natural
    if natural.error is not None:
        return f"the rewritten program raises {natural.error.placed}"
    if natural.end not in ("steps", "finished"):
        return "the rewritten program does not come to its second step in time"
    return ""


def _fails_later(candidate: Measured) -> str:
    error = candidate.whole.error
    return f"the rewritten program raises {error.placed}" if error is not None else ""


def _tells_otherwise(original: Measured, candidate: Measured, added: Added | None) -> str:
    """Return what is printed or written otherwise up to the end, with optimizers that change nothing.

    An original that fails on its way for want of a gradient is compared up to there.
    """
    before = original.frozen_whole
    if before.end != "finished" and len(comparable_lines(before.printed)) < 2 > len(comparable_lines(before.written)):
        return ""  # there is nothing to compare
    after = candidate.frozen_whole
    is_whole = before.end == after.end == "finished"
    for one, other in ((before.printed, after.printed), (before.written, after.written)):
        lines, now = comparable_lines(one), comparable_lines(other)
        if not is_whole:
            lines, now = lines[:-1], now[:-1]
        if said := otherwise(lines, now, "print or write", "does now", added, is_whole):
            return said
    return ""


def _added(original: Measured, candidate: Measured) -> Added:
    """Return what a candidate adds to the parameters that optimizers hold."""
    before, after = original.natural.parameters, candidate.natural.parameters
    elements = sum(math.prod(each.shape) for each in after) - sum(math.prod(each.shape) for each in before)
    known = {each.name for each in before}
    names = tuple(each.name.partition(".")[2] for each in after if each.name not in known)
    return Added(max(0, elements), max(0, len(after) - len(before)), names)


_MOVED = " with its parameters moved"


def _moved(original: Measured, candidate: Measured) -> Iterator[tuple[Observation, Observation]]:
    """Yield what both show with all parameters moved; the second way is run only where the first says nothing."""
    yield from ((original.moved(far), candidate.moved(far)) for far in (False, True))


def _other_values(pairs: Iterable[tuple[Observation, Observation]], how: str = "") -> str:
    """Return which value differs between runs of both, and `how` they were run."""
    for before, after in pairs:
        is_released = any(code_of(each.error) == "AF311" for each in before.events)
        if len(after.events) < len(before.events) and not is_released:
            return "the rewritten program differentiates fewer values"
        for one, other in zip(before.events, after.events, strict=False):
            if code_of(one.error) == "AF311":
                break  # the original ends here, and what it would go on with is the value of another step
            if not _same(one.value, other.value):
                both = f"{_written(one.value)} in the program, {_written(other.value)} rewritten"
                return f"the value differs{how}: {both}"
    return ""


def _lost(original: Measured, candidate: Measured, but: Container[int] = ()) -> str:
    """Return what gradient is still lost, `but` of these values."""
    for number, each in enumerate(candidate.frozen.events):
        if not each.trains and each.by != "grad" and number not in but:
            return f"the value differentiated in line {_line(each)} would still have no gradient"
    was_dead = {each.name for each in original.natural.without_gradient()}
    was_live = {each.name for each in original.natural.parameters if each.state == "live"}
    for parameter in candidate.natural.without_gradient():
        if parameter.name in was_live or (parameter.used and parameter.name not in was_dead):
            return f"`{parameter.name}` would get no gradient"
    for parameter in candidate.natural.parameters:
        if parameter.state == "bad" and not any(
            each.name == parameter.name and each.state == "bad" for each in original.natural.parameters
        ):
            return f"the gradient of `{parameter.name}` would not be finite"
    return ""


def _not_restored(original: Measured, candidate: Measured, same_leaves: bool) -> str:
    """Return that no gradient is restored."""
    if not same_leaves and not _trains_more(original, candidate):
        return "no more parameters would be trained than before"
    if not same_leaves or original.run.lenient or original.natural.error is not None:
        return ""
    is_restored = any(_restored(*pair) for pair in _pairs(original, candidate))
    return "" if is_restored else "the gradient would be the same as before"


def count_trained(seen: Observation) -> int:
    """How many parameters that an optimizer holds get a gradient."""
    return sum(each.state == "live" for each in seen.parameters)


def _trains_more(original: Measured, candidate: Measured) -> bool:
    """Are there more of them, in the first steps or to the end?"""
    if count_trained(candidate.natural) != count_trained(original.natural):
        return count_trained(candidate.natural) > count_trained(original.natural)
    return count_trained(candidate.whole) > count_trained(original.whole)


def _restored(original: Measured, candidate: Measured) -> bool:
    """Does some value have another gradient than before?"""
    for one, other in _events(original, candidate):
        if one.trains != other.trains or one.reaches != other.reaches:
            return True
        if any(_differ_in(one.by_values[1:], other.by_values[1:])):
            return True
        if one.slope is not None and other.slope is not None:
            scale = max(abs(one.slope), abs(other.slope), UNCHANGED * (other.norm or 0.0))
            if abs(one.slope - other.slope) > UNCHANGED * scale:
                return True
    return False


def _differ_in(lengths: Sequence[float], others: Sequence[float]) -> Iterator[bool]:
    """Yield whether gradients by plain tensors differ in length."""
    pairs = zip(lengths, others, strict=False)
    yield from (abs(one - other) > UNCHANGED * max(abs(one), abs(other)) for one, other in pairs)


def _wrong_gradient(candidate: Measured, is_meant: Callable[[Measured], bool]) -> str:
    """Return whose gradient is not that of its values; what is cut in so many words is meant to be."""
    for number, each in enumerate(candidate.frozen.events):
        if is_off(number, each, candidate) and not is_meant(candidate):
            return f"part of the gradient of the value differentiated in line {_line(each)} would still be lost"
    return ""


def _uncut(number: int, candidate: Measured) -> Differentiated | None:
    """Return a value where explicit cuts do nothing, if it is the same there."""
    events = candidate.uncut.events
    found = events[number] if number < len(events) else None
    return found if found is not None and _same(found.value, candidate.frozen.events[number].value) else None


def _off_at(number: int, event: Differentiated, candidate: Measured, recorded: bool = True) -> float:
    """How far a gradient is from finite differences, in units of what is allowed; 0 where these say nothing.

    Two steps are made where one does not suffice: what both differ by is the error of the differences themselves, near
    a kink above all.
    """
    reached = candidate.frozen.events[number].reaches
    if event.slope is None or event.value is None or not reached:
        return 0.0
    found: list[float] = []
    off = 0.0
    for step in (MOVE, MOVE / 4):
        runs = candidate.around(reached, step, recorded)
        values = [each.events[number].value for each in runs if number < len(each.events)]
        if len(values) < 2 or values[0] is None or values[1] is None:
            return 0.0
        found.append((values[0] - values[1]) / (2 * step))
        scale = max(abs(found[0]), abs(event.slope))
        doubt = KINK * abs(found[0] - found[-1])
        allowed = SLOPE * scale + doubt + ROUNDING / step * abs(event.value)
        off = abs(found[0] - event.slope) / allowed if allowed else 0.0
        if off <= 1.0:
            break
    return off


def is_partial(number: int, event: Differentiated, measured: Measured) -> bool:
    """Whether a gradient is not that of its values."""
    return _off_at(number, event, measured) > 1.0


def is_off(number: int, event: Differentiated, measured: Measured) -> bool:
    """Whether a gradient is not that of its values, even where explicit cuts do nothing."""
    if not is_partial(number, event, measured):
        return False
    return _off_at(number, _uncut(number, measured) or event, measured) > 1.0


def starves(measured: Measured) -> bool:
    """Does a program that comes to its steps use a parameter that no gradient reaches?"""
    natural = measured.natural
    return natural.error is None and any(each.used for each in natural.without_gradient())


def leaves_out(measured: Measured) -> bool:
    """Does a value depend on what is trained by a way that its gradient does not take?"""
    events = [(at, each) for at, each in enumerate(measured.frozen.events) if each.step == 0]
    return starves(measured) or any(_off_at(at, each, measured, recorded=False) > 1.0 for at, each in events)


def _printed_otherwise(original: Measured, candidate: Measured, added: Added | None) -> str:
    """Return which line is printed otherwise before the first gradient is taken."""
    first, other = original.frozen.events[0].printed, candidate.frozen.events[0].printed
    before = comparable_lines(original.frozen.printed.encode()[:first].decode(errors="ignore"))
    after = comparable_lines(candidate.frozen.printed.encode()[:other].decode(errors="ignore"))
    return otherwise(before, after, "print", "prints now", added)


def _same(one: float | None, other: float | None) -> bool:
    return is_same(one, other, SAME_VALUE)


def _gain(before: Differentiated, after: Differentiated) -> tuple[bool, int, float]:
    """How much a rewrite does for a value: whether it trains at last, how many parameters more, how much gradient."""
    gained = after.trains and not before.trains
    return gained, len(after.reaches - before.reaches), abs((after.norm or 0.0) - (before.norm or 0.0))


def _events(original: Measured, candidate: Measured) -> Iterator[tuple[Differentiated, Differentiated]]:
    """Yield each value as it is in both."""
    yield from zip(original.frozen.events, candidate.frozen.events, strict=False)


def _line(event: Differentiated) -> int:
    return event.sites[0].span.line if event.sites else 0


def _written(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.6g}"


def _evidence(original: Measured, candidate: Measured, same_leaves: bool) -> Evidence:
    """What was seen, for the value whose gradient is restored."""
    staged = [(at, pair) for at in _pairs(original, candidate) for pair in _events(*at)]
    (original, candidate), (before, after) = max(staged, key=lambda each: _gain(*each[1]))
    pairs = list(_events(original, candidate))
    values = [
        abs((one.value or 0.0) - (other.value or 0.0)) / max(abs(one.value or 0.0), 1e-12)
        for one, other in pairs
        if one.value is not None
    ]
    off = _off_at(candidate.frozen.events.index(after), after, candidate) * SLOPE
    reached, were = len(after.reaches), len(before.reaches)
    if not same_leaves:
        reached, were = count_trained(candidate.natural), count_trained(original.natural)
        if reached == were:
            reached, were = count_trained(candidate.whole), count_trained(original.whole)
    if original.run.lenient:  # as it is, it raises before it has any gradient
        were, before = 0, replace(before, live=False)
    count = f"{reached} parameter{'' if reached == 1 else 's'}"
    reached_now = f"gradients reach {count} (before: {were or 'none'})"
    if not reached and before.by_values and after.by_values:
        reached_now = f"a gradient of length {after.by_values[1]:.3g} (before: {before.by_values[1]:.3g})"
    steps = f"steps after the first {original.run.stage}" if original.run.stage else "first steps"
    shown = f"your program's {steps}, loss {_written(after.value)} before and after, {reached_now}"
    norm = before.norm if before.trains else None
    whole = candidate.whole
    late = (f"the program was run for {whole.seconds:.0f} s, not to its end",) if whole.end == "late" else ()
    return Evidence((shown,), max(values, default=0.0), norm, after.norm or 0.0, off, limits=late)
