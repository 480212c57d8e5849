"""The fixes that only the whole program can verify: those that are left, tried together and then one by one.

A loss that cannot be run on its own is run where it is, by the program that trains with it. Several faults of one step
are fixed together: none of their fixes trains anything alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from autofix.analysis.looks import Looks
from autofix.fixes.one import ways_to_write
from autofix.fixes.verdicts import with_limits
from autofix.fixes.whole import Attempt
from autofix.model import Evidence, Exit, Fix, Reason
from autofix.observe.first_steps import Measured, prove_by_program
from autofix.source.diff import unified_diff
from autofix.source.edits import edits_between

MOST_CANDIDATES = 3
"""How many ways to write one loss are tried: the smallest first."""


@dataclass(frozen=True)
class Chain:
    """Texts that fix one loss after the other, each on top of the one before; `at` are their places among attempts."""

    at: tuple[int, ...]
    texts: tuple[str, ...]

    @property
    def final(self) -> str:
        return self.texts[-1]


def fix_by_program(
    text: str, current: str, path: str, attempts: Sequence[Attempt], original: Measured, look: Looks
) -> tuple[str, dict[int, Attempt]]:
    """Return the text with what the program verifies of the attempts that are left, and these attempts fixed."""
    left = [at for at, each in enumerate(attempts) if _may_be_tried(each)]
    for chain in _chains(current, attempts, left, look):
        verdict = prove_by_program(original, [original.of_text(chain.final)])
        if (evidence := with_limits(text, current, chain.final, verdict)) is not None:
            return chain.final, dict(_fixed(text, current, path, attempts, chain, evidence))
        if verdict.status == "unverifiable":
            break
    return current, {}


def _may_be_tried(attempt: Attempt) -> bool:
    return attempt.state == "left" and attempt.fix.status in ("unverifiable", "rejected")


def _chains(current: str, attempts: Sequence[Attempt], left: Sequence[int], look: Looks) -> Iterator[Chain]:
    """Yield what to try: all that is left together, in each of the ways to write it, then one by one."""
    sets = [tuple(left)] if left else []
    sets += [(at,) for at in left] if len(left) > 1 else []
    known: set[str] = {current}
    for chosen in sets:
        for choice in range(MOST_CANDIDATES):
            chain = _chain(current, attempts, chosen, look, choice)
            if chain is not None and chain.final not in known:
                known.add(chain.final)
                yield chain


def _chain(current: str, attempts: Sequence[Attempt], chosen: Sequence[int], look: Looks, choice: int) -> Chain | None:
    places: list[int] = []
    texts: list[str] = []
    for at in chosen:
        found = ways_to_write(texts[-1] if texts else current, attempts[at].fault, look)
        if found:
            places.append(at)
            texts.append(found[min(choice, len(found) - 1)])
    return Chain(tuple(places), tuple(texts)) if texts else None


def _fixed(
    text: str, current: str, path: str, attempts: Sequence[Attempt], chain: Chain, evidence: Evidence
) -> Iterator[tuple[int, Attempt]]:
    """Yield the attempts of a chain with their fixes; one that another has fixed as well has no diff of its own."""
    before = current
    for at, after in zip(chain.at, chain.texts, strict=True):
        edits = edits_between(text, before, after)
        fix = Fix("verified", None, unified_diff(path, before, after), evidence, edits)
        yield at, replace(attempts[at].with_fix(fix), state="fixed")
        before = after


def contradiction(original: Measured, final: str) -> Reason | None:
    """Return why the program shows that fixes break it; None where it does not."""
    fixed = original.of_text(final)
    before, after = original.natural, fixed.natural
    if after.error is not None and before.error is None:
        return Reason(Exit.VERDICT, f"the program would raise {after.error.placed}")
    if useless := _thrown_away(original, fixed):
        names = ", ".join(f"`{each}`" for each in useless[:3])
        return Reason(Exit.VERDICT, f"the gradient that it brings to {names} is gone before any step")
    return None


def _thrown_away(original: Measured, fixed: Measured) -> tuple[str, ...]:
    """Return the parameters that a restored gradient reaches, where none of them has it when its optimizer steps."""
    pairs = zip(original.frozen.events, fixed.frozen.events, strict=False)
    reached = {number for one, other in pairs for number in other.reaches - one.reaches}
    natural = fixed.natural
    restored = [each for each in natural.parameters if each.number in reached]
    if natural.steps < max(1, len(natural.optimizers)):
        return ()  # their optimizer may not have come to its step
    return tuple(each.name for each in restored) if all(each.state == "none" for each in restored) else ()
