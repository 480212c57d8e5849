"""Surrogates for what no rewrite with the same value can fix: only where a user asks for `--unsafe-fixes`.

A surrogate has another value than the original. What the program itself shows of it: its value tends to the original's
as the temperature falls, its gradient is finite and reaches every parameter, and steps along it lower the value that
the original has with the parameters of then.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from autofix.analysis.looks import Looks
from autofix.analysis.run import Run
from autofix.fixes.rounds import Fixing
from autofix.fixes.whole import functions_of
from autofix.knowledge.causes import has
from autofix.model import Evidence, Exit, Finding, Fix, Framework, Reason, Span
from autofix.observe.first_steps import Measured, Unobservable, why_unobservable
from autofix.observe.observation import Differentiated, Observation
from autofix.rewrite.leaves import with_leaves_of_constants_only, without_leaves
from autofix.rewrite.surrogates.text import hard_operations, with_means, with_surrogates, with_temperature
from autofix.source.diff import unified_diff
from autofix.source.edits import Origin, edits_between
from autofix.syntax.bindings import last_part
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import Positions

_ROUNDS = 4
"""How often surrogates are written for what the ones before have brought to light."""
_TEMPERATURES = ((1.0, 0.1), (10.0, 0.01), (100.0, 0.001), (1000.0,))
"""Those that are tried, the usual ones first: what is small depends on the units of the scores."""
_FALLING = (0.1, 1e-3, 1e-5)
"""By how much the temperature is lowered to see where the value tends to."""
_TENDS = 1e-2
"""How much of the difference between the values may be left at the lowest temperature, relative to the larger of it and
the original's value: scores may be that close."""
_SAME, _LOWER = 1e-5, 1e-6
_SHARED = Reason(Exit.AUTHOR, "other files of the project import this one as well, and would get other values")
_STEPS = (20, 100)
_BATCHES = 4
"""Of so many of the program's first batches, the value of the original is compared."""


@dataclass(frozen=True)
class _Softened:
    """A text with surrogates, and the names of their functions; where a loss with several values is `averaged`."""

    text: str
    functions: frozenset[str] = frozenset()
    averaged: bool = False

    def at(self, temperature: float) -> str:
        """Return the text with another temperature."""
        return with_temperature(self.text, self.functions, temperature)

    @property
    def has_temperature(self) -> bool:
        """Does any of them have one?"""
        return self.at(2.0) != self.at(3.0)


@dataclass(frozen=True)
class _Tried:
    """What came of a training along a surrogate of one temperature: the original's value before and after."""

    temperature: float
    trained: Observation
    before: float
    after: float

    @property
    def steps(self) -> int:
        """How many steps were made; in a program without an optimizer, how many values were differentiated."""
        return self.trained.steps or len(self.trained.events)

    @property
    def lowers(self) -> bool:
        return math.isfinite(self.after) and self.after < self.before - _LOWER * max(1.0, abs(self.before))


def fixed_by_surrogates(
    path: str,
    text: str,
    current: str,
    program: Measured,
    findings: Sequence[Finding],
    look: Looks,
    fixing: Callable[[str, Measured], Fixing],
) -> tuple[list[Finding], str]:
    """Return the findings with surrogates where the program verifies them, or with why not; and the fixed text.

    `current` has all other fixes. `fixing` gives what fixes the rest of a text: the value that differs is the
    surrogates' alone.
    """
    left = [each for each in findings if each.fix.status != "verified"]
    known = any(has(each.code, "surrogate") for each in left)
    if not left or not (known or _is_dead(program)):
        return list(findings), current
    if program.run.shared:
        return [_without(each, _SHARED) if each in left else each for each in findings], current
    softened = _softened(current, look, program.run.framework, _others(text, current, left, look))
    if isinstance(softened, Reason):
        found = [each.span for each in left if _is_averaged(each.code)] if text == current else []
        softened = _averaged(current, look, found) or softened
    if not isinstance(softened, Reason):
        softened = _with_the_rest_fixed(softened, program, fixing)
    try:
        proven = softened if isinstance(softened, Reason) else _proven(program, softened)
    except Unobservable as error:
        proven = Reason(Exit.TRIAL, str(error))
    if isinstance(proven, Reason):
        return [_without(each, proven) if each in left else each for each in findings], current
    patched, evidence = proven
    if (called := _called_elsewhere(program, current, patched)) is not None:
        return [_without(each, called) if each in left else each for each in findings], current
    edits = edits_between(text, current, patched)
    fix = Fix("verified", None, unified_diff(path, current, patched), evidence, edits, safety="unsafe")
    gone = _gone(left, look, text, patched)
    return [replace(each, fix=fix) if each in gone else each for each in findings], patched


