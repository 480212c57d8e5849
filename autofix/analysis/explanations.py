"""A cut and its diagnosis in, what is to be said of it out: what happens, the way there, the error, the false cure."""

from __future__ import annotations

import ast

from autofix.analysis.causes import end_of, what_happens
from autofix.analysis.diagnosis import Diagnosis
from autofix.analysis.errors import told
from autofix.analysis.syntax import Syntax
from autofix.analysis.trails import trail
from autofix.model import Cut, Explanation


class Explainer:
    """Explains the findings of one text; nothing is prepared before the first."""

    def __init__(self, tree: ast.Module, text: str) -> None:
        self._syntax = Syntax(tree, text)

    def explain(self, cut: Cut, diagnosis: Diagnosis) -> Explanation:
        """Return what is to be said of a cut."""
        said = told(diagnosis, self._syntax)
        apart = diagnosis.partly and cut not in diagnosis.alone
        what, way = what_happens(cut, apart and not said.error), trail(cut, diagnosis, self._syntax)
        return Explanation(what, way, end_of(cut.code), said.error, said.cure)
