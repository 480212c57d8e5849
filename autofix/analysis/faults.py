"""The faults that the analysis hands on: a closed union, each kind with what is known of it alone.

A `LossFault` loses its gradient in a function that can be run by itself, a `StepFault` between functions, in the step
that trains; a `TapeFault` is a step whose tapes do not record what they are asked for; a `ForeignFault` is a loss of
another file that this one only uses. `fixes/kinds.py` says how each is rewritten and tried.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import TypeAlias

from autofix.analysis.record import CallSite, Facts, Invocation
from autofix.analysis.tape_faults import FaultyTapes
from autofix.analysis.uses import NO_USE, Use
from autofix.analysis.values import Function, Scope
from autofix.model import Cut, Framework, Parameter, Reason, Target
from autofix.syntax.module import Arm
from autofix.syntax.spans import Around, Key, Neighbour


@dataclass(frozen=True)
class Program:
    """What one abstract run of a file showed, whichever of its losses is meant.

    `call_sites` are the calls of the project's functions wherever they stand, `neighbours` the other files that were
    followed, by their paths; `own_rules` are the names that the project says how to write.
    """

    framework: Framework
    module: Scope
    facts: Facts
    invocations: tuple[Invocation, ...]
    call_sites: tuple[CallSite, ...] = ()
    own_rules: frozenset[str] = frozenset()
    around: Around | None = None
    neighbours: Mapping[str, Neighbour] = field(default_factory=dict)


@dataclass(frozen=True)
class Differentiated:
    """A value that is differentiated: the number of its consumer in the file, or the method that a library calls.

    One consumer may be given several values, as a training function is that is called with several losses: `turn`
    counts them.
    """

    by: int | str
    turn: int = 0


@dataclass(frozen=True, kw_only=True)
class _AnyFault:
    """What every fault has.

    `loss` is the function that it is reported of; `cuts` are where the gradient is lost, or the calls of this file that
    lead there. `use` says how it is differentiated. `partly` says that some gradient still flows, and `alone` are the
    cuts that take all that the loss trains, whatever else has a gradient. `feeds` are the differentiated values that it
    is a part of, and `starved` those of them that get no gradient at all. `arms` are the branches that all of it is in.
    """

    loss: str
    cuts: tuple[Cut, ...]
    program: Program
    use: Use = NO_USE
    partly: bool = False
    alone: frozenset[Cut] = frozenset()
    feeds: frozenset[Differentiated] = frozenset()
    starved: frozenset[Differentiated] = frozenset()
    arms: frozenset[Arm] = frozenset()

    @property
    def framework(self) -> Framework:
        """The framework that the file was followed in."""
        return self.program.framework

    @property
    def functions(self) -> tuple[Function, ...]:
        """The function that loses the gradient; none where it is lost between functions, or elsewhere."""
        return ()

    def is_loss(self, node: ast.AST) -> bool:
        """Is this the function that loses the gradient?"""
        return any(each.node is node for each in self.functions)

    @property
    def identity(self) -> tuple[str, int | None, int | None]:
        """What a fault keeps in other states of its text: its loss, its consumer, the number of its step."""
        return self.loss, None, None

    def same_as(self, other: _AnyFault) -> bool:
        """Is this the same loss, or the same step, in another state of its text?"""
        return self.identity == other.identity


@dataclass(frozen=True, kw_only=True)
class _OfTheGraph(_AnyFault):
    """A value that is cut out of the graph by code of this file, or by helpers that can be copied into it.

    `place` is the number of the consumer that the step ends with, if one is known. `lost` are the cuts where they
    happen, which may be in other files; `reaching` are the expressions that the loss was made from, and `results` the
    last of them. `held` are the cuts by which its author holds a part constant on purpose: they stay, and what is made
    of those that are `untouched` stays as well: a number, no tensor that NumPy is given later.
    """

    lost: frozenset[Cut]
    reaching: frozenset[Key]
    results: frozenset[Key] = frozenset()
    place: int | None = None
    held: frozenset[Cut] = frozenset()
    untouched: frozenset[Cut] = frozenset()

    @property
    def identity(self) -> tuple[str, int | None, int | None]:
        return self.loss, self.place, None

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters of the function that loses the gradient; none of a step."""
        return ()

    @property
    def steps(self) -> tuple[int | str, ...]:
        """Where the loss can be taken out of a step that trains with it, in terms of `lifted`."""
        return () if self.place is None else (self.place,)


@dataclass(frozen=True, kw_only=True)
class LossFault(_OfTheGraph):
    """A `function` that loses the gradient of what it returns; `target` says how it is run by itself.

    `beside` says that some gradient flows past the function, which is a helper of the loss. `chosen_at` are the calls
    that run this function or another one, as the caller chooses: `LOSSES[name](pred, y)`.
    """

    function: Function
    target: Target
    beside: bool = False
    chosen_at: frozenset[Key] = frozenset()

    @property
    def functions(self) -> tuple[Function, ...]:
        return (self.function,)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return self.target.parameters

    @property
    def steps(self) -> tuple[int | str, ...]:
        """Where the loss can be taken out of a step that trains with it; a method may be a step itself."""
        own = (self.function.qualname,) if self.function.receiver is not None else ()
        return (*own, *super().steps)


@dataclass(frozen=True, kw_only=True)
class StepFault(_OfTheGraph):
    """A training step that loses the gradient between its functions, or that trains nothing."""

    def in_function(self, function: Function, target: Target, beside: bool, chosen_at: frozenset[Key]) -> LossFault:
        """Return the fault of a function that the step calls, in which the gradient is lost."""
        same = {each.name: getattr(self, each.name) for each in fields(self)}
        return LossFault(**same, function=function, target=target, beside=beside, chosen_at=chosen_at)


@dataclass(frozen=True, kw_only=True)
class TapeFault(_AnyFault):
    """A training step with faulty tapes, and with the cuts of what these are asked for."""

    tapes: FaultyTapes

    @property
    def identity(self) -> tuple[str, int | None, int | None]:
        return self.loss, None, self.tapes.number


@dataclass(frozen=True, kw_only=True)
class ForeignFault(_AnyFault):
    """A loss of another file, which is fixed there: `refusal` says how."""

    refusal: Reason


GraphFault: TypeAlias = LossFault | StepFault
Fault: TypeAlias = LossFault | StepFault | TapeFault | ForeignFault


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return faults in the order of their first cut, those of tapes behind the others."""
    return tuple(sorted(faults, key=lambda each: (isinstance(each, TapeFault), each.cuts[0].span)))
