"""The analysis of a text and of each of its states, computed once however many losses need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autofix.analysis.faults import Fault
from autofix.analysis.losses import diagnose, reads_of
from autofix.model import Framework, OwnRules
from autofix.syntax.parsing import parsed

if TYPE_CHECKING:
    from autofix.analysis.reads import Reads
    from autofix.syntax.neighbours import Around


_NONE = OwnRules()


class Looks:
    """What the analysis says of a text and of each state of it, looked at once, however many losses ask."""

    def __init__(self, own: OwnRules, around: Around | None) -> None:
        self.own, self._around = own, around
        self._faults: dict[str, tuple[Fault, ...]] = {}
        self._reads: dict[tuple[str, Framework], Reads] = {}

    def faults(self, text: str) -> tuple[Fault, ...]:
        """Return the broken losses of a text."""
        if text not in self._faults:
            self._faults[text] = diagnose(parsed(text), text, self.own, self._around)
        return self._faults[text]

    def again(self, text: str, fault: Fault) -> Fault | None:
        """Return a loss as it is broken in another state of its text; None where it is not."""
        return next((each for each in self.faults(text) if each.same_as(fault)), None)

    def reads(self, text: str, framework: Framework) -> Reads:
        """Return the abstract run of a text in which its reads are told apart."""
        if (text, framework) not in self._reads:
            self._reads[text, framework], _ = reads_of(text, framework, self.own, self._around)
        return self._reads[text, framework]
