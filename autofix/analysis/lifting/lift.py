"""Lifts the loss out of a training step: a function of what the model returned, which can be run without the model.

Takes the text of a module and one of its consumers (`loss.backward()`, `tape.gradient(loss, …)`); gives the text with a
function behind it, whose parameters are the results of the model's calls and the data that meets them. The model itself
and the optimizer stay out: from its output on, the gradient is the framework's own. The lines of what is written anew
are kept, so that what is said of them names those of the file.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import replace

from autofix.analysis.lifting.asked import asked, guards_around, statements_before
from autofix.analysis.lifting.models import note_step
from autofix.analysis.lifting.state import Lift, Lifted, fact_of, is_global, new_lift
from autofix.analysis.lifting.substitution import slice_of, without_model
from autofix.analysis.run import Run
from autofix.knowledge.frameworks import record_of
from autofix.model import Parameter, Role, Target
from autofix.syntax.flow import free
from autofix.syntax.lines import lines_of

_NAME = "loss_of_the_step"
_STOOD_IN = re.compile(r"^    from \S+ import (?:mse_loss|mean_squared_error) as (\w+)$", re.MULTILINE)
_COMPUTING = (ast.Call, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Subscript, ast.AugAssign)


def stood_in(text: str) -> tuple[str, ...]:
    """Return the names for which a common loss stands in a lifted text."""
    _, lifted, code = text.rpartition(f"def {_NAME}(")
    found = _STOOD_IN.findall(code) if lifted else []
    return tuple(found)


def lift(
    text: str,
    tree: ast.Module,
    consumer: ast.Call | ast.Return,
    run: Run,
    like: Lifted | None = None,
) -> Lifted | None:
    """Return the module with the step's loss as a function; None where the step cannot be taken out of its place.

    The consumer is the call that differentiates, or the `return` of a method whose result a library differentiates.
    What was taken out of the same step before it was mended is given as `like`: the two take the same arguments.
    """
    found = asked(consumer, run)
    if found is None:
        return None
    loss, last = found
    guards = guards_around(tree, last, run)
    state = new_lift(run, len(guards), like)
    before = statements_before(tree, last)
    note_step(state, [*before, ast.Expr(loss)])
    body, result = slice_of(state, before, loss), without_model(state, loss)
    parameters = _parameters(state, [*body, ast.Expr(result)])
    if parameters is None or not any(each.role == "prediction" for each in parameters):
        return None
    if not any(isinstance(part, _COMPUTING) for each in (*body, result) for part in ast.walk(each)):
        return None  # it is the output of what was taken for a model: whatever the loss is, it is not here
    lines = [line for each in body for line in lines_of(each)]
    return _written(text, state, parameters, guards, [*lines, (f"return {ast.unparse(result)}", loss.lineno)], last)


def _written(
    text: str, state: Lift, parameters: Sequence[Parameter], guards: Sequence[str], body: list[tuple[str, int]],
    last: ast.expr | ast.stmt,
) -> Lifted:  # fmt: skip
    """Return the text with the function behind it; each line of its `body` comes with its line in the file."""
    stand_ins = [record_of(state.run.framework).common_loss.format(name=name) for name in state.criteria]
    lines = [*stand_ins, *_under(guards, [line for line, _ in body])]
    code = "\n".join(f"    {line}" for line in lines)
    whole = f"{text.rstrip()}\n\n\ndef {_NAME}({', '.join(each.name for each in parameters)}):\n{code}\n"
    line = whole[: whole.rindex(f"def {_NAME}(")].count("\n") + 1
    named = {each.name: source for source, each in state.sources.items()}
    given = tuple((each.name, named.get(each.name, each.name)) for each in parameters)
    first = line + 1 + len(stand_ins) + len(guards)
    places = tuple(enumerate((stood for _, stood in body), first))
    return Lifted(whole, Target(_NAME, line, tuple(parameters)), given, last.lineno, places)


def _under(guards: Sequence[str], lines: list[str]) -> list[str]:
    for guard in reversed(guards):
        lines = [f"with {guard}:", *(f"    {line}" for line in lines)]
    return lines


def _parameters(state: Lift, body: Sequence[ast.stmt]) -> list[Parameter] | None:
    """Return what the lifted function takes; None where it calls something that only the step knows."""
    names = [name for name in free(body, set()) if not is_global(state, name) and name not in state.criteria]
    calls = [each.func for statement in body for each in ast.walk(statement) if isinstance(each, ast.Call)]
    if any(isinstance(each, ast.Name) and each.id in names for each in calls):
        return None
    if state.like is not None:
        known = state.like.target.parameters
        return list(known) if set(names) <= {each.name for each in known} else None
    own = {each.name for each in state.sources.values()}
    found = [*state.sources.values(), *(Parameter(name, _role(state, name)) for name in names if name not in own)]
    if any(each.role == "prediction" for each in found) or not state.adds_losses:
        return found
    live = _live_names(state, body)
    return [replace(each, role="prediction") if each.name in live else each for each in found]


def _live_names(state: Lift, body: Sequence[ast.stmt]) -> set[str]:
    """Return the names that hold a value with a gradient: what a layer is given, whose loss it adds itself."""
    names = (each for statement in body for each in ast.walk(statement) if isinstance(each, ast.Name))
    return {each.id for each in names if (fact := fact_of(state, each)) is not None and fact.value.live}


def _role(state: Lift, name: str) -> Role:
    """A variable of the module that is trained itself is what the gradient is asked for."""
    value = state.run.module.names.get(name)
    return "prediction" if value is not None and value.live else "target"