def _others(text: str, current: str, left: Sequence[Finding], look: Looks) -> frozenset[tuple[str, str]]:
    """Return the losses and operations that nobody asks for: a comment silences them, or their code is not wanted."""
    origin, asked = Origin(text, current), {(each.span.line, each.code) for each in left}
    return frozenset(
        (fault.loss, cut.operation)
        for fault in look.faults(current)
        for cut in fault.cuts
        if (origin.span(cut.span).line, cut.code) not in asked
    )


def _called_elsewhere(program: Measured, current: str, patched: str) -> Reason | None:
    """Return why a file that others train with is left: what is changed in it is called more than once there."""
    if not program.run.target:
        return None
    before, after = (functions_of(parsed(each)) for each in (current, patched))
    changed = {each for each, node in before.items() if each in after and ast.dump(node) != ast.dump(after[each])}
    main = parsed(dict(program.run.texts).get(program.run.program, ""))
    called = [last_part(each.func) for each in ast.walk(main) if isinstance(each, ast.Call)]
    twice = next((each for each in sorted(changed) if called.count(each) > 1), "")
    if not twice:
        return None
    where = Path(program.run.program).name
    return Reason(Exit.READERS, f"`{twice}` is called more than once in {where}, and each would get another value")


def _without(finding: Finding, reason: Reason) -> Finding:
    """Return a finding that says why there is no surrogate."""
    if not has(finding.code, "surrogate"):
        return finding
    said = f"{finding.fix.reason}; no surrogate: {reason.text}"
    return replace(finding, fix=replace(finding.fix, why=Reason(reason.exit, said, reason.span)))


def _is_dead(program: Measured) -> bool:
    """Does a program come to its steps, and train nothing?"""
    try:
        seen = program.frozen if program.frozen.trains else program.lenient.frozen
    except Unobservable:
        return False
    return seen.trains and not any(each.trains and each.norm for each in seen.events)


def _softened(text: str, look: Looks, framework: Framework, others: frozenset[tuple[str, str]]) -> _Softened | Reason:
    """Return the text with surrogates for all that has no gradient, and for what shows behind that.

    The losses and operations of `others` stay.
    """
    before, functions = text, frozenset[str]()
    for number in range(_ROUNDS):
        faults = [each for each in look.faults(text) if each.framework == framework]
        cuts = [(fault.loss, cut) for fault in faults for cut in fault.cuts if _is_softened(cut.code)]
        places = [cut.span for loss, cut in cuts if (loss, cut.operation) not in others]
        if not cuts and not number:
            places = hard_operations(text, framework, partial(_is_derived, look.run(text, framework), Positions(text)))
        if not places:
            break
        written = with_surrogates(text, framework, places)
        if isinstance(written, Reason):
            return written
        text, functions = written.text, functions | written.functions
    if functions:
        return _Softened(_without_leaves(before, text, framework, look), functions)
    return Reason(Exit.RULE, "none is known for this operation")


def _without_leaves(before: str, text: str, framework: Framework, look: Looks) -> str:
    """Return a text with surrogates without the statements that declare a value a leaf: it has a past now."""
    for fault in (each for each in look.faults(before) if each.framework == framework):
        found = with_leaves_of_constants_only(before, text, fault, look)
        text = text if isinstance(found, Reason) else found
    return without_leaves(before, text, framework, look)


