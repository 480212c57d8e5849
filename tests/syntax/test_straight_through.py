"""Sums that pass a gradient straight through are told from other ones with a cut."""

from __future__ import annotations

import ast

import pytest

from autofix.syntax.module import parents_of
from autofix.syntax.straight_through import is_straight_through


def is_one(text: str) -> bool:
    """Ask of the first cut in an expression."""
    tree = ast.parse(text)
    cuts = [each for each in ast.walk(tree) if isinstance(each, ast.Call) and "(" in ast.unparse(each)]
    cut = next(each for each in cuts if ast.unparse(each.func).endswith(("detach", "stop_gradient")))
    return is_straight_through(cut, parents_of(tree))


@pytest.mark.parametrize(
    "text",
    [
        "x + (q - x).detach()",
        "(q - x).detach() + x",
        "x - (x - q).detach()",
        "q.detach() + x - x.detach()",
        "x - x.detach()",
        "net(x) + tf.stop_gradient(tf.round(y) - net(x))",
        "f(1 + z + tf.stop_gradient(e - z))",
    ],
)
def test_a_gradient_is_passed_straight_through(text: str) -> None:
    assert is_one(text)


@pytest.mark.parametrize(
    "text",
    [
        "x.detach()",
        "x + q.detach()",
        "(x - q.detach()) ** 2 + x",
        "x + 0.1 * (q - x).detach()",
        "x + tf.stop_gradient(q + x)",
        "loss(q, x.detach()) + x",
    ],
)
def test_another_cut_is_none(text: str) -> None:
    assert not is_one(text)
