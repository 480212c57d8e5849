"""Where the lines of a statement stood, once it is written anew: nothing of its layout is kept then."""

from __future__ import annotations

import ast


def lines_of(statement: ast.stmt) -> list[tuple[str, int]]:
    """Return the lines in which a statement is written anew, each with the line where its part stands in its file."""
    written = ast.unparse(ast.fix_missing_locations(statement)).splitlines()
    again = ast.parse("\n".join(written)).body[0]
    stood = {new.lineno: old.lineno for old, new in zip(_statements(statement), _statements(again), strict=False)}
    lines: list[tuple[str, int]] = []
    place = getattr(statement, "lineno", 1)
    for number, line in enumerate(written, 1):
        place = stood.get(number, place)
        lines.append((line, place))
    return lines


def _statements(node: ast.stmt) -> list[ast.stmt]:
    return [each for each in ast.walk(node) if isinstance(each, ast.stmt)]