def _averaged(text: str, look: Looks, observed: Sequence[Span]) -> _Softened | None:
    """Return the text in which the mean of a loss with several values is differentiated; None where there is none."""
    seen = [cut.span for fault in look.faults(text) for cut in fault.cuts if _is_averaged(cut.code)]
    if not (seen or observed):
        return None
    found = with_means(text, seen or observed)
    return None if isinstance(found, Reason) else _Softened(found, averaged=True)


def _is_averaged(code: str) -> bool:
    return has(code, "surrogate") and has(code, "of-the-whole")


def _is_derived(run: Run, positions: Positions, node: ast.expr) -> bool:
    """Is an expression made from a prediction?"""
    fact = run.facts.by_key.get(positions.key(node))
    return fact is not None and fact.value.derived


def _is_softened(code: str) -> bool:
    return has(code, "surrogate") and not has(code, "of-the-whole")


def _with_the_rest_fixed(
    softened: _Softened, program: Measured, fixing: Callable[[str, Measured], Fixing]
) -> _Softened:
    """Return a text with surrogates in which what else loses a gradient is fixed, with the same value."""
    rest = fixing(softened.text, program.of_text(softened.text))
    return replace(softened, text=rest.current)


def _proven(program: Measured, softened: _Softened) -> tuple[str, Evidence] | Reason:
    """Return the text with the best temperature, and what its program showed; or what speaks against it."""
    original = program if program.frozen.trains else program.lenient
    if not original.frozen.trains:
        return Reason(Exit.TRIAL, why_unobservable(program.natural))
    values = program.of_text(softened.text) if softened.averaged else original
    best: _Tried | None = None
    reason = Reason(Exit.VERDICT, "it could not be tried")
    for several in _TEMPERATURES if softened.has_temperature else ((1.0,),):
        for each in several:
            tried = _tried(values, program.of_text(softened.at(each)), each)
            if isinstance(tried, Reason):
                reason = tried
            elif best is None or tried.after < best.after:
                best = tried
        if best is not None:
            break
    return reason if best is None else _evidence(original, values, softened, best)


def _tried(original: Measured, candidate: Measured, temperature: float) -> _Tried | Reason:
    """Return what some steps along a surrogate come to."""
    before = _value(original)
    for steps in _STEPS:
        trained = candidate.observe(replace(candidate.run, steps=steps, keeps=True))
        if fault := _fault(trained):
            return Reason(Exit.VERDICT, fault)
        if not trained.values:
            said = "its parameters are too large to be compared after some steps"
            said = said if trained.parameters else "no optimizer holds what it trains, so its steps cannot be compared"
            return Reason(Exit.TRIAL, said)
        tried = _Tried(temperature, trained, before, _value(original, trained.values))
        if tried.lowers:
            return tried
        if trained.steps < steps:
            break
    shown = f"{_written_number(before)} to {_written_number(tried.after)}"
    return Reason(Exit.VERDICT, f"{tried.steps} steps along it do not lower the original's value ({shown})")


def _fault(trained: Observation) -> str:
    """Return what speaks against a training along a surrogate; empty where nothing does."""
    if trained.error is not None:
        return f"the program raises {trained.error.placed} then"
    if trained.end not in ("steps", "finished"):
        return "the program does not make its first steps in time then; give it more with --observe"
    if bad := next((each.name for each in trained.parameters if each.state == "bad"), ""):
        return f"the gradient of `{bad}` is not finite then"
    missing = next((each.name for each in trained.without_gradient() if each.used), "")
    return f"no gradient would reach `{missing}`" if missing else ""


def _lost(candidate: Measured) -> str:
    """Return which value has no gradient still; empty where each has one that is finite and not zero."""
    for each in candidate.frozen.events:
        if not each.trains or not each.norm or not math.isfinite(each.norm):
            return f"the value differentiated in line {_line(each)} would still have no gradient"
    return ""


def _line(event: Differentiated) -> int:
    return event.sites[0].span.line if event.sites else 0


