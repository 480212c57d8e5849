"""The analysis of a text and of each of its states, computed once however many losses need it.

Takes the texts; gives their faults, their abstract runs, and their losses taken out of the steps. Every stage that asks
of a text asks here: no text is followed twice in the same way.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

from autofix.analysis.faults import Fault, in_order
from autofix.analysis.finding.differentiated import everything_entered
from autofix.analysis.finding.search import faults_in
from autofix.analysis.finding.state import Search, functions_of, new_search
from autofix.analysis.lifting.lift import consumers, lift, returned
from autofix.analysis.lifting.substitution import Lifted
from autofix.analysis.reads import Reads, observed
from autofix.analysis.run import Run
from autofix.analysis.syntactic import frameworks
from autofix.analysis.values import Value
from autofix.model import Framework, OwnRules, Survey
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import HERE, Around, Key

_NONE = OwnRules()


class Looks:
    """What the analysis says of a text and of each state of it, looked at once, however many losses ask."""

    def __init__(self, own: OwnRules = _NONE, around: Around | None = None, plain: Looks | None = None) -> None:
        self.own, self._around, self._plain = own, around, plain
        self._searches: dict[tuple[str, Framework], tuple[Search, list[Fault]]] = {}
        self._observed: dict[tuple[str, Framework], tuple[Reads, list[Value]]] = {}

    def faults(self, text: str) -> tuple[Fault, ...]:
        """Return the broken losses of a text in the order of their first cut, then the steps with faulty tapes."""
        found = in_order(each for framework in frameworks(parsed(text)) for each in self._search(text, framework)[1])
        if self._plain is None:
            return found
        known = self._plain.faults(text)
        return tuple(each for each in found if not any(each.same_as(other) for other in known))

    def strictly(self) -> Looks:
        """Return looks whose faults are those beyond what is found here, where no value is constant on purpose."""
        return Looks(replace(self.own, demands="all"), self._around, self)

    @cached_property
    def of_conversions(self) -> Looks:
        """Looks in which only what is detached counts as constant on purpose: no array, and no number."""
        return Looks(replace(self.own, demands="conversions"), self._around)

    def demanding(self, lines: Iterable[int]) -> Looks:
        """Return looks in which nothing in these lines counts as constant on purpose: a run shows that it is lost."""
        return Looks(replace(self.own, lost=frozenset(lines)), self._around)

    def survey(self, text: str) -> Survey:
        """Count the losses of a text, whether or not anything is wrong with them."""
        met: dict[int, bool] = {}
        for framework in frameworks(parsed(text)):
            found = self._search(text, framework)[0].met
            met |= {node: met.get(node, False) or followed for node, followed in found.items()}
        return Survey(len(met), sum(met.values()))

    def again(self, text: str, fault: Fault) -> Fault | None:
        """Return a loss as it is broken in another state of its text; None where it is not."""
        return next((each for each in self.faults(text) if each.same_as(fault)), None)

    def run(self, text: str, framework: Framework) -> Run:
        """Return the abstract run of a text, after its losses and steps were entered."""
        return self._search(text, framework)[0].run

    def reads(self, text: str, framework: Framework) -> Reads:
        """Return the abstract run of a text in which each read is told apart.

        Every function was entered. One that nobody here calls gives a loss if its name says so, or if it is a module.
        """
        return self._followed(text, framework)[0]

    def way(self, text: str, framework: Framework, mended: bool = False) -> frozenset[Key]:
        """Return the reads and expressions that what is differentiated was made from, as `Reads.way_to` finds them."""
        reads, asked = self._followed(text, framework)
        return reads.way_to(asked, mended)

    def lifted(self, text: str, framework: Framework, place: int | str, like: Lifted | None = None) -> Lifted | None:
        """Return a text with the loss of its consumer number `place` as a function; None where it is not to be had.

        A `place` that is a name is that of a method whose result a library differentiates. `like` is the same loss as
        it was taken out before it was mended.
        """
        search = self._search(text, framework)[0]
        consumer = _consumer_at(search, place)
        return lift(text, search.tree, consumer, search.run, like) if consumer is not None else None

    def _search(self, text: str, framework: Framework) -> tuple[Search, list[Fault]]:
        if (text, framework) not in self._searches:
            search = new_search(parsed(text), text, framework, self.own, self._around)
            self._searches[text, framework] = search, faults_in(search)
        return self._searches[text, framework]

    def _followed(self, text: str, framework: Framework) -> tuple[Reads, list[Value]]:
        if (text, framework) not in self._observed:
            search = new_search(parsed(text), text, framework, self.own, self._around)
            reads = observed(search.run)
            known = {fault.loss for _, faults in self._searches.values() for fault in faults}
            self._observed[text, framework] = reads, everything_entered(search, reads, known)
        return self._observed[text, framework]


def _consumer_at(search: Search, place: int | str) -> ast.Call | ast.Return | None:
    """Return the call that differentiates, or the last `return` of a method."""
    if isinstance(place, int):
        return next(iter(consumers(search.run.journal.consumed)[place:]), None)
    here = functions_of(search, search.run.module, HERE)
    named = next((each.node for each in here if each.qualname == place), None)
    return returned(named) if isinstance(named, (ast.FunctionDef, ast.AsyncFunctionDef)) else None
