"""What becomes of a value that leaves the program, or goes to code that nobody can follow, and comes back.

Arrays, numbers and texts that were made of a prediction carry no gradient, whatever is done to them: a function of
another package (`mylib.score(p.detach().numpy())`), a text and the number that is read from it again, a file and the
process that reads it. What they give is still made of the prediction.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from autofix.analysis.results import result_of
from autofix.analysis.run import Run
from autofix.analysis.values import Arguments, Value
from autofix.knowledge import naming
from autofix.knowledge.effects import package_of
from autofix.knowledge.libraries import PROCESSES, WRITING
from autofix.model import Kind


def of_outside(run: Run, node: ast.Call, name: str, arguments: Arguments) -> Value | None:
    """Return what a function of another package makes of values without a gradient; None where it is given others.

    What is given a tensor, or is called a model, may have parameters of its own.
    """
    last = name.rpartition(".")[2]
    operands = (*arguments.values, *_written(run)) if package_of(name) in PROCESSES else arguments.values
    made = [each for each in operands if each.derived]
    if not made or not all(map(_is_plain, made)) or last[:1].isupper() or naming.is_model(last):
        return None
    note_writing(run, last, operands)
    return result_of(run, node, Kind.ARRAY, operands, callee=name)


def note_writing(run: Run, name: str, operands: Sequence[Value]) -> None:
    """Write down what a function writes to a file: a process that is started later may read it."""
    if name in WRITING and run.context.frames:
        run.context.frames[-1].written += [each for each in operands if each.derived]


def _written(run: Run) -> Sequence[Value]:
    return run.context.frames[-1].written if run.context.frames else ()


def _is_plain(value: Value) -> bool:
    inner = value.element
    if value.live or (inner is not None and inner is not value and not _is_plain(inner)):
        return False
    return inner is not None or value.kind in (Kind.ARRAY, Kind.NUMBER, Kind.OTHER)
