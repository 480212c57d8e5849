"""How an expression at which a gradient ends is written without the end; what has no such spelling has none."""

from __future__ import annotations

import ast

import pytest

from autofix.fixes.spellings import spellings
from autofix.model import OwnRules, Site, Span
from autofix.observe.observation import End
from autofix.source.edits import apply_edits
from autofix.syntax.module import node_at


def end(text: str, expression: str, code: str, form: str = "") -> End:
    """An end at the only place of an expression in a text."""
    before, _, _ = text.partition(expression)
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    span = Span(line, column, line + expression.count("\n"), column + len(expression))
    if "\n" in expression:
        span = Span(line, column, span.end_line, len(expression) - expression.rfind("\n"))
    return End(code, False, (Site("/p/a.py", span, expression, "f"),), 1.0, 1, 0, form)


def written(text: str, expression: str, code: str, form: str = "") -> list[str]:
    return [
        apply_edits(text, [each]) for each in spellings(end(text, expression, code, form), text, "torch", OwnRules())
    ]


@pytest.mark.parametrize(
    ("text", "expression", "code", "expected"),
    [
        ("g = torch.autograd.grad(f(x), x)", "torch.autograd.grad(f(x), x)", "AF307",
         "g = torch.autograd.grad(f(x), x, create_graph=True)"),
        ("g = grad(f(x),\n         x,\n         )", "grad(f(x),\n         x,\n         )", "AF307",
         "g = grad(f(x),\n         x, create_graph=True)"),
        ("y = net(x).detach()", "net(x).detach()", "AF103", "y = net(x)"),
        ("y = (a + b).detach() * 2", "(a + b).detach()", "AF103", "y = (a + b) * 2"),
        ("y = net(x).data + 1", "net(x).data", "AF103", "y = net(x) + 1"),
        ("y = loss.item() * 2", "loss.item()", "AF104", "y = loss * 2"),
        ("y = float(loss) * 2", "float(loss)", "AF104", "y = loss * 2"),
        ("é = 'ü'; y = x.detach()", "x.detach()", "AF103", "é = 'ü'; y = x"),
    ],
)  # fmt: skip
def test_a_cut_is_left_out(text: str, expression: str, code: str, expected: str) -> None:
    assert written(text, expression, code) == [expected]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("tensor", ["parts"]),
        ("scalar", ["parts"]),
        ("[scalar]", ["torch.stack(parts)", "torch.stack([torch.as_tensor(each) for each in parts])"]),
        ("[tensor]", ["torch.stack(parts)", "torch.cat(parts)"]),
        ("[scalar number]", ["torch.stack([torch.as_tensor(each) for each in parts])"]),
        (
            "[[scalar] [scalar number]]",
            ["torch.stack([torch.stack([torch.as_tensor(each) for each in row]) for row in parts])"],
        ),
        ("[[scalar]]", ["torch.stack([torch.stack([torch.as_tensor(each) for each in row]) for row in parts])"]),
        ("", []),
        ("{}", []),
    ],
)
def test_a_tensor_is_made_of_what_it_was_made_of(form: str, expected: list[str]) -> None:
    assert written("torch.tensor(parts)", "torch.tensor(parts)", "AF105", form) == expected


def test_the_type_that_is_asked_for_stays() -> None:
    text = "t.tensor(parts, dtype=t.float64)"
    assert written(text, text, "AF105", "[scalar]") == [
        "t.stack(parts).to(t.float64)",
        "t.stack([t.as_tensor(each, dtype=t.float64) for each in parts])",
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("net(x).argmax()", "AF201"),
        ("np.abs(x)", "AF101"),
        ("x.numpy(force=True)", "AF102"),
        ("x.to('cpu', copy=True)", "AF103"),
        ("tensor(parts)", "AF105"),
        ("x + y", "AF103"),
    ],
)
def test_what_cannot_be_left_out_has_no_spelling(text: str, code: str) -> None:
    assert written(text, text, code, "[scalar]") == []


def test_a_call_of_numpy_is_written_by_its_rule() -> None:
    text = "import numpy as np\nimport torch\ny = np.abs(x)\n"

    assert written(text, "np.abs(x)", "AF101") == [text.replace("np.abs(x)", "torch.abs(x)")]


def test_a_place_that_holds_no_expression_has_no_spelling() -> None:
    moved = End("AF103", False, (Site("/p/a.py", Span(3, 1, 3, 9), "x", "f"),), 1.0, 1, 0)

    assert spellings(moved, "y = x.detach()\n", "torch", OwnRules()) == ()


def test_of_what_starts_and_ends_alike_the_outermost_counts() -> None:
    text = "(a.b).c\n"
    node = node_at(Site("/p/a.py", Span(1, 1, 1, 8), "(a.b).c", "f"), text)

    assert isinstance(node, ast.Attribute) and node.attr == "c"
