"""Where a training step asks for a gradient: its consumers, the loss in each, and what runs before it.

A consumer is the call that differentiates (`loss.backward()`, `tape.gradient(loss, …)`), or the `return` of a method
whose result a library differentiates.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autofix.analysis.functions import ends_recording
from autofix.analysis.run import Consumption, Run
from autofix.analysis.tapes import path_to
from autofix.analysis.values import Function
from autofix.knowledge.trainers import LOSS_ENTRY
from autofix.syntax.neighbours import file_of


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
