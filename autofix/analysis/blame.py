"""Which cuts of a differentiated value are faults, and which call is to be changed for them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from autofix.analysis import words
from autofix.analysis.constants import dead_summands, is_asked
from autofix.analysis.effects import SOFT
from autofix.analysis.facts import Invocation
from autofix.analysis.hooks import is_step
from autofix.analysis.kept import is_wish, kept
from autofix.analysis.neighbours import number_of
from autofix.analysis.values import Instance, Value
from autofix.analysis.ways import weighing, without_way
from autofix.model import Cut, Kind, Parameter, Role, Target

if TYPE_CHECKING:
    from autofix.analysis.interpreter import Interpreter

MENDABLE = frozenset({"AF101", "AF102", "AF104", "AF105", "AF106", "AF107", "AF108"})
"""Causes for which a partly severed loss is mended; steps and thresholds beside a live term are the author's choice."""

OF_TAPES = frozenset({"AF301", "AF304"})
"""Causes that are the tape's and are mended in the step, not in the loss."""


def blamed(value: Value, run: Interpreter) -> frozenset[Cut]:
    """Return the cuts that are faults in a value that is differentiated; none where the code is right."""
    if value.live:
        return _beside_flow(value, run)
    cuts = frozenset(cut for cut in value.cuts if cut.code != "AF206")
    if value.traits.may_carry:
        cuts = frozenset(cut for cut in cuts if not cut.explicit and cut.code not in SOFT)
    hard = frozenset(cut for cut in cuts if cut.code not in SOFT)
    mendable = frozenset(cut for cut in hard if cut.code in MENDABLE)
    if mendable:
        mendable -= kept(value, mendable, run)
        return mendable | {cut for cut in hard if cut.code == "AF303"}
    return hard if any(cut.code != "AF303" for cut in hard) else cuts


def _beside_flow(value: Value, run: Interpreter) -> frozenset[Cut]:
    """Return the faults of a value that a gradient reaches all the same.

    They are what nobody asked for, the summands that never train, and what leaves a parameter without any gradient.
    """
    faults = frozenset(cut for cut in value.cuts if cut.code in MENDABLE or cut.code == "AF206")
    asked = frozenset(cut for cut in value.cuts if is_asked(cut))
    dead = asked & dead_summands(value, run.facts, run.nodes, run.factors) if asked else asked
    return (faults - asked) | dead | without_way(value, run)


def held_constant(value: Value, run: Interpreter) -> frozenset[Cut]:
    """Return the conversions by which a value holds a part of it constant on purpose."""
    if not value.live:
        return kept(value, frozenset(cut for cut in value.cuts if cut.code in MENDABLE), run)
    wishes = frozenset(cut for cut in value.cuts | weighing(value, run) if is_wish(cut))
    return wishes - _beside_flow(value, run)


def is_training_loss(value: Value) -> bool:
    """Is the result of a function that nobody here uses a loss? A metric gives a number, or counts hits and misses."""
    return value.kind is Kind.TENSOR and any(cut.code in MENDABLE or cut.code == "AF206" for cut in value.cuts)


def responsible(losing: Sequence[Invocation], cut: Cut) -> Invocation | None:
    """Return the call that lost the gradient: the innermost loss, else the outermost function that is no step.

    What is called within the guard of a function (`no_grad`) has nothing to do with it.
    """
    first = next((number for number, each in enumerate(losing) if _holds(each.function.node, cut)), 0)
    losing = losing[first:]
    named = [each for each in losing if words.is_loss(each.function.qualname)]
    files = {number_of(each.function.node) for each in losing}
    if len(files) > 1 and is_step(losing[-1].function):
        losing = losing[:-1]  # what a library calls is a step too, and the loss that it asks for is another file's
    return named[0] if named else losing[-1] if losing else None


def _holds(function: ast.expr | ast.stmt, cut: Cut) -> bool:
    """Does a cut stand in a function, or among its decorators?"""
    decorators: list[ast.expr] = getattr(function, "decorator_list", [])
    first = min([function.lineno, *(each.lineno for each in decorators)])
    return first <= cut.span.line <= (function.end_lineno or function.lineno)


def introduced(invocation: Invocation) -> frozenset[Cut]:
    before = (
        frozenset().union(*(value.cuts for _, value in invocation.arguments)) if invocation.arguments else frozenset()
    )
    return invocation.result.cuts - before


def target_of(invocation: Invocation) -> Target:
    node = invocation.function.node
    parameters = tuple(
        Parameter(name, _role(name, value), value.kind is Kind.SEQUENCE)
        for name, value in invocation.arguments
        if not isinstance(value.meaning, Instance) or value is not invocation.function.receiver
    )
    return Target(invocation.function.qualname, node.lineno, parameters)


def _role(name: str, value: Value) -> Role:
    if value.derived:
        return "prediction"
    if value.kind is Kind.NUMBER:
        return "number"
    return "target" if value.kind in (Kind.TENSOR, Kind.ARRAY) else words.role(name)
