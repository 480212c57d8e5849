"""Whether what an end gives is a term of its own in a differentiated value, as runs show it.

However far it is changed, the gradient of the value stays the same then: it is no factor, threshold or target of what
trains.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from autofix.observe.first_steps import Measured
from autofix.observe.observation import End, Observation, Silenced, Sum

WIDE = 1000.0
"""How far what an end gives is changed, in the usual ones, to see whether the rest of the gradient depends on it."""
SAME = 1e-5
"""By how much two gradients may differ, relative to their length: they are in single precision."""
_MOST_SILENCED = 4
Key = tuple[int, int, str]
_STRAIGHT = 1e-3
"""By how much a value may bend between two far changes, relative to them, and still be proportional to the change."""


@dataclass(frozen=True)
class Widely:
    """A program's differentiated value number `event` as it is, and with what an end gives changed far, both ways.

    Only the gradient by what is to be trained with the value counts.
    """

    event: int
    plain: Observation
    changed: tuple[Observation, Observation]

    @property
    def is_term(self) -> bool:
        """Does the value change, and its gradient stay the same?"""
        values = self._values()
        return _keeps_gradient(self.plain, self.changed, self.event) and values is not None and any(values)

    @property
    def changes_gradient(self) -> bool:
        """Has the value a gradient, and does that change?"""
        has_one = _gradient(self.plain, self.event) is not None
        return has_one and not _keeps_gradient(self.plain, self.changed, self.event)

    @property
    def is_proportional(self) -> bool:
        """Does the value change in proportion: is the cut one the term itself, weighted or summed up?"""
        values = self._values()
        return values is not None and abs(values[0] + values[1]) <= _STRAIGHT * (abs(values[0]) + abs(values[1]))

    @property
    def sums(self) -> tuple[Sum, ...]:
        """The sums with a constant that change."""
        return tuple(each for each in _differing(self.plain.sums, [seen.sums for seen in self.changed]))

    @property
    def silenced(self) -> tuple[Key, ...]:
        """The places where what changes is cut in so many words."""
        cut = [_cut_in_words(each) for each in (self.plain, *self.changed)]
        return tuple(dict.fromkeys(each.key for each in _differing(cut[0], cut[1:])))

    def _values(self) -> tuple[float, float] | None:
        """By how much the value changes, both ways."""
        found = [_value(each, self.event) for each in (self.plain, *self.changed)]
        before, *after = found
        if before is None or after[0] is None or after[1] is None:
            return None
        return after[0] - before, after[1] - before


def widely(original: Measured, event: int, end: End, own: frozenset[int] | None = None) -> Widely:
    """Run a program with what an end gives changed; `own` are the parameters that are trained with the value."""
    traced = replace(original.traced, only=None if own is None else tuple(sorted(own)))
    up, down = (original.observe(replace(traced, changed=(end.key,), far=far)) for far in (WIDE, -WIDE))
    return Widely(event, original.observe(traced), (up, down))


def is_summand(original: Measured, event: int, end: End) -> bool:
    """Is what an end gives a term of its own: no factor, threshold or target of what trains?"""
    traced = original.traced
    runs = (replace(traced, changed=(end.key,), far=far) for far in (WIDE, -WIDE))
    return _keeps_gradient(original.observe(traced), map(original.observe, runs), event)


def is_silenced(original: Measured, found: Widely) -> bool:
    """Is what comes to the value by a term cut in so many words on its way?"""
    before = _value(found.plain, found.event)
    runs = (replace(original.traced, changed=(key,)) for key in found.silenced[:_MOST_SILENCED])
    return any(_value(original.observe(run), found.event) != before for run in runs)


def _cut_in_words(seen: Observation) -> list[End | Silenced]:
    cuts = [each for each in seen.ends if each.sites and each.explicit and each.code == "AF103"]
    return [*cuts, *(each for each in seen.silenced if each.sites)]


_Totalled = TypeVar("_Totalled", End, Sum, Silenced, "End | Silenced")


def _differing(before: Sequence[_Totalled], after: Iterable[Sequence[_Totalled]]) -> Iterator[_Totalled]:
    """Yield what has another total in some run."""
    now = [{each.key: each.total for each in found} for found in after]
    yield from (one for one in before if any(each.get(one.key, one.total) != one.total for each in now))


def _value(seen: Observation, event: int) -> float | None:
    return seen.events[event].value if len(seen.events) > event else None


def _gradient(seen: Observation, event: int) -> tuple[float, float] | None:
    """The slope and the length of a value's gradient; None where it has none."""
    if len(seen.events) <= event:
        return None
    found = seen.events[event]
    if not found.norm and len(found.by_values) == 2:
        return (found.by_values[0], found.by_values[1]) if found.by_values[1] else None
    return (found.slope, found.norm) if found.slope is not None and found.norm else None


def _keeps_gradient(plain: Observation, changed: Iterable[Observation], event: int) -> bool:
    """Has a value a gradient, and the same one in all runs with a change? None is made after one that differs."""
    before = _gradient(plain, event)
    return before is not None and all(_is_close(before, _gradient(each, event)) for each in changed)


def _is_close(one: tuple[float, float], other: tuple[float, float] | None) -> bool:
    return other is not None and all(abs(a - b) <= SAME * one[1] for a, b in zip(one, other, strict=True))
