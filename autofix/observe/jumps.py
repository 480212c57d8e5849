"""Terms of a differentiated value that change in jumps only: counts, roundings, indices, sizes of what is compressed.

Small moves of what is trained leave such a term as it is, so nothing is missing from its gradient; yet it is there to
be trained, and never is. Far moves change it. No rewrite with the same value has a gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from autofix.knowledge.causes import has
from autofix.observe.constant_terms import is_converted, is_unrecorded, may_be
from autofix.observe.first_steps import Measured
from autofix.observe.observation import End
from autofix.observe.summands import Widely, is_silenced, widely

_CONVERTING = frozenset({"AF101", "AF102", "AF104", "AF107", "AF108"})
_MOST_TRIED = 8
Behind = Callable[[Sequence[End]], Sequence[End]]


def terms_in_jumps(original: Measured, number: int, own: frozenset[int], behind: Behind) -> Iterator[End]:
    """Yield where whole terms of the program's differentiated value number `number` become piecewise constant.

    `own` are the parameters that are trained with it, and `behind` gives the ends that these lead to. What the program
    holds constant in so many words may stay so, and what it subtracts may be a level that it compares with.
    """
    plain, texts = original.observe(original.traced), dict(original.run.texts)
    if not own or not any(each.event <= number for each in plain.sums):
        return
    known = [each for each in plain.ends if may_be(each, number, texts) and _may_jump(each, texts)]
    for end in known[:_MOST_TRIED]:
        found = widely(original, number, end, own)
        if _is_added(found) and behind([end]) and not is_silenced(original, found):
            yield end


def _may_jump(end: End, texts: Mapping[str, str]) -> bool:
    is_plain = end.code in _CONVERTING or (end.code == "AF103" and is_converted(end, texts[end.sites[0].path]))
    return (is_plain or has(end.code, "for-the-author")) and not is_unrecorded(end, texts)


def _is_added(found: Widely) -> bool:
    """Is it a term of its own, added as a constant?"""
    return found.is_term and bool(found.sums) and not any(each.subtracted for each in found.sums)
