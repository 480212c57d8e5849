"""What the analysis knows of the loss at a line: the value of each expression, and what was decided for it and why.

Takes the run of a search, after its end (by `Looks.run`); decides nothing itself. It answers "why is this loss not
reported?" and "why is this one?" without a look into the engine.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autofix.analysis.attribution import blamed
from autofix.analysis.looks import Looks
from autofix.analysis.run import Run
from autofix.analysis.syntactic import differentiates, frameworks
from autofix.analysis.values import Choice, Class, Dotted, Function, Instance, Value
from autofix.knowledge import naming
from autofix.model import Cut, Framework, Kind, OwnRules
from autofix.syntax.memo import functions_in, walk
from autofix.syntax.module import first_line
from autofix.syntax.spans import Around, shortened

_NONE = OwnRules()
_LONGEST = 48
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_TOLD = (ast.Call, ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.Attribute, ast.Subscript, ast.IfExp, ast.Name)


@dataclass(frozen=True)
class Seen:
    """One expression, where it stands (lines from 1, columns from 1), and what is known of its value in words."""

    line: int
    column: int
    expression: str
    value: str


@dataclass(frozen=True)
class Account:
    """What is known of a function in one framework: its expressions in the order they run, and the decisions made."""

    loss: str
    line: int
    framework: Framework
    expressions: tuple[Seen, ...]
    decisions: tuple[str, ...]


def accounts_of(
    tree: ast.Module, text: str, line: int, own: OwnRules = _NONE, around: Around | None = None
) -> tuple[Account, ...]:
    """Return what is known of the innermost function around a line, or of the module's own lines; one a framework."""
    return tuple(_account(text, line, framework, own, around) for framework in frameworks(tree))


def _account(text: str, line: int, framework: Framework, own: OwnRules, around: Around | None) -> Account:
    run = Looks(own, around).run(text, framework)
    function = _around(run.tree, line)
    expressions = tuple(_expressions(run, function or run.tree))
    decisions = tuple(_of_function(run, function) if function is not None else _of_consumed(run, run.tree))
    name = function.name if function is not None else "<module>"
    return Account(name, function.lineno if function is not None else 1, framework, expressions, decisions)


def _around(tree: ast.Module, line: int) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """Return the innermost function whose lines, decorators included, hold this one."""
    found = [each for each in functions_in(tree) if first_line(each) <= line <= (each.end_lineno or each.lineno)]
    return max(found, key=lambda each: each.lineno, default=None)


def _expressions(run: Run, place: ast.AST) -> Iterator[Seen]:
    """Yield the expressions of a function in the order they are evaluated, those of inner functions left out."""
    for node in _in_order(place):
        fact = run.facts.by_key.get(run.positions.key(node))
        if fact is None or (isinstance(node, ast.Name) and not _is_worth_a_line(fact.value)):
            continue
        _, line, column, *_ = run.positions.key(node)
        written = " ".join(ast.unparse(node).split())
        yield Seen(line, column + 1, shortened(written, _LONGEST), in_words(fact.value))


def _in_order(place: ast.AST) -> Iterator[ast.expr]:
    for child in ast.iter_child_nodes(place):
        if not isinstance(child, (*_FUNCTIONS, ast.Lambda, ast.ClassDef)):
            yield from _in_order(child)
        if isinstance(child, _TOLD) and not isinstance(getattr(child, "ctx", None), ast.Store):
            yield child


def _is_worth_a_line(value: Value) -> bool:
    return value.derived or value.unknown


def in_words(value: Value) -> str:
    """Return what is known of a value, in a few words."""
    kind = _kind(value)
    if value.live:
        roots = sorted({root.name for root in value.roots if root.name})
        arrives = f", which arrives at {', '.join(f'`{each}`' for each in roots)}" if roots else ""
        also = f"; part of it loses its gradient: {_cuts(value.cuts)}" if value.cuts else ""
        return f"{kind} that carries a gradient{arrives}{also}"
    if value.cuts:
        return f"{kind} without a gradient: {_cuts(value.cuts)}"
    if isinstance(value.meaning, (Dotted, Function, Class, Instance)):
        return _meaning(value.meaning)
    if isinstance(value.meaning, Choice):
        return f"one of {', '.join(_meaning(each) for each in value.meaning.options if not hasattr(each, 'receiver'))}"
    if value.unknown:
        return "unknown: autofix could not follow how it is computed"
    return f"{kind} that depends on no known prediction"


def _kind(value: Value) -> str:
    known = {Kind.ARRAY: "an array", Kind.OTHER: "a value"}
    return known.get(value.kind, f"a {value.kind.value}")


def _meaning(meaning: object) -> str:
    match meaning:
        case Dotted(name=name):
            return f"`{name}`"
        case Function(qualname=name):
            return f"the function `{name}`"
        case Class(qualname=name):
            return f"the class `{name}`"
        case Instance():
            return f"an object of `{meaning.name}`"
    return "something else"


def _cuts(cuts: Iterable[Cut]) -> str:
    told = sorted(cuts, key=lambda cut: (cut.span, cut.code))
    return ", ".join(f"{cut.code} `{' '.join(cut.operation.split())}` in line {cut.span.line}" for cut in told)


def _of_function(run: Run, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Yield what was decided for a function and why, one sentence each."""
    calls = [each for each in run.journal.invocations if each.function.node is function]
    if not calls:
        yield (
            f"`{function.name}` was not analysed: no call here leads to a gradient, its name is not that of a loss "
            "(`loss`, `criterion`, `objective`, or the `forward` of such a class), and it does not compare "
            "a prediction with a target and make a tensor of the result again"
        )
        return
    yield from _of_arguments(function)
    results = {in_words(each.result): None for each in calls}
    times = "once" if len(calls) == 1 else f"{len(calls)} times"
    yield f"it was analysed {times}; it returns {' or '.join(results)}"
    if differentiates(function):
        yield from _of_consumed(run, function)
    elif any(each.result.cuts for each in calls):
        yield from _of_results(run, [each.result for each in calls])


def _of_arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args) if each.arg not in ("self", "cls")]
    roles = [f"`{name}` {_ROLES[naming.role(name)]}" for name in names]
    if roles:
        yield f"where no call shows it, by their names: {', '.join(roles)}"


_ROLES = {
    "prediction": "is a prediction",
    "target": "is a target",
    "number": "is a plain number",
    "unknown": "may be anything",
}


def _of_results(run: Run, results: Iterable[Value]) -> Iterator[str]:
    for value in dict.fromkeys(results):
        faults = blamed(value, run)
        if faults:
            yield f"a fault if it is differentiated: {_cuts(faults)}"
        held = value.cuts - faults
        if held:
            yield f"considered intentional, not a fault: {_cuts(held)}"


def _of_consumed(run: Run, place: ast.AST) -> Iterator[str]:
    """Yield what is differentiated in a piece of the module, and what is wrong with it."""
    inner = {id(node) for node in walk(place)}
    asked = [each for each in run.journal.consumed if id(each.node) in inner]
    if not asked:
        yield "nothing is differentiated here"
    for each in asked:
        line = getattr(each.node, "lineno", 0)
        yield f"line {line} differentiates {in_words(each.value)}"
        yield from _of_results(run, [each.value])
