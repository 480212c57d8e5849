"""A gradient that is lost in another file, told in this one: the calls that lead there, and where it can be mended."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace

from autofix.analysis import words
from autofix.analysis.facts import Fact, Invocation, span
from autofix.analysis.interpreter import Interpreter
from autofix.analysis.neighbours import STRIDE, Around, Neighbour
from autofix.analysis.values import Key, Value
from autofix.model import Cut, Elsewhere, Kind, Span


def calls_that_lead_to(
    cut: Cut, neighbour: Neighbour, reaching: frozenset[Key], interpreter: Interpreter
) -> frozenset[Cut]:
    """Return the cut at each call of this file that leads to it, among the expressions that the loss was made from.

    None where no such call is known: then nothing can be shown to the user either.
    """
    facts = interpreter.facts.by_key
    keys = [key for key, fact in facts.items() if key[1] < STRIDE and key[0] == "Call" and _brings(fact, cut)]
    chosen = [key for key in keys if key in reaching] or keys
    place = Elsewhere(as_seen_from(interpreter.around, neighbour), cut.span.line % STRIDE, cut.operation)
    return frozenset(
        replace(cut, span=span(key), operation=_written(interpreter.nodes.get(key)), elsewhere=place) for key in chosen
    )


def one_for_each_call(cuts: Iterable[Cut]) -> Iterator[Cut]:
    """Yield these cuts, of those to which the same call leads only the first."""
    first: dict[Span, Cut] = {}
    for cut in cuts:
        if cut.elsewhere is None:
            yield cut
        elif cut.span not in first or _place(cut) < _place(first[cut.span]):
            first[cut.span] = cut
    yield from first.values()


def _place(cut: Cut) -> tuple[str, int, str]:
    there = cut.elsewhere
    return (there.path, there.line, there.operation) if there is not None else ("", 0, "")


def is_helper(invocation: Invocation, asked: Value) -> bool:
    """Is another file's function something that a step goes through on its way to the loss, and not the loss itself?

    A loss gives a tensor, or what is differentiated as it is, and compares something with something else.
    """
    function, result = invocation.function, invocation.result
    if words.is_loss(function.qualname):
        return False
    alone = len(function.node.args.args) == 1 and not isinstance(function.node, ast.Lambda)
    return alone or (result.kind is not Kind.TENSOR and not result.makers <= asked.makers)


def _brings(fact: Fact, cut: Cut) -> bool:
    return cut in fact.value.cuts and not any(cut in operand.cuts for operand in fact.operands)


def _written(node: ast.AST | None) -> str:
    return ast.unparse(node) if node is not None else "this call"


def as_seen_from(around: Around | None, neighbour: Neighbour) -> str:
    """Return the path of another file from the folder of the one that is analysed."""
    return path_beside(around.path if around is not None else "", neighbour.path)


def path_beside(here: str, other: str) -> str:
    """Return the path of `other` from the folder of the file `here`, with forward slashes."""
    try:
        return os.path.relpath(other, os.path.dirname(here)).replace(os.sep, "/")  # noqa: PTH120
    except ValueError:  # on another drive
        return other


def mended_there(loss: str, home: Neighbour, interpreter: Interpreter) -> str:
    """Say where a loss is to be mended that this file only uses."""
    path = as_seen_from(interpreter.around, home)
    here = os.path.basename(interpreter.around.path) if interpreter.around is not None else ""  # noqa: PTH119
    return f"the loss `{loss}` is in another file, and is mended there: run `autofix {path} {here}`"