def _value(original: Measured, values: tuple[tuple[str, str], ...] = ()) -> float:
    """Return the value of the original on its first batches, with parameters as they are or with these values."""
    seen = original.observe(replace(original.run, frozen=True, steps=_BATCHES, values=values))
    dead = {_line(each) for each in original.frozen.events if not each.trains or not each.norm}
    found = [each.value for each in seen.events if each.value is not None and (not dead or _line(each) in dead)]
    return sum(found) / len(found) if found else math.nan


def _evidence(
    original: Measured, values: Measured, softened: _Softened, tried: _Tried
) -> tuple[str, Evidence] | Reason:
    """Return the text and what is to be said of it, if its value tends to that of the original in `values`."""
    text = softened.at(tried.temperature)
    candidate = original.of_text(text)
    pairs = _pairs(values.frozen, candidate.frozen)
    if pairs is None:
        return Reason(Exit.VERDICT, "the program differentiates other values then")
    if lost := _lost(candidate):
        return Reason(Exit.VERDICT, lost)
    hard, soft = pairs[0]
    first = max(abs(one - other) for one, other in pairs)
    if first <= _SAME * max(1.0, abs(hard)):
        said = f"value {_written_number(soft)}, {'the mean of' if softened.averaged else 'as'} the original's"
        last = first
    else:
        lowest = _falling(values, softened, tried.temperature, first)
        if lowest is None:
            return Reason(Exit.VERDICT, "its value does not tend to the original's as the temperature falls")
        temperature, last = lowest
        said = (
            f"value {_written_number(soft)}, the original's {_written_number(hard)}, "
            f"difference {last:.1g} at a temperature of {temperature:g}"
        )
    said += f"; {_reached(original.natural, tried.trained)}"
    lowered = f"from {_written_number(tried.before)} to {_written_number(tried.after)}"
    lower = "that mean" if softened.averaged else "the original's value"
    said += f"; {tried.steps} steps along it lower {lower} {lowered}"
    before, after = original.frozen.events[0], candidate.frozen.events[0]
    norm = before.norm if before.trains and not softened.averaged else None
    return text, Evidence(
        ("your program's first steps",), first / max(abs(hard), 1e-12), norm, after.norm or 0.0, 0.0, surrogate=said
    )


def _pairs(before: Observation, after: Observation) -> list[tuple[float, float]] | None:
    """Return each value of the original with that of the surrogate; None where they cannot be compared."""
    values = [(one.value, other.value) for one, other in zip(before.events, after.events, strict=False)]
    found = [(one, other) for one, other in values if one is not None and other is not None]
    whole = found and len(found) == len(before.events) == len(after.events)
    return found if whole and all(math.isfinite(each) for pair in found for each in pair) else None


def _falling(original: Measured, softened: _Softened, temperature: float, first: float) -> tuple[float, float] | None:
    """Return the lowest temperature that was tried and what values differ by there; None where that does not fall."""
    before = first
    for share in _FALLING:
        cold = original.of_text(softened.at(temperature * share))
        pairs = _pairs(original.frozen, cold.frozen)
        if pairs is None:
            return None
        difference = max(abs(one - other) for one, other in pairs)
        scale = max(first, *(abs(one) for one, _ in pairs))
        if share <= 1e-3 and difference <= _TENDS * scale and difference <= before:
            return temperature * share, difference
        before = max(difference, _SAME)
    return None


def _reached(before: Observation, after: Observation) -> str:
    held = [each for each in after.parameters if not each.frozen]
    reached, were = (sum(each.state == "live" for each in seen.parameters) for seen in (after, before))
    noun = "parameter" if len(held) == 1 else "parameters"
    return f"gradients reach {reached} of {len(held)} {noun} (before: {were or 'none'})"


def _written_number(value: float) -> str:
    return f"{value:.4g}"


def _gone(findings: Sequence[Finding], look: Looks, text: str, patched: str) -> list[Finding]:
    """Return the findings without those that are still found in a text."""
    origin = Origin(text, patched)
    still = {(origin.span(cut.span).line, cut.code) for fault in look.faults(patched) for cut in fault.cuts}
    return [each for each in findings if (each.span.line, each.code) not in still]
