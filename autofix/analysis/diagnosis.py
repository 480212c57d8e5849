"""One broken loss as the analysis hands it on: to the rewriter, and to what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autofix.analysis.branches import Arm
from autofix.analysis.facts import CallSite, Facts, Invocation
from autofix.analysis.neighbours import Around, Neighbour
from autofix.analysis.tape_faults import StepFault
from autofix.analysis.uses import NO_USE, Use
from autofix.analysis.values import Function, Key, Scope
from autofix.model import Cut, Framework, Target


@dataclass(frozen=True)
class Differentiated:
    """A value that is differentiated: the number of its consumer in the file, or the method that a library calls.

    One consumer may be given several values, as a training function is that is called with several losses: `turn`
    counts them.
    """

    by: int | str
    turn: int = 0


@dataclass(frozen=True)
class Diagnosis:
    """One broken loss: where its gradient is lost, and all that the rewriter needs to mend it.

    `target` is the function to run for a proof; None where the gradient is lost between functions, in the training
    step. `place` is the number of the consumer that the step ends with, if one is known; `step` says what has to
    change there where its tape is at fault.
    `partly` says that some gradient still flows, and `beside` that it does so past the function that has to change, a
    helper of the loss; `use` says how the loss is differentiated. `reaching` are the expressions that the loss was made
    from, and `call_sites` the calls of the project's functions wherever they stand. `lost` are the cuts where they
    happen, which may be among its `neighbours`; `cuts` are those, or the calls here that lead there. `alone` are those
    that cut all that the loss trains, whatever else has a gradient. `held` are those by which its author holds a part
    constant on purpose: they stay, and what is made of those that are `untouched` stays as well: a number, no
    tensor that NumPy is given later. `refusal` says why this loss is not to be mended in this file. `feeds` are the
    differentiated values that it is a part of, and `starved` those of them that get no gradient at all. `chosen_at` are
    the calls that run this function or another one, as the caller chooses: `LOSSES[name](pred, y)`; `arms` are the
    branches in which it is called.
    """

    loss: str
    framework: Framework
    cuts: tuple[Cut, ...]
    partly: bool
    target: Target | None
    place: int | None
    function: Function | None
    facts: Facts
    reaching: frozenset[Key]
    module: Scope
    invocations: tuple[Invocation, ...]
    step: StepFault | None = None
    own_rules: frozenset[str] = frozenset()
    call_sites: tuple[CallSite, ...] = ()
    use: Use = NO_USE
    lost: frozenset[Cut] = frozenset()
    refusal: str = ""
    beside: bool = False
    alone: frozenset[Cut] = frozenset()
    held: frozenset[Cut] = frozenset()
    untouched: frozenset[Cut] = frozenset()
    around: Around | None = None
    neighbours: Mapping[int, Neighbour] = field(default_factory=dict)
    feeds: frozenset[Differentiated] = frozenset()
    starved: frozenset[Differentiated] = frozenset()
    chosen_at: frozenset[Key] = frozenset()
    arms: frozenset[Arm] = frozenset()

    @property
    def steps(self) -> tuple[int | str, ...]:
        """Where the loss can be taken out of a step that trains with it, in terms of `lifted`."""
        method = self.function is not None and self.function.receiver is not None
        own = (self.function.qualname,) if self.function is not None and method else ()
        return own if self.place is None else (*own, self.place)

    def same_as(self, other: Diagnosis) -> bool:
        """Is this the same loss, or the same step, in another state of its text?"""
        number = self.step.number if self.step else None
        others = other.step.number if other.step else None
        return (self.loss, self.place, number) == (other.loss, other.place, others)
