"""From a loss that is a lambda without a name, an entry of a dictionary say, to what the verifier is asked.

The lambda gets a name behind the module's text, there and in each candidate, where it is the one of the same number.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from autofix.model import Framework, Generated, Request, Target

NAMELESS = "<lambda>"
_NAME = "loss_of_the_module"


def lambda_request(
    path: str, framework: Framework, target: Target, node: ast.Lambda, original: str, candidates: Sequence[str]
) -> Request | None:
    """Return the request; None where the lambda has a name, or needs what only the function around it has."""
    if target.qualname != NAMELESS:
        return None
    places = [(each.lineno, each.col_offset) for each in _outside_functions(ast.parse(original))]
    place = (node.lineno, node.col_offset)
    if place not in places:
        return None
    number = places.index(place)
    before, *after = [_named(text, number, len(places)) for text in (original, *candidates)]
    if before is None or any(each is None for each in after):
        return None
    named = replace(target, qualname=_NAME, line=before[1].first)
    texts, generated = zip(*(each for each in after if each is not None), strict=True) if after else ((), ())
    return Request(path, framework, named, before[0], texts, generated=before[1], generated_candidates=generated)


def _named(text: str, number: int, count: int) -> tuple[str, Generated] | None:
    found = list(_outside_functions(ast.parse(text)))
    if len(found) != count:
        return None
    whole = f"{text.rstrip()}\n\n\n{_NAME} = {ast.unparse(found[number])}\n"
    line = whole.count("\n")
    return whole, Generated(line, {line: found[number].body.lineno})


def _outside_functions(node: ast.AST) -> Iterator[ast.Lambda]:
    """Yield the lambdas that see only the names of the module, in their order."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Lambda):
            yield child
        elif not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield from _outside_functions(child)
