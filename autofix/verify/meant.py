"""Which values the author of a loss holds fixed in passing: `adv = ret - value.detach()`, in every candidate as well.

Where a patch is right but for such a value, finite differences are taken once more with it held where it was.
"""

from __future__ import annotations

import ast
import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from autofix.analysis import words
from autofix.verify.intent import GUARDS

Place = tuple[int, int, int, int]
CUTS = frozenset({"detach", "stop_gradient"})


def meant_fixed(functions: Iterable[ast.AST], candidates: Sequence[str]) -> dict[Place, str]:
    """The places of what is cut on the way to a name that says target, each as written; all candidates keep it."""
    kept = [Counter(map(ast.unparse, _assignments(each))) for each in _readable(candidates)]
    found: dict[Place, str] = {}
    for function in functions:
        guarded = {id(each) for block in ast.walk(function) if _is_guard(block) for each in ast.walk(block)}
        written = Counter(map(ast.unparse, _assignments(function)))
        for statement in _assignments(function):
            text = ast.unparse(statement)
            if _is_of_target(statement) and all(each[text] >= written[text] for each in kept):
                pieces = [statement.value] if id(statement) in guarded else _cut_in(statement.value)
                found |= {place(each): ast.unparse(each) for each in pieces}
    return found


def _readable(texts: Iterable[str]) -> Iterator[ast.Module]:
    for each in texts:
        with contextlib.suppress(SyntaxError, ValueError):
            yield ast.parse(each)


def place(node: ast.expr) -> Place:
    return node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0


def _assignments(node: ast.AST) -> Iterator[ast.Assign]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Assign))


def _is_of_target(statement: ast.Assign) -> bool:
    names = [each.id for each in statement.targets if isinstance(each, ast.Name)]
    return len(names) == len(statement.targets) and all(words.role(each) == "target" for each in names)


def _is_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.With) and any(
        isinstance(part, ast.Attribute) and part.attr in GUARDS for one in node.items for part in ast.walk(one)
    )


def _cut_in(value: ast.expr) -> list[ast.expr]:
    return [each for each in ast.walk(value) if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute)
            and each.func.attr in CUTS]  # fmt: skip
