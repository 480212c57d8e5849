"""Trees are walked as `ast.walk` walks them, and what is known of a node stays with it alone."""

from __future__ import annotations

import ast
import copy
from pathlib import Path

import pytest

from autofix.syntax.memo import called_in, nodes_of, remembered, walk

ROOT = Path(__file__).parents[2]
SOURCES = [*sorted((ROOT / "fixtures").glob("*.py")), *sorted((ROOT / "autofix").rglob("*.py"))]
RARE = """
global a, b
f(*x, **{**y, "k": 1}, z=lambda q=2, *, r, s=3: (yield))
match x:
    case {"k": [1, *rest], **others} | None | C(0, name=True) as whole if rest:
        del x.y[1:2, ...]; print(z := 3)
async def g(a: int, /, *b, c=1, **d) -> None:
    async with h() as t: await t
    return {k: v for k in [1] for v in {2}} if a < b <= c else f"{a!r:>{b}}"
"""


@pytest.mark.slow
@pytest.mark.parametrize("text", [*(path.read_text() for path in SOURCES), RARE])
def test_every_node_is_met_in_the_order_of_ast(text: str) -> None:
    tree = ast.parse(text)
    left_out = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)

    assert walk(tree) == [each for each in ast.walk(tree) if not isinstance(each, left_out)]


def test_nodes_of_one_kind_without_the_node_itself() -> None:
    tree = ast.parse("def f():\n    def g():\n        return h(k())\n")
    function = tree.body[0]

    assert [each.name for each in nodes_of(tree, ast.FunctionDef)] == ["f", "g"]
    assert [each.name for each in nodes_of(function, ast.FunctionDef)] == ["g"]
    assert [ast.unparse(each) for each in called_in(function)] == ["h", "k"]


def test_a_question_is_asked_once_of_a_node_and_anew_of_its_copy() -> None:
    asked = []

    @remembered
    def question(node: ast.AST) -> str:
        asked.append(node)
        return ast.unparse(node)

    tree = ast.parse("x = 1")
    assert question(tree) == question(tree) == "x = 1"
    assert asked == [tree]

    changed = copy.deepcopy(tree)
    changed.body[0].value = ast.Constant(2)  # type: ignore[attr-defined]
    assert question(changed) == "x = 2"
    assert question(tree) == "x = 1"


def test_none_is_an_answer_too() -> None:
    asked = []

    @remembered
    def question(node: ast.AST) -> None:
        asked.append(node)

    tree = ast.parse("x = 1")
    assert question(tree) is question(tree) is None
    assert asked == [tree]
