"""Which branches a place in a module lies in: of two places in different arms of one `if`, a run comes to one only."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

Arm = tuple[int, int, int]
"""The line and the column of what branches, and the number of the arm."""

_JUMPS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def arms_at(tree: ast.AST, line: int) -> frozenset[Arm]:
    """Return the arms in which the statement in a line stands."""
    return frozenset(_arms(tree, line))


def are_exclusive(one: frozenset[Arm], other: frozenset[Arm]) -> bool:
    """Do two places lie in different arms of the same branching?"""
    taken = {arm[:2]: arm[2] for arm in one}
    return any(taken.get(arm[:2], arm[2]) != arm[2] for arm in other)


def _arms(node: ast.AST, line: int) -> Iterator[Arm]:
    for number, block in enumerate(_blocks(node)):
        at = next((index for index, each in enumerate(block) if _holds(each, line)), None)
        if at is None:
            continue
        if isinstance(node, (ast.If, ast.Match)):
            yield (node.lineno, node.col_offset, number)
        for before in block[:at]:
            if isinstance(before, ast.If):
                yield from _passed(before)
        yield from _arms(block[at], line)


def _passed(statement: ast.If) -> Iterator[Arm]:
    """Yield the arm that was taken where a run has come past an `if`, because it would have left in the other."""
    place = statement.lineno, statement.col_offset
    if isinstance(statement.body[-1], _JUMPS):
        yield (*place, 1)
        for inner in statement.orelse:
            if isinstance(inner, ast.If):
                yield from _passed(inner)
    elif statement.orelse and isinstance(statement.orelse[-1], _JUMPS):
        yield (*place, 0)


def _blocks(node: ast.AST) -> list[Sequence[ast.stmt]]:
    if isinstance(node, ast.Match):
        return [case.body for case in node.cases]
    names = ("body", "orelse", "finalbody")
    blocks = [block for name in names if isinstance(block := getattr(node, name, None), list)]
    return [*blocks, *(handler.body for handler in getattr(node, "handlers", ()))]


def _holds(statement: ast.stmt, line: int) -> bool:
    first = min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", ()))])
    last: int = statement.end_lineno or statement.lineno
    return bool(first <= line <= last)
