"""Where a piece of syntax stands: characters, lines and the file."""

from __future__ import annotations

import ast

from autofix.syntax.parsing import parsed
from autofix.syntax.spans import Positions, file_of, in_place_of, is_here, is_within, neighbour, span

TEXT = "def f(x):\n    return 'é' + x\n"


def _returned(tree: ast.Module) -> ast.expr:
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    statement = function.body[0]
    assert isinstance(statement, ast.Return)
    assert statement.value is not None
    return statement.value


def test_columns_count_characters() -> None:
    where = span(Positions(TEXT).key(_returned(parsed(TEXT))))

    assert (where.line, where.column, where.end_line, where.end_column) == (2, 12, 2, 19)


def test_the_same_text_in_two_files_stands_in_two_places() -> None:
    here, there = parsed(TEXT), neighbour("/project/other.py", TEXT).tree
    positions = Positions(TEXT)
    positions.add("/project/other.py", TEXT)
    mine, other = positions.key(_returned(here)), positions.key(_returned(there))

    assert mine != other
    assert mine[:5] == other[:5]
    assert (span(mine).file, span(other).file) == ("", "/project/other.py")


def test_what_stands_in_a_function_is_in_its_file() -> None:
    here, there = parsed(TEXT), neighbour("/project/other.py", TEXT).tree
    key = Positions(TEXT).key(_returned(here))

    assert is_within(key, here.body[0])
    assert is_within(span(key), here.body[0])
    assert not is_within(key, there.body[0])


def test_a_node_that_two_trees_share_is_in_no_file() -> None:
    name = ast.parse("x", mode="eval").body
    neighbour("/project/other.py", "x")

    assert isinstance(name, ast.Name)
    assert is_here(name)
    assert is_here(name.ctx)


def test_a_node_that_stands_for_another_is_in_its_file() -> None:
    old = _returned(neighbour("/project/other.py", TEXT).tree)
    new = in_place_of(ast.Name("y", ast.Load()), old)

    assert file_of(new) == "/project/other.py"
    assert new.lineno == 2
