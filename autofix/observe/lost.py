"""Where the gradient of a program's differentiated value is lost: the ends of paths that lead to it.

That an expression gives a value without a gradient is no fault in itself: most such values are printed, compared, or
held constant on purpose. The program is run again with what all of them give changed a little, then each of them: what
moves the differentiated value lies on its way.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from autofix.knowledge.causes import has
from autofix.observe.first_steps import Measured, Unobservable
from autofix.observe.observation import End, Observation
from autofix.observe.programs import FAR, MOVE, ProgramRun

VERY_FAR = 1.0
"""How far parameters are moved to see whether a comparison or an index depends on them: these change in steps."""
MOST_TRIED = 12
SAME = 1e-3
"""By how much two shares of a term may differ, relative to them: values are in single precision."""
MOST_FOUND = 6


def ends_on_the_way(original: Measured, event: int) -> tuple[End, ...]:
    """Return where paths of the gradient of the program's differentiated value number `event` (from 0) end."""
    traced = original.traced
    plain = original.observe(traced)
    if len(plain.events) <= event:
        raise Unobservable("the program does not come to the same values while it is traced")
    ends = _one_a_place(each for each in plain.ends if each.event <= event and each.sites)
    if not ends or _moves(original, traced, plain, ends, event) is False:
        return ()
    found = [each for each in ends[:MOST_TRIED] if _moves(original, traced, plain, [each], event)]
    return tuple(found[:MOST_FOUND])


def ends_behind(original: Measured, numbers: Sequence[int], ends: Sequence[End]) -> tuple[End, ...]:
    """Return those of some ends that these parameters (in the order of their first use) lead to."""
    traced = original.traced
    before = {each.key: each.total for each in original.observe(traced).ends}
    led_to: set[tuple[int, int, str]] = set()
    for by in (MOVE, VERY_FAR):
        moved = original.observe(replace(traced, move=by, only=tuple(sorted(numbers))))
        led_to |= {each.key for each in moved.ends if each.total != before.get(each.key)}
    return tuple(each for each in ends if each.key in led_to)


def is_summand(original: Measured, event: int, end: End) -> bool:
    """Is what an end gives a term of the value, whatever the parameters are: no weight or threshold of another one?"""
    traced = original.traced
    here = _share(original, traced, event, end)
    for seed, move in ((1, FAR), (2, 4 * FAR), (3, -4 * FAR)):
        elsewhere = _share(original, replace(traced, move=move, seed=seed), event, end)
        if not here or elsewhere is None or abs(here - elsewhere) > SAME * abs(here):
            return False
    return True


def _share(original: Measured, run: ProgramRun, event: int, end: End) -> float | None:
    """By how much the value changes for each unit by which what an end gives is changed."""
    plain, seen = original.observe(run), original.observe(replace(run, changed=(end.key,)))
    if len(plain.events) <= event or len(seen.events) <= event:
        return None
    before, after = plain.events[event].value, seen.events[event].value
    delta = next((each.delta for each in seen.ends if each.key == end.key), 0.0)
    return (after - before) / delta if before is not None and after is not None and delta else None


def _one_a_place(ends: Iterable[End]) -> list[End]:
    """Return the ends in their order; of several at one expression that which was met last."""
    return list({each.key[:2]: each for each in ends}.values())


def _moves(original: Measured, traced: ProgramRun, plain: Observation, ends: Sequence[End], event: int) -> bool | None:
    """Whether the value changes where what these ends give is changed; a program that fails then has used it.

    None where that cannot be told.
    """
    seen = original.observe(replace(traced, changed=tuple(each.key for each in ends)))
    if len(seen.events) <= event:
        # Comparisons and indices that come out otherwise may well be checked by whoever is given them.
        checks = all(has(each.code, "for-the-author") for each in ends) or len(ends) > 1
        return None if checks else seen.error is not None
    before, after = plain.events[event].value, seen.events[event].value
    if before is None or after is None:
        return before is not after
    return before != after and not (math.isnan(before) and math.isnan(after))
