"""Other values of what a loss decides by: flags flipped, modes as it compares them, options that default to None.

Takes the functions of a slice; gives what to try where a changed line was not run, each a value of one name: of an
argument, of an attribute of the loss, or of a name of its module. Nothing is run here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from autofix.syntax.bindings import FunctionNode, parameters
from autofix.worker.records import Variant

_MOST = 24
_OWN = ("self", "cls")
_TENSORS = ("bool", "positive")


def variants(function: FunctionNode, used: Iterable[ast.AST]) -> list[Variant]:
    """Return what to try, each as `{"name", "where", "value"}`; of a tensor it is `"kind"` and `"rows"` for the value.

    `where` is `argument`, `attribute` or `global`; `rows` says that it has one number for each row of a prediction.
    """
    nodes = [function, *used]
    arguments = {each.arg for each in parameters(function)} - set(_OWN)
    globals_ = {name.id for each in nodes if isinstance(each, (ast.Assign, ast.AnnAssign)) for name in _bound(each)}
    found: list[Variant] = []
    for node in (piece for each in nodes for piece in ast.walk(each)):
        for subject, values in _decided(node):
            where, name = _place(subject, arguments, globals_)
            for value in values if where else ():
                if value is _ANY_TENSOR:
                    found += [
                        {"name": name, "where": where, "kind": kind, "rows": rows}
                        for kind in _TENSORS
                        for rows in (False, True)
                        if where == "argument"
                    ]
                else:
                    found.append({"name": name, "where": where, "value": value})
    return [each for at, each in enumerate(found) if each not in found[:at]][:_MOST]


_ANY_TENSOR = object()


def _bound(statement: ast.Assign | ast.AnnAssign) -> Iterator[ast.Name]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return (each for target in targets for each in ast.walk(target) if isinstance(each, ast.Name))


def _place(subject: ast.expr, arguments: set[str], globals_: set[str]) -> tuple[str, str]:
    match subject:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return "attribute", name
        case ast.Name(id=name) if name in arguments:
            return "argument", name
        case ast.Name(id=name) if name in globals_:
            return "global", name
    return "", ""


def _decided(node: ast.AST) -> Iterator[tuple[ast.expr, list[Any]]]:
    """Yield what a node decides by, and the values that lead to each of its ways."""
    if isinstance(node, (ast.If, ast.IfExp, ast.While)):
        for subject in _truths(node.test):
            yield subject, [True, False]
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from _compared(node.left, node.ops[0], node.comparators[0])
    elif isinstance(node, ast.Match):
        literals = [each.pattern.value for each in node.cases if isinstance(each.pattern, ast.MatchValue)]
        yield node.subject, [each.value for each in literals if isinstance(each, ast.Constant)]


def _truths(test: ast.expr) -> Iterator[ast.expr]:
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            yield from _truths(inner)
        case ast.BoolOp(values=parts):
            for part in parts:
                yield from _truths(part)
        case ast.Name() | ast.Attribute():
            yield test


def _compared(subject: ast.expr, operator: ast.cmpop, other: ast.expr) -> Iterator[tuple[ast.expr, list[Any]]]:
    match operator, other:
        case ((ast.Is() | ast.IsNot()), ast.Constant(value=None)):
            yield subject, [None, _ANY_TENSOR]
        case ((ast.Eq() | ast.NotEq()), ast.Constant(value=bool() | int() | float() | str() as value)):
            away = "" if isinstance(value, str) else value + 1
            yield subject, [value, away]
        case ((ast.In() | ast.NotIn()), (ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts))):
            yield subject, [each.value for each in parts if isinstance(each, ast.Constant)]
        case ((ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()), ast.Constant(value=int() | float() as value)):
            yield subject, [value + 1, value - 1 if value >= 1 else value / 2]
