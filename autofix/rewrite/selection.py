"""What only selects: indices, orders and counts that no framework computes with a gradient stay NumPy's.

An operation such as `np.argsort` gives no gradient anywhere, and what it gives only says which elements the loss takes:
`order = np.argsort(err)` stays as it is written, and `err[order]` is a tensor indexed by an array. Takes the facts of
the analysis; gives the expressions that stay plain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autofix.analysis.record import Fact
from autofix.knowledge import effects
from autofix.knowledge.operations import having
from autofix.syntax.spans import Key

_SELECTING, _ONE_OPERAND = having("AF201"), having("indices-of-one")
_POSITIONS = having("positions")


def selecting(facts: Mapping[Key, Fact], is_written: Callable[[str], bool]) -> frozenset[Key]:
    """Return the expressions that only select: operations no framework writes (`is_written`), and what they lead to."""
    derived = {key: fact for key, fact in facts.items() if fact.value.derived and not fact.value.live}
    found = {key for key, fact in derived.items() if selects(fact) and not is_written(fact.callee)}
    size = -1
    while found and size != len(found):
        size = len(found)
        found |= {key for key, fact in facts.items() if key not in found and _only_of(fact, found)}
    return frozenset(found)


def selects(fact: Fact) -> bool:
    """Does an operation give indices or counts, whatever its operands are?"""
    if fact.callee in _ONE_OPERAND:
        return len(fact.operands) == 1
    package, _, last = fact.callee.partition(".")
    return (package in effects.LEAVERS or package == "ndarray") and last.rpartition(".")[2] in _SELECTING


def gives_positions(fact: Fact) -> bool:
    """Does an operation give a tuple with an array of indices for each axis?"""
    last = fact.callee.rpartition(".")[2]
    return last in _POSITIONS or (fact.callee in _ONE_OPERAND and len(fact.operands) == 1)


def _only_of(fact: Fact, selected: set[Key]) -> bool:
    """Is all that an expression has of a prediction made by these?"""
    derived = [each for each in fact.operands if each.derived]
    return bool(derived) and not fact.value.live and all(each.makers and each.makers <= selected for each in derived)
