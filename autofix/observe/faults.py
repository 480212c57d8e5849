"""What is wrong with a program, by its first steps: values without a gradient, parts of one that are lost, parameters
that nothing trains.

That an expression gives a value without a gradient is no fault in itself: most such values are printed, compared, or
held constant on purpose. The program is run again with what all of them give changed a little, then each of them: what
moves the differentiated value lies on its way. Nor is it one where the program asks for it in so many words
(`.detach()`, `stop_gradient`), or where what is cut is an index, a rounding or a comparison: those are meant as often
as not, and whether they are, the source says.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from autofix.analysis.groups import left_out
from autofix.knowledge.causes import has
from autofix.knowledge.gradient_errors import code_of, is_lacking, is_of_none, is_overwritten
from autofix.model import Site
from autofix.observe.constant_terms import computed_terms, constant_terms, is_converted
from autofix.observe.fed_back import goes_into_model
from autofix.observe.first_steps import Measured, OutOfTime, Unobservable, is_off
from autofix.observe.jumps import terms_in_jumps
from autofix.observe.observation import Differentiated, End, Observation, Stray, TrainedParameter
from autofix.observe.programs import FAR, MOVE, ProgramRun, replaces_parts
from autofix.observe.summands import is_summand, widely
from autofix.source.edits import stretch_of
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import Positions, span
from autofix.worker.ends import MOST_NOTED
from autofix.worker.records import LEAF, UPSTREAM

VERY_FAR = 1.0
"""How far parameters are moved to see whether a comparison or an index depends on them: these change in steps."""
MOST_TRIED = 12
FARTHEST = 30.0
MOST_FOUND = 6


@dataclass(frozen=True)
class Search:
    """The ends `found` on the way to a value, and those that may lie on it as well: `open` ones were not tried.

    A search that is not `whole` has not come to know of all the ends that there are.
    """

    found: tuple[End, ...] = ()
    open: tuple[End, ...] = ()
    whole: bool = True


def _all(ends: Sequence[End]) -> Sequence[End]:
    return ends


def ends_on_the_way(
    original: Measured, event: int, move: float = 0.0, among: Callable[[Sequence[End]], Sequence[End]] = _all
) -> Search:
    """Return where paths of the gradient of the program's differentiated value number `event` (from 0) end.

    With its parameters moved, those show as well that lead through what is zero at first. `among` gives those of some
    ends that are asked for: each of them is tried by a run.
    """
    traced = replace(original.traced, move=move)
    plain = original.observe(traced)
    if len(plain.events) <= event:
        raise Unobservable("the program does not come to the same values while it is traced")
    whole = len(plain.ends) < MOST_NOTED
    noted = _one_a_place(each for each in plain.ends if each.event <= event and each.sites and each.form != LEAF)
    ends = list(among(noted)) if noted else noted
    if not ends or _moves(original, traced, plain, ends, event) is False:
        return Search(whole=whole)
    found: list[End] = []
    unknown: list[End] = []
    for at, each in enumerate(ends):
        if at == MOST_TRIED or len(found) == MOST_FOUND:
            unknown += ends[at:]
            break
        moves = _moves(original, traced, plain, [each], event)
        if moves is not False:
            (found if moves else unknown).append(each)
    return Search(tuple(found), tuple(unknown), whole)


def ends_behind(original: Measured, numbers: Sequence[int], ends: Sequence[End]) -> tuple[End, ...]:
    """Return those of some ends that the parameters of these numbers lead to."""
    traced = original.traced
    before = {each.key: each.total for each in original.observe(traced).ends}
    led_to: set[tuple[int, int, str]] = set()
    for by in (MOVE, VERY_FAR, FARTHEST):
        if all(each.key in led_to for each in ends):
            break
        moved = original.observe(replace(traced, move=by, only=tuple(sorted(numbers))))
        led_to |= {each.key for each in moved.ends if each.total != before.get(each.key)}
    return tuple(each for each in ends if each.key in led_to)


def _one_a_place(ends: Iterable[End]) -> list[End]:
    """Return the ends in their order; of several at one expression that which was met last."""
    return list({each.key[:2]: each for each in ends}.values())


def gives_value(original: Measured, end: End, event: int) -> bool:
    """Does a program come to a value where what an end gives is changed?"""
    return len(original.observe(replace(original.traced, changed=(end.key,))).events) > event


def _moves(original: Measured, traced: ProgramRun, plain: Observation, ends: Sequence[End], event: int) -> bool | None:
    """Whether the value changes where what these ends give is changed; a program that fails then has used it.

    None where that cannot be told.
    """
    seen = original.observe(replace(traced, changed=tuple(each.key for each in ends)))
    if seen.end in ("late", "lost"):
        return None
    if len(seen.events) <= event:
        # Comparisons and indices that come out otherwise may well be checked by whoever is given them.
        checks = all(has(each.code, "for-the-author") for each in ends) or len(ends) > 1
        return None if checks else seen.error is not None
    before, after = plain.events[event].value, seen.events[event].value
    if before is None or after is None:
        return before is not after
    return before != after and not (math.isnan(before) and math.isnan(after))


_STORED = frozenset({"AF103", "AF109", "AF308"})
_WRITTEN = re.compile(r"(?P<owner>.+?)(?:\[[^\]]*\])?(?:\.data)?\.(?:assign|copy_|fill_)\((?P<value>.+)\)$")
MOST_EVENTS = 6
ELSEWHERE = "elsewhere"
KEPT_APART = ("unregistered", "untracked", "plain", "left", "unheld", "born", "cleared", ELSEWHERE)
"""The kinds of strays that may be none in the end: an optimizer is given them later, or finds a gradient then."""
_MAKES_OPTIMIZER = re.compile(r"\boptim(?:izers)?\.[A-Z]\w*\(|\.add_param_group\(")


@dataclass(frozen=True)
class ObservedFault:
    """A differentiated value that loses its gradient, or a part of it, at these ends; or a `stray`.

    Without ends, `code` says what is wrong. `parameters` are those that get no gradient by it, held by an optimizer
    that is made at these `sites`; where something is `raised`, they are the places of what that is for. Of one that
    `jumps`, no rewrite with the same value has a gradient. It is in a later `stage` of the training, which begins after
    so many steps.
    """

    event: Differentiated | None
    ends: tuple[End, ...]
    partly: bool
    code: str = ""
    parameters: tuple[TrainedParameter, ...] = ()
    sites: tuple[Site, ...] = ()
    stray: Stray | None = None
    raised: bool = False
    jumps: bool = False
    stage: int = 0


@dataclass(frozen=True)
class Diagnosed:
    """A program with what is known of its first steps; each question is answered by runs when it is asked."""

    original: Measured

    @property
    def measured(self) -> Measured:
        """The program, with NumPy let in where it raises before anything is differentiated."""
        if self.original.frozen.trains:
            return self.original
        return self.original.lenient

    @property
    def events(self) -> tuple[tuple[int, Differentiated], ...]:
        """The values of its first step, each with its number; of those of one place the first."""
        found: dict[tuple[Site, ...], tuple[int, Differentiated]] = {}
        for number, each in enumerate(self.measured.frozen.events):
            key = each.sites[:1]
            found.setdefault(key, (number, each))
        return tuple(found.values())[:MOST_EVENTS]

    def ends_at(self, number: int) -> tuple[End, ...]:
        """The ends on the way to one of these values."""
        return ends_on_the_way(self.measured, number).found

    @property
    def search(self) -> Search:
        """The ends on the way to any value of the program, whole where none of them can have been missed."""
        each = [ends_on_the_way(self.measured, number) for number, _ in self.events]
        places = {event.sites[:1] for event in self.measured.frozen.events}
        whole = len(places) <= MOST_EVENTS and all(one.whole for one in each)
        return Search(tuple(e for one in each for e in one.found), tuple(e for one in each for e in one.open), whole)

    @property
    def natural(self) -> Observation:
        return self.original.natural

    @property
    def faults(self) -> tuple[ObservedFault, ...]:
        """What is wrong; empty where nothing is, or nothing is known."""
        first = tuple(self._faults())
        return (*first, *self._later_faults(first))

    def _later_faults(self, known: Iterable[ObservedFault]) -> Iterator[ObservedFault]:
        """Yield what is wrong in later stages of the training, and was not in an earlier one."""
        ends = {_place(end) for fault in known for end in fault.ends}
        dead = {fault.event.sites[:1] for fault in known if fault.event is not None and not fault.partly}
        for stage in self.original.stages:
            for fault in Diagnosed(stage).in_a_later_stage():
                new = tuple(end for end in fault.ends if _place(end) not in ends)
                if not new and (fault.ends or fault.event is None or fault.event.sites[:1] in dead):
                    continue
                ends |= set(map(_place, new))
                yield replace(fault, ends=new, stage=stage.run.stage)

    def in_a_later_stage(self) -> tuple[ObservedFault, ...]:
        """What is wrong with the values of a stage; what a run does not come to has no fault."""
        try:
            return tuple(self._of_values(True)) if self.measured.frozen.trains and self.natural.trains else ()
        except Unobservable as error:
            if isinstance(error, OutOfTime):
                raise
            return ()

    def _faults(self) -> Iterator[ObservedFault]:
        strays = tuple(self._strays())
        yield from strays
        if any(each.stray is not None and each.stray.kind == ELSEWHERE for each in strays):
            return  # what leads from the model that is held to the one in use copies its numbers
        found = tuple(self._of_values(bool(strays)))
        yield from found
        if not found and not strays:
            yield from self._raised()

    def _of_values(self, are_strays: bool) -> Iterator[ObservedFault]:
        """Yield the values that lose their gradient, or a part of it, and the parameters that none of them trains."""
        dead = [(number, each) for number, each in self.events if not each.trains and self._matters(each)]
        for number, each in dead:
            ends = self.ends_at(number)
            if not ends and not self._is_missed():
                continue
            yield ObservedFault(each, ends, False, "" if ends else self._without_ends(), self._lacking())
        if dead:
            return
        cut_off = tuple(self._cut_off())
        yield from cut_off
        if not cut_off and not are_strays:
            yield from self._untrained()
        told = {end for fault in cut_off for end in fault.ends}
        for number, each in self.events:
            lost = (*self._lost_parts(number, each), *self._lost_terms(number, each), *self._lost_by_hand(number, each))
            ends = tuple(end for end in dict.fromkeys(lost) if end not in told)
            if ends:
                yield ObservedFault(each, ends, True)
            told |= set(ends)
            if jumping := tuple(end for end in self._jumping(number, each) if end not in told):
                yield ObservedFault(each, jumping, True, jumps=True)
                told |= set(jumping)

    def _jumping(self, number: int, event: Differentiated) -> Iterator[End]:
        """Yield where whole terms of a value become piecewise constant."""
        own = event.reaches & self._trained_with(event)
        if event.trains:
            yield from terms_in_jumps(
                self.measured, number, own, lambda ends: ends_behind(self.measured, sorted(own), ends)
            )

    def _strays(self) -> Iterator[ObservedFault]:
        """Yield what is meant to be trained and is not; where parts of the model are replaced later, to its end."""
        seen = self.natural
        text = dict(self.original.run.texts).get(self.original.run.program, "")
        if not seen.strays and seen.end == "steps" and seen.optimizers and replaces_parts(parsed(text)):
            seen = self.original.whole
        for each in self._never_trained(seen):
            yield ObservedFault(None, (), False, "AF310", (), each.sites, each)

    def _never_trained(self, seen: Observation) -> Iterator[Stray]:
        """Yield the strays of a run, without those that another optimizer is given before the program ends."""
        if not seen.optimizers:
            yield from (each for each in seen.strays if each.kind not in KEPT_APART or self._raises_for(each))
            return
        whole = self.original.whole if any(each.kind in KEPT_APART for each in seen.strays) else seen
        later = whole.end == "late" and self._makes_optimizers_later(seen)
        came_less_far = whole.end == "late" and whole.steps < seen.steps
        if whole.end == "lost" or came_less_far or (whole.error is not None and seen.error is None):
            whole = seen
        kept = {each.key for each in whole.strays}
        found = [each for each in seen.strays if each.kind not in KEPT_APART or (each.key in kept and not later)]
        collected = [one for each in found if each.kind == "left" for one in self._collected(each)]
        yield from collected
        yield from (each for each in found if each.kind != "left" and not (collected and each.kind == "unheld"))

    def _collected(self, stray: Stray) -> Iterator[Stray]:
        """Yield the parameters that are collected beside an optimizer, where it leaves some out."""
        texts = dict(self.original.run.texts)
        for site in stray.sites:
            text = texts.get(site.path, "")
            for group in left_out(parsed(text), text, site.span.line) if text else ():
                if stray.form == UPSTREAM and group.kind in ("dict", "list"):
                    continue  # the last layers alone are often trained
                place = span(Positions(text).key(group.first))
                found = Site(site.path, place, " ".join(stretch_of(text, place).split()), site.function)
                yield Stray("uncollected", stray.name, (found, *stray.sites), group.kind)

    def _makes_optimizers_later(self, seen: Observation) -> bool:
        """May the program make an optimizer that a run had no time to come to?"""
        made = sum(len(_MAKES_OPTIMIZER.findall(text)) for _, text in self.original.run.texts)
        return made > len(seen.optimizers)

    def _raises_for(self, stray: Stray) -> bool:
        """Does the program end where the parameters were asked for that this leaves out?"""
        error = self.natural.error
        here = [(each.path, each.span.line) for each in error.sites[:1]] if error is not None else []
        return any((each.path, each.span.line) in here for each in stray.sites[1:])

    def _lost_parts(self, number: int, event: Differentiated) -> Iterator[End]:
        """Yield where a part of a gradient ends that is not that of its values."""
        for end in self.ends_at(number) if is_off(number, event, self.measured) else ():
            makes_number = end.code in ("AF102", "AF104") or is_converted(end, self._text_of(end))
            is_term = end.explicit and makes_number and is_summand(self.measured, number, end)
            if self._is_lost(number, end) or is_term or self._is_stored_term(number, event, end):
                yield end

    def _lost_by_hand(self, number: int, event: Differentiated) -> Iterator[End]:
        """Yield where a whole term is written into variables, of what trains plain tensors and nothing else."""
        for end in self.ends_at(number) if event.by_values and event.trains and not event.reaches else ():
            if self._is_stored_term(number, event, end):
                yield end

    def _is_stored_term(self, number: int, event: Differentiated, end: End) -> bool:
        """Is a whole term of a value made of what is written into a variable, or a buffer, here?"""
        if end.explicit or end.code not in _STORED or not _replaces(end.sites[0].expression):
            return False
        found = widely(self.measured, number, end, event.reaches & self._trained_with(event))
        return found.is_term and not any(each.subtracted for each in found.sums)

    def _is_lost(self, number: int, end: End) -> bool:
        """Is it a call that cuts without having been asked to, and that the value is computed from?

        What a program only checks (weights to draw by have to sum to 1) makes it raise, not differ.
        """
        if not _asks_for_nothing(end) or not gives_value(self.measured, end, number):
            return False
        return end.code != "AF307" or is_summand(self.measured, number, end) or not self._is_fed_back(end)

    def _is_fed_back(self, end: End) -> bool:
        """Does a gradient go into a model again? There it is a place to look at, and no part of the loss."""
        site = end.sites[0]
        text = dict(self.original.run.texts).get(site.path, "")
        return not text or goes_into_model(site, text)

    def _lost_terms(self, number: int, event: Differentiated) -> Iterator[End]:
        """Yield what makes a whole term a constant: `.data`, a leaf of what parameters gave, a cut far from the sum."""
        original = self.measured
        seen = original.observe(original.traced)
        if len(seen.events) <= number or not event.trains:
            return
        own = event.reaches & self._trained_with(event)
        yield from computed_terms(original, number, own)
        made = [end for end in seen.ends if end.sites and end.event <= number and _makes_constant(end)]
        made = [*made[:MOST_TRIED], *(end for end in constant_terms(original, number) if end not in made)]
        if not made:
            return
        behind = ends_behind(original, sorted(own), made) if own else ()
        for end in behind:
            moves = _moves(original, original.traced, seen, [end], number)
            if moves and is_summand(original, number, end):
                yield end

    def _text_of(self, end: End) -> str:
        """The file of an end, of those that are run with their text."""
        return dict(self.original.run.texts).get(end.sites[0].path, "")

    def _cut_off(self) -> Iterator[ObservedFault]:
        """Yield what keeps parameters that are in use from every value: nothing else trains them."""
        lacking = [each for each in self._lacking() if each.number >= 0]
        flat = [each for each in self.natural.parameters if each.state == "zero" and each.number >= 0]
        for number, each in self.events if lacking or flat else ():
            own = [one for one in lacking if self._is_to_train(each, one)]
            numbers = [one.number for one in own]
            ends = self._behind_of(number, numbers) if own else ()
            if own and not ends:
                ends = self._behind_of(number, numbers, FAR)
            if not ends:  # of what has steps, PyTorch gives a gradient of zeros
                own = [one for one in flat if self._is_to_train(each, one)]
                steps = [end for end in self.ends_at(number) if end.code == "AF202"] if own else []
                ends = ends_behind(self.measured, [one.number for one in own], steps) if steps else ()
            ends = _without_preparation(ends)
            if ends and not (all(one.known for one in own) and all(map(_is_asked_for, ends))):
                yield ObservedFault(each, ends, False, "", tuple(own))

    def _behind_of(self, number: int, parameters: Sequence[int], move: float = 0.0) -> tuple[End, ...]:
        """The ends on the way to a value that these parameters lead to; of what is `move`d, those with steps alone."""

        def behind(ends: Sequence[End]) -> Sequence[End]:
            wanted = [each for each in ends if not move or has(each.code, "for-the-author")]
            return ends_behind(self.measured, parameters, wanted) if wanted else ()

        return ends_on_the_way(self.measured, number, move, behind).found

    def _is_to_train(self, event: Differentiated, parameter: TrainedParameter) -> bool:
        """Does an optimizer that holds the parameter make a step with a value; or, is that not known of any?"""
        return not event.optimizers or parameter.number in self._held(event)

    def _held(self, event: Differentiated) -> frozenset[int]:
        """The parameters of the optimizers that make a step with a value."""
        parameters, optimizers = self.measured.frozen.parameters, self.measured.frozen.optimizers
        return frozenset(
            parameters[at].number
            for number in event.optimizers
            for at in (optimizers[number].parameters if number < len(optimizers) else ())
            if at < len(parameters)
        )

    def _trained_with(self, event: Differentiated) -> frozenset[int]:
        """The parameters that are trained with a value, at any of its steps: all where that is not known.

        Of one that is differentiated by several lists of them, those of all.
        """
        seen = self.measured.frozen.events
        same = [each for each in seen if each.sites[:1] == event.sites[:1] or each.value == event.value]
        wanted = [each.wanted for each in same] if event.wanted else []
        held = [self._held(each) for each in same if each.optimizers]
        return frozenset().union(*(wanted or held or [each.reaches for each in same]))

    def _matters(self, event: Differentiated) -> bool:
        """Whether a value without a gradient was to have one: inner gradients are asked of constants as well."""
        return event.by != "grad" or bool(event.error)

    def _is_missed(self) -> bool:
        """Does a program that comes to its steps lack any gradient? One may ask for what does not exist, and see."""
        lacks = any(each.state == "none" for each in self.natural.parameters)
        return self.natural.error is not None or lacks or not self.natural.steps

    def _raised(self) -> Iterator[ObservedFault]:
        """Yield what the error of a program says of a gradient, where no value has shown it."""
        error, events = self.natural.error, self.natural.events
        if error is None:
            return
        if code := code_of(error.message):
            yield ObservedFault(None, (), False, code, (), error.sites, raised=True)
        elif is_overwritten(error.message) and len(events) > 1 and events[-1].value == events[0].value:
            yield ObservedFault(None, (), False, "AF311", (), error.sites, raised=True)
        elif is_of_none(error.message) and events and _gives_none(events[-1]):
            yield ObservedFault(None, (), False, "AF312", (), events[-1].sites, raised=True)
        elif is_of_none(error.message) and error.sites and _reads_gradient(error.sites[0].expression):
            yield ObservedFault(None, (), False, "AF312", (), error.sites, raised=True)

    def _lacking(self) -> tuple[TrainedParameter, ...]:
        """The parameters that no gradient reaches; one that a program throws away is no lost one."""
        reached = {number for _, each in self.events for number in each.reaches}
        return tuple(each for each in self.natural.without_gradient() if each.number not in reached)

    def _without_ends(self) -> str:
        """What is wrong where no operation cuts: all is frozen, or nothing leads to the value."""
        trained = self.natural.parameters
        return "AF309" if trained and all(each.frozen for each in trained) else "AF310"

    def _untrained(self) -> Iterator[ObservedFault]:
        """Yield the optimizers that step and that no gradient reaches; what is frozen now and then takes its turn."""
        parameters, error = self.natural.parameters, self.natural.error
        is_refused = error is not None and is_lacking(error.message)
        lacking = {*self._lacking(), *(each for each in parameters if each.frozen and each.state == "none")}
        for optimizer in self.natural.optimizers:
            own = [parameters[at] for at in optimizer.parameters if at < len(parameters)]
            if own and (optimizer.steps or is_refused) and all(each in lacking for each in own):
                code = "AF309" if all(each.frozen for each in own) else "AF310"
                yield ObservedFault(None, (), False, code, tuple(own), optimizer.sites)


def is_faultless(measured: Measured) -> bool:
    """Is no value of a program at fault, though one may be cut in so many words?"""
    return all(each.jumps for each in Diagnosed(measured).faults)


def _gives_none(event: Differentiated) -> bool:
    """Was the gradient of a value asked for that does not have it, or not by what it was asked for?"""
    return event.missing or (not event.live and event.by != "backward")


def _reads_gradient(expression: str) -> bool:
    return re.search(r"\.grad\b", expression) is not None


def _replaces(expression: str) -> bool:
    """Does a statement write a value in place of all that was kept (`v.assign(x)`, `v.data.copy_(x)`)?

    One that keeps a part of that, `v.assign(0.9 * v + x)`, makes an average.
    """
    found = _WRITTEN.match(" ".join(expression.split()))
    return found is not None and re.search(rf"(?<![\w.]){re.escape(found['owner'])}\b", found["value"]) is None


def _makes_constant(end: End) -> bool:
    """Is this a way to a value without a gradient that says nothing of a gradient that is not wanted?"""
    expression = end.sites[0].expression
    is_gradient = end.explicit and (end.code == "AF301" or (end.code == "AF307" and _reads_gradient(expression)))
    return end.form == LEAF or is_gradient or (end.code == "AF103" and expression.endswith(".data"))


def _without_preparation(ends: Sequence[End]) -> tuple[End, ...]:
    """Return the ends without those where masks and other starting values are made once, under `no_grad` or detached.

    They are kept where no step of the training comes to any end.
    """
    recur = [each for each in ends if each.last > each.event]
    return tuple(each for each in ends if not recur or each in recur or not _is_asked_for(each))


def _place(end: End) -> tuple[str, tuple[Site, ...]]:
    return end.code, end.sites[:1]


def _is_asked_for(end: End) -> bool:
    """Is a value cut in so many words, as parts that were trained before are held constant by?"""
    return end.code == "AF109" or (end.explicit and end.code == "AF103" and not _makes_constant(end))


def is_wish(end: End, text: str) -> bool:
    """Does the file ask in so many words that a value is held constant? On the way to a number, it has to."""
    return end.explicit and end.code == "AF103" and not _makes_constant(end) and not is_converted(end, text)


def _asks_for_nothing(end: End) -> bool:
    """Is this a call that cuts without having been asked to, and that a fix can do without?"""
    return not end.explicit and has(end.code, "fixable")
