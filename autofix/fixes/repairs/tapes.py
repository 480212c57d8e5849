"""A tape that begins after what it is to record, or ends before the value that is differentiated: its block grows.

The head of the block moves up over the statements before it, which are indented, a whole loop with all that is in it;
or what stands between its end and the call of `gradient` moves in.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autofix.fixes.repairs.program import FaultyProgram, Repair
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import values
from autofix.model import Edit, Span
from autofix.rewrite.blocks import Block, blocks, ends_alone, indented, with_comments
from autofix.source.edits import apply_edits
from autofix.source.files import split_lines

CODE = "AF301"
MOST_MOVES = 5
_ASKS = frozenset(name for name, by in values("consumes").items() if by == "tape")


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which the tape of a value without a gradient records more."""
    if not record_of(program.framework).has_tape:
        return
    asked = {each.event.sites[0].span.line for each in program.faults if each.event is not None and each.event.sites}
    for node, block in blocks(program.tree):
        for at, statement in enumerate(block):
            if isinstance(statement, ast.With) and (call := _asked_of(statement, node, asked)) is not None:
                yield from _grown(program, block, at, statement, call)


def _asked_of(block: ast.With, owner: ast.AST, lines: set[int]) -> ast.Call | None:
    """Return the call that takes the gradient of the tape of a block; None where that is none of the lines."""
    names = {each.optional_vars.id for each in block.items if isinstance(each.optional_vars, ast.Name)}
    calls = (each for each in ast.walk(owner) if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute))
    for call in calls:
        assert isinstance(call.func, ast.Attribute)
        owned = isinstance(call.func.value, ast.Name) and call.func.value.id in names
        if owned and call.func.attr in _ASKS and call.lineno <= max(lines, default=0) <= (call.end_lineno or 0):
            return call
    return None


def _grown(program: FaultyProgram, block: Block, at: int, tape: ast.With, call: ast.Call) -> Iterator[Repair]:
    """Yield the texts with the head of a block further up, its end further down, and both."""
    lines, found = split_lines(program.text), {each.span.line for each in program.findings if each.code == CODE}
    if tape.body[0].lineno == tape.lineno or not all(ends_alone(each, lines) for each in tape.body):
        return
    starts = _starts(block, at, found)
    ends = _behind(block, at, call)
    options = [(start, 0) for start in starts] + ([(at, ends), *((start, ends) for start in starts)] if ends else [])
    for start, more in options[: 2 * MOST_MOVES]:
        if not all(ends_alone(each, lines) for each in (*block[start:at], *block[at + 1 : at + 1 + more])):
            continue
        first = block[start] if start < at else block[at + 1]
        operation = f"`{ast.unparse(first).splitlines()[0].rstrip(':')}`"
        place = program.place_of(first)
        yield Repair(CODE, _head_of(place, first), operation, _moved(program, block, start, at, more), grows=True)


def _head_of(place: Span, statement: ast.stmt) -> Span:
    """Return the first line alone of a statement that has a body."""
    return place if place.line == place.end_line else Span(place.line, place.column, place.line + 1, 1)


def _starts(block: Block, at: int, found: set[int]) -> list[int]:
    """Return where a block may begin: at the statements that compute something, those that are named first."""
    before = [each for each in range(at - 1, -1, -1) if _computes(block[each])]
    named = [
        each for each in before if any(line in found for line in range(block[each].lineno, _last(block[each]) + 1))
    ]
    first = [min(named)] if named else []
    return list(dict.fromkeys([*first, *before]))[:MOST_MOVES]


def _last(statement: ast.stmt) -> int:
    return statement.end_lineno or 0


def _computes(statement: ast.stmt) -> bool:
    is_plain = isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom))
    return not is_plain and any(isinstance(each, (ast.Call, ast.BinOp)) for each in ast.walk(statement))


def _behind(block: Block, at: int, call: ast.Call) -> int:
    """Return how many statements stand between a tape's block and the one that asks for its gradient."""
    for number, each in enumerate(block[at + 1 :]):
        if each.lineno <= call.lineno <= _last(each):
            return number if not isinstance(each, (ast.For, ast.While)) else 0
    return 0


def _moved(program: FaultyProgram, block: Block, start: int, at: int, more: int) -> str:
    """Return the text in which the block of the tape at `at` begins at `start` and has so many more statements."""
    text, tree, tape = program.text, program.tree, block[at]
    assert isinstance(tape, ast.With)
    lines = split_lines(text)
    by = lines[tape.body[0].lineno - 1][tape.col_offset : tape.body[0].col_offset]
    head = max(each.context_expr.end_lineno or 0 for each in tape.items)
    edits: list[Edit] = []
    if start < at:
        first = with_comments(block[start], lines)
        edits.append(Edit.of_lines(tape.lineno, head + 1, ""))
        edits += indented(text, tree, first, tape.lineno - 1, by)
        edits.append(Edit.of_lines(first, first, "".join(lines[tape.lineno - 1 : head])))  # in front of what it indents
    if more:
        edits += indented(text, tree, _last(tape) + 1, _last(block[at + more]), by)
    return apply_edits(text, edits)
