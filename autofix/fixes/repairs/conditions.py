"""Code that is recorded under the wrong condition: `set_grad_enabled(phase == "val")` is turned round, and a condition
that asks for a builtin function (`not eval`) asks for the parameter that it was to ask for (`not evaluate`).
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from difflib import SequenceMatcher

from autofix.fixes.repairs.program import FaultyProgram, FunctionNode, Repair
from autofix.fixes.repairs.recording import CODE, condition_of, guards_around
from autofix.knowledge.naming import says_whether_it_trains
from autofix.model import Edit
from autofix.source.edits import apply_edits
from autofix.syntax.bindings import bound, parameters
from autofix.syntax.memo import nodes_of

_OPPOSITE = {ast.Eq: "!=", ast.NotEq: "==", ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in"}
_WHAT = "nothing is recorded under {operation}: its condition does not hold where the loss is differentiated"


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which the condition of a block that is not recorded is another one."""
    guards = (each for sites in program.sites_of(CODE) for each in guards_around(program.tree, sites))
    known = {id(each.guard): each.guard for each in guards}.values()
    for guard in known:
        condition = condition_of(guard)
        if condition is None:
            continue
        place = program.place_of(guard)
        for edit in _otherwise(program, _definition(program, condition)):
            yield Repair(CODE, place, f"`{ast.unparse(guard)}`", apply_edits(program.text, [edit]), _WHAT)


def _definition(program: FaultyProgram, condition: ast.expr) -> ast.expr:
    """Return what a name stands for that is given a value once in its function, else the condition as it is."""
    if not isinstance(condition, ast.Name):
        return condition
    around = ast.walk(program.function_at(condition.lineno))
    values = [each.value for each in around if isinstance(each, ast.Assign) and condition.id in bound(each)]
    return values[0] if len(values) == 1 else condition


def _otherwise(program: FaultyProgram, condition: ast.expr) -> Iterator[Edit]:
    """Yield the edits of a condition, the likeliest first."""
    function = program.function_at(condition.lineno)
    given = [each.arg for each in parameters(function)] if isinstance(function, FunctionNode) else []
    known = {name for each in nodes_of(program.tree, ast.stmt) for name in bound(each)} | set(given)
    for name in (each for each in ast.walk(condition) if isinstance(each, ast.Name)):
        if hasattr(builtins, name.id) and name.id not in known:
            yield from (Edit(program.place_of(name), each) for each in _alike(name.id, given))
    if any(says_whether_it_trains(each) for each in _words(condition)):
        yield Edit(program.place_of(condition), _opposite(program, condition))


def _alike(name: str, others: list[str]) -> list[str]:
    """Return the names that one may have been meant for, the likest first."""
    alike = {each: SequenceMatcher(None, name, each.lower()).ratio() for each in others}
    return sorted((each for each in others if alike[each] > 0.5), key=lambda each: -alike[each])


def _words(condition: ast.expr) -> Iterator[str]:
    for each in ast.walk(condition):
        if isinstance(each, ast.Name):
            yield each.id
        elif isinstance(each, ast.Attribute):
            yield each.attr
        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def _opposite(program: FaultyProgram, condition: ast.expr) -> str:
    source = program.source_of
    if isinstance(condition, ast.UnaryOp) and isinstance(condition.op, ast.Not):
        return source(condition.operand)
    if isinstance(condition, ast.Compare) and len(condition.ops) == 1 and type(condition.ops[0]) in _OPPOSITE:
        return f"{source(condition.left)} {_OPPOSITE[type(condition.ops[0])]} {source(condition.comparators[0])}"
    simple = isinstance(condition, (ast.Name, ast.Attribute, ast.Call, ast.Subscript))
    return f"not {source(condition)}" if simple else f"not ({source(condition)})"
