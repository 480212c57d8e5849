"""Gradients are cleared, taken and used in this order: what clears them between `backward` and the step is moved.

It goes before the statement that takes the gradient, or, where a loop or another function holds it together with the
step, behind that. Where it would come a second time it is left out. A step that comes before the gradient is taken is
moved behind that.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autofix.fixes.repairs.program import FaultyProgram, Repair
from autofix.model import Edit, Site
from autofix.observe.observation import Stray
from autofix.rewrite.blocks import Block, blocks_around, ends_alone, moved_to, with_comments
from autofix.source.edits import apply_edits
from autofix.source.files import split_lines
from autofix.syntax.module import node_at, parents_of, statement_of

CODE = "AF310"
KIND = "cleared"


@dataclass(frozen=True)
class Order:
    """The calls that clear gradients, take them and step with them, each with those that lead there; inner first."""

    cleared: Sequence[Site]
    taken: Sequence[Site]
    stepped: Sequence[Site]


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which each optimizer steps with the gradients that were taken for it."""
    strays = [each.stray for each in program.faults if each.stray is not None and each.stray.kind == KIND]
    orders = list(map(_order_of, strays))
    if not orders or any(each.cleared[0].path != program.file for each in orders):
        return
    place, names = orders[0].cleared[0], frozenset(each.name for each in strays)
    for way in (_stepped_behind, _cleared_before, _cleared_behind):
        found = [way(program, each) for each in orders]
        if all(found):
            text = apply_edits(program.text, dict.fromkeys(edit for edits in found for edit in edits))
            spans = tuple(each.cleared[0].span for each in orders)
            yield Repair(CODE, place.span, f"`{place.expression}`", text, same_leaves=False, spans=spans, settles=names)


def _order_of(stray: Stray) -> Order:
    form, sites = json.loads(stray.form), stray.sites
    first, second = form["cleared"], form["cleared"] + form["taken"]
    return Order(sites[:first], sites[first:second], sites[second:])


def _stepped_behind(program: FaultyProgram, order: Order) -> list[Edit]:
    """Return the edits that move a step behind the statement that takes the gradient, where it comes before that."""
    for block, step, taken in _together(program, order.stepped, order.taken):
        return _moved(program, block[step], block[taken], before=False) if step < taken else []
    return []


def _cleared_before(program: FaultyProgram, order: Order) -> list[Edit]:
    """Return the edits that clear gradients before the statement that takes them, or no second time."""
    for block, cleared, taken in _together(program, order.cleared, order.taken):
        moved = block[cleared]
        if not isinstance(moved, (ast.Expr, ast.For)) or _holds(moved, program, order.stepped):
            return []
        if any(ast.dump(each) == ast.dump(moved) for each in block[:taken]):
            return [_without(program, moved)]
        return _moved(program, moved, block[taken], before=True)
    return []


def _cleared_behind(program: FaultyProgram, order: Order) -> list[Edit]:
    """Return the edits that clear gradients behind the step, for the next one."""
    for block, cleared, step in _together(program, order.cleared, order.stepped):
        is_simple = isinstance(block[cleared], (ast.Expr, ast.For))
        return _moved(program, block[cleared], block[step], before=False) if is_simple else []
    return []


def _together(
    program: FaultyProgram, ones: Sequence[Site], others: Sequence[Site]
) -> Iterator[tuple[Block, int, int]]:
    """Yield the innermost list of statements in which two calls stand apart, with the places of what they stand in."""
    for one in ones:
        for other in others:
            if one.path == other.path == program.file and one.function == other.function:
                around = {id(block): at for _, block, at in _around(program, other)}
                for _, block, at in _around(program, one):
                    if id(block) in around:
                        if around[id(block)] != at:
                            yield block, at, around[id(block)]
                        break


def _around(program: FaultyProgram, site: Site) -> list[tuple[ast.AST, Block, int]]:
    node = node_at(site, program.text)
    return blocks_around(program.tree, statement_of(parents_of(program.tree), node)) if node is not None else []


def _holds(statement: ast.stmt, program: FaultyProgram, sites: Sequence[Site]) -> bool:
    lines = range(statement.lineno, (statement.end_lineno or 0) + 1)
    return any(each.path == program.file and each.span.line in lines for each in sites)


def _moved(program: FaultyProgram, statement: ast.stmt, to: ast.stmt, before: bool) -> list[Edit]:
    """Return the edits that move a statement, with the comments above it, before another one or behind it."""
    lines = split_lines(program.text)
    if not (ends_alone(statement, lines) and ends_alone(to, lines)):
        return []
    line = with_comments(to, lines) if before else (to.end_lineno or 0) + 1
    there = Edit.of_lines(line, line, moved_to(program.text, program.tree, statement, program.margin_of(to)))
    return [there, _without(program, statement)]


def _without(program: FaultyProgram, statement: ast.stmt) -> Edit:
    lines = split_lines(program.text)
    return Edit.of_lines(with_comments(statement, lines), (statement.end_lineno or 0) + 1, "")
