"""Edits that indent and dedent statements as they are: comments and layout stay, what is in a string does too."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autofix.model import Edit, Span
from autofix.source.files import split_lines
from autofix.syntax.module import first_line, parents_of

Block = list[ast.stmt]


def blocks(tree: ast.AST) -> Iterator[tuple[ast.AST, Block]]:
    """Yield each list of statements, with the node that holds it."""
    for node in ast.walk(tree):
        for _, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                yield node, value


def block_of(tree: ast.AST, statement: ast.stmt) -> Block:
    """Return the list of statements in which a statement stands."""
    return next(block for _, block in blocks(tree) if any(each is statement for each in block))


def with_comments(statement: ast.stmt, lines: Sequence[str]) -> int:
    """Return the first line of a statement, the comments right above it included; `lines` count from 0."""
    first = first_line(statement)
    margin = lines[first - 1][: statement.col_offset]
    while first > 1 and lines[first - 2].startswith(f"{margin}#"):
        first -= 1
    return first


def indented(text: str, tree: ast.AST, first: int, last: int, by: str) -> list[Edit]:
    """Return the edits that indent these lines."""
    lines, inside = split_lines(text), _in_strings(tree)
    wanted = (each for each in range(first, last + 1) if each not in inside and lines[each - 1].strip())
    return [Edit(Span(each, 1, each, 1), by) for each in wanted]


def dedented(text: str, tree: ast.AST, first: int, last: int, by: int) -> list[Edit]:
    """Return the edits that take so many characters from the start of these lines, where they are blank."""
    lines, inside = split_lines(text), _in_strings(tree)
    wanted = (each for each in range(first, last + 1) if each not in inside)
    return [Edit(Span(each, 1, each, by + 1), "") for each in wanted if not lines[each - 1][:by].strip("\t ")
            and len(lines[each - 1].rstrip("\r\n")) >= by]  # fmt: skip


def moved_to(text: str, tree: ast.AST, statement: ast.stmt, margin: str) -> str:
    """Return a statement with the comments above it, indented with another margin; what is in a string stays."""
    lines, inside = split_lines(text), _in_strings(tree)
    first, last = with_comments(statement, lines), statement.end_lineno or 0
    own = lines[first_line(statement) - 1][: statement.col_offset]
    moved = [
        line if each in inside or not line.strip() else margin + line.removeprefix(own)
        for each, line in enumerate(lines[first - 1 : last], first)
    ]
    return "".join(moved).rstrip("\r\n") + "\n"


def blocks_around(tree: ast.AST, node: ast.AST) -> list[tuple[ast.AST, Block, int]]:
    """Return the lists of statements in which a node stands, the inner ones first, each with its holder and place."""
    parents = parents_of(tree)
    found: list[tuple[ast.AST, Block, int]] = []
    while (holder := parents.get(node)) is not None:
        for _, value in ast.iter_fields(holder):
            if isinstance(value, list) and isinstance(node, ast.stmt) and any(each is node for each in value):
                found.append((holder, value, next(at for at, each in enumerate(value) if each is node)))
        node = holder
    return found


def _in_strings(tree: ast.AST) -> frozenset[int]:
    """Return the lines that begin inside a string."""
    strings = (each for each in ast.walk(tree) if isinstance(each, (ast.Constant, ast.JoinedStr)))
    return frozenset(line for each in strings for line in range(each.lineno + 1, (each.end_lineno or 0) + 1))


def ends_alone(statement: ast.stmt, lines: Sequence[str]) -> bool:
    """Does a statement stand on lines of its own?"""
    before = lines[first_line(statement) - 1].encode()[: statement.col_offset].strip()
    after = lines[(statement.end_lineno or 0) - 1].encode()[statement.end_col_offset or 0 :].strip()
    return not before and (not after or after.startswith(b"#"))
