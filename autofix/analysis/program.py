"""What a program does with a loss beside training it: whether it is compiled, in which half precisions it runs.

The file of the loss counts, and the files of its project that may use it.
"""

from __future__ import annotations

import ast
import contextlib

from autofix.analysis.diagnosis import Diagnosis
from autofix.analysis.eager import compiles_nothing
from autofix.analysis.halves import halves_of


def only_eager(diagnosis: Diagnosis) -> bool:
    """Is it sure that nothing compiles this loss?"""
    using = _using(diagnosis)
    return diagnosis.use.only_eager and using is not None and all(map(compiles_nothing, using))


def halves(diagnosis: Diagnosis, tree: ast.Module) -> frozenset[str]:
    """Return the half precisions that the program of this loss, which stands in `tree`, runs in."""
    around = [each.tree for each in diagnosis.neighbours.values()]
    return halves_of(tree).union(*map(halves_of, (*around, *(_using(diagnosis) or ()))))


def _using(diagnosis: Diagnosis) -> list[ast.Module] | None:
    """Return the other files of the project that may use the loss; None where they are not known."""
    if diagnosis.around is None:
        return []
    texts = diagnosis.around.using(diagnosis.loss.partition(".")[0])
    return None if texts is None else [tree for text in texts for tree in _parsed(text)]


def _parsed(text: str) -> list[ast.Module]:
    with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        return [ast.parse(text)]
    return []
