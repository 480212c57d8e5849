"""Lifts the loss out of a training step: a function of what the model returned, which can be run without the model.

Takes the text of a module and one of its consumers, the call that differentiates (`loss.backward()`,
`tape.gradient(loss, …)`) or the `return` of a method whose result a library differentiates; gives the text with a
function behind it, whose parameters are the results of the model's calls and the data that meets them. The model itself
and the optimizer stay out: from its output on, the gradient is the framework's own. The lines of what is written anew
are kept, so that what is said of them names those of the file.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from autofix.analysis.functions import ends_recording
from autofix.analysis.lifting.substitution import (
    Lift,
    Lifted,
    fact_of,
    is_global,
    new_lift,
    note_step,
    slice_of,
    without_model,
)
from autofix.analysis.run import Consumption, Run
from autofix.analysis.tapes import path_to
from autofix.analysis.values import Function
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.trainers import LOSS_ENTRY
from autofix.model import Parameter, Role, Target
from autofix.syntax.bindings import free
from autofix.syntax.spans import file_of, lines_of


def consumers(consumed: Sequence[Consumption]) -> list[ast.Call]:
    """Return the calls that consume a loss, each once, in their order in the file."""
    found = {id(each.node): each.node for each in consumed if isinstance(each.node, ast.Call)}
    return sorted(found.values(), key=lambda each: (file_of(each), each.lineno, each.col_offset))


def returned(function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.Return | None:
    """Return the last statement that gives the loss of a method back to the library."""
    found = [each for each in ast.walk(function) if isinstance(each, ast.Return) and each.value is not None]
    return max(found, key=lambda each: each.lineno) if found else None


def asked(consumer: ast.Call | ast.Return, run: Run) -> tuple[ast.expr, ast.Call | ast.Return | ast.expr] | None:
    """Return the loss, and what it stands in: the statements of the step are those before that."""
    if isinstance(consumer, ast.Return):
        return (_loss_in(consumer.value), consumer) if consumer.value is not None else None
    loss = _consumed(consumer)
    if not (isinstance(consumer.func, ast.Attribute) and consumer.func.attr == "minimize"):
        return loss, consumer
    if isinstance(loss, ast.Lambda):
        return loss.body, consumer
    fact = run.facts.by_key.get(run.positions.key(loss))
    function = fact.value.meaning.node if fact is not None and isinstance(fact.value.meaning, Function) else None
    if function is None:
        return loss, consumer
    if isinstance(function, ast.Lambda):
        return function.body, function.body
    last = returned(function)
    return (last.value, last) if last is not None and last.value is not None else None


def _loss_in(result: ast.expr) -> ast.expr:
    """Return the loss in what a method gives back: itself, the entry `loss`, the first of several."""
    if isinstance(result, ast.IfExp):
        return _loss_in(result.orelse if isinstance(result.body, ast.Tuple) else result.body)
    if isinstance(result, ast.Tuple) and result.elts:
        return result.elts[0]
    if isinstance(result, ast.Dict):
        pairs = zip(result.keys, result.values, strict=True)
        return next((value for key, value in pairs if getattr(key, "value", None) == LOSS_ENTRY), result)
    return result


def _consumed(consumer: ast.Call) -> ast.expr:
    """Return the loss in `loss.backward()`, `tape.gradient(loss, …)` and the like."""
    func = consumer.func
    if isinstance(func, ast.Attribute) and func.attr == "backward" and not consumer.args:
        return func.value
    return consumer.args[0] if consumer.args else consumer.keywords[0].value


def guards_around(tree: ast.Module, last: ast.AST, run: Run) -> list[str]:
    """Return the blocks around a consumer, and the decorators, under which nothing is recorded, from outside in."""
    guards: list[str] = []
    for node, _ in path_to(tree, last):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            guards = [ast.unparse(each) for each in node.decorator_list
                      if ends_recording(run, each, run.module)]  # fmt: skip
        elif isinstance(node, ast.With):
            guards += [ast.unparse(each.context_expr) for each in node.items
                       if ends_recording(run, each.context_expr, run.module)]  # fmt: skip
    return [each if each.endswith(")") else f"{each}()" for each in guards]


def statements_before(tree: ast.Module, consumer: ast.AST) -> list[ast.stmt]:
    """Return the statements of the innermost loop or function that run before the consumer, blocks of tapes opened."""
    body: Sequence[ast.stmt] = tree.body
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.While, ast.FunctionDef, ast.AsyncFunctionDef)) and _holds(node, consumer):
            body = node.body
    return list(_until(body, consumer))


def _until(body: Sequence[ast.stmt], consumer: ast.AST) -> Iterator[ast.stmt]:
    for statement in body:
        tape = isinstance(statement, ast.With) and "Tape" in ast.unparse(statement.items[0].context_expr)
        here = _holds(statement, consumer)
        if isinstance(statement, (ast.With, ast.If)) and (tape or here):
            yield from _until(statement.body, consumer)
        if here:
            return
        if not tape:
            yield statement


def _holds(node: ast.AST, wanted: ast.AST) -> bool:
    return any(each is wanted for each in ast.walk(node))


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
