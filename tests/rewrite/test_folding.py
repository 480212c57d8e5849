"""Numbers that the call shows are worked out in the text; what is not the rule's own stays as it was written."""

from __future__ import annotations

import ast

import pytest

from autofix.model import Reason
from autofix.rewrite.catalogue import Catalogue
from autofix.rewrite.evaluate import folded
from autofix.rewrite.literal import code_of
from tests.rules.calls import ALIASES, arguments_of, name_of


def _folded(text: str) -> str:
    node = ast.parse(text, mode="eval").body
    assert isinstance(node, ast.BinOp)
    return ast.unparse(folded(node, {}))


@pytest.mark.parametrize(
    ("text", "expected"), [("4 + 1", "5"), ("5 / 2", "2.5"), ("2 * 1.5", "3.0"), ("x / 1", "x"), ("1 * x", "x")]
)
def test_numbers_are_worked_out(text: str, expected: str) -> None:
    assert _folded(text) == expected


@pytest.mark.parametrize("text", ["1 / 3", "1 / 0", "x * 1.0", "1 / x", "x - 0", "2 ** 3", "True + 1"])
def test_the_rest_stays(text: str) -> None:
    assert _folded(text) == text


def _spelled(text: str) -> str:
    found = Catalogue.load("torch").render(name_of(text), arguments_of(text, False), ALIASES["torch"])
    assert not isinstance(found, Reason)
    return code_of(found[0].expression)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stats.laplace.pdf(x)", "torch.exp(-torch.abs(x)) / 2"),
        ("stats.laplace.pdf(x, scale=y)", "torch.exp(-torch.abs(x / y)) / (2 * y)"),
        ("np.multiply(x, 1)", "torch.multiply(x, 1)"),
        ("math.pow(s, 1)", "torch.pow(s, 1)"),
    ],
)
def test_the_text_of_a_rule_is_as_a_person_writes_it(text: str, expected: str) -> None:
    assert _spelled(text) == expected
