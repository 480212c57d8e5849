"""Parentheses appear where precedence needs them, and only there."""

from __future__ import annotations

import ast
import re

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autofix.rewrite.literal import code_of
from autofix.rewrite.parentheses import parenthesised


class _Put(cst.CSTTransformer):
    def __init__(self, inner: cst.BaseExpression) -> None:
        super().__init__()
        self.inner = inner

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        return self.inner if original_node.value == "HOLE" else updated_node


def put(inner: str, outer: str) -> str:
    """`outer` with `inner` in place of HOLE."""
    bare = cst.parse_expression(f"({inner})").with_changes(lpar=[], rpar=[]) if ":=" in inner else None
    tree = cst.parse_expression(outer).visit(_Put(bare or cst.parse_expression(inner)))
    assert isinstance(tree, cst.BaseExpression)
    return code_of(parenthesised(tree))


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        ("a - b", "HOLE ** 2", "(a - b) ** 2"),
        ("a - b", "c - HOLE", "c - (a - b)"),
        ("a - b", "-HOLE", "-(a - b)"),
        ("a - b", "HOLE.mean()", "(a - b).mean()"),
        ("a - b", "HOLE[0]", "(a - b)[0]"),
        ("-a", "HOLE ** 2", "(-a) ** 2"),
        ("a ** b", "HOLE ** 2", "(a ** b) ** 2"),
        ("a if b else c", "HOLE + 1", "(a if b else c) + 1"),
        ("lambda: 0", "HOLE or 1", "(lambda: 0) or 1"),
        ("a < b", "HOLE < c", "(a < b) < c"),
        ("a or b", "HOLE and c", "(a or b) and c"),
        ("not a", "HOLE == c", "(not a) == c"),
        ("2", "HOLE.real", "(2).real"),
        ("await a", "HOLE.real", "(await a).real"),
        ("a if b else c", "HOLE if d else e", "(a if b else c) if d else e"),
        ("lambda a: a", "b * HOLE", "b * (lambda a: a)"),
        ("lambda a: a", "HOLE(b)", "(lambda a: a)(b)"),
        ("a, b", "f(HOLE, c)", "f((a, b), c)"),
        ("a, b", "[HOLE]", "[(a, b)]"),
        ("a, b", "lambda: HOLE", "lambda: (a, b)"),
        ("a if b else c", "[x for x in HOLE]", "[x for x in (a if b else c)]"),
        ("lambda: 0", "[x for x in b if HOLE]", "[x for x in b if (lambda: 0)]"),
        ("x := 1", "f(k=HOLE)", "f(k=(x := 1))"),
        ("x := 1", "a[HOLE:]", "a[(x := 1):]"),
        ("a or b", "[*HOLE]", "[*(a or b)]"),
        ("lambda: 0", "f'{HOLE}'", "f'{(lambda: 0)}'"),
    ],
)
def test_an_operand_that_binds_too_loosely_gets_parentheses(inner: str, outer: str, expected: str) -> None:
    assert put(inner, outer) == expected


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        ("a - b", "f(HOLE, 1)", "f(a - b, 1)"),
        ("a - b", "f(x=HOLE)", "f(x=a - b)"),
        ("a - b", "HOLE - c", "a - b - c"),
        ("a * b", "c - HOLE", "c - a * b"),
        ("-a", "2 ** HOLE", "2 ** -a"),
        ("a ** b", "2 ** HOLE", "2 ** a ** b"),
        ("a ** b", "-HOLE", "-a ** b"),
        ("f(a)", "HOLE.mean()", "f(a).mean()"),
        ("a[0]", "HOLE ** 2", "a[0] ** 2"),
        ("(a - b)", "HOLE ** 2", "(a - b) ** 2"),
        ("a - b", "[HOLE, c]", "[a - b, c]"),
        ("a - b", "x[HOLE]", "x[a - b]"),
        ("a if b else c", "f(HOLE)", "f(a if b else c)"),
        ("a - b", "HOLE < c", "a - b < c"),
        ("lambda a: a", "f(HOLE, k=0)", "f(lambda a: a, k=0)"),
        ("x := 1", "f(HOLE)", "f(x := 1)"),
        ("a if b else c", "lambda: HOLE", "lambda: a if b else c"),
        ("a, b", "x[HOLE]", "x[a, b]"),
        ("a - b", "x[HOLE:]", "x[a - b:]"),
    ],
)
def test_an_operand_that_binds_tightly_gets_none(inner: str, outer: str, expected: str) -> None:
    assert put(inner, outer) == expected


UNTOUCHED = [
    "f(x := 1)",
    "f(a for a in b)",
    "x[1:2, ..., None]",
    "(yield)",
    "a if b else c if d else e",
    "not a and b or c",
    "a < b < c",
    "[*a, *b]",
    "f(*a, **b)",
    "-a ** -b",
    "a, b",
    "lambda x: x + 1",
    "{a: b for a in c if d}",
    "(2).real",
    "f'{a + b}'",
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_a_tree_as_parsed_stays_as_it_is(text: str) -> None:
    assert code_of(parenthesised(cst.parse_expression(text))) == text


_AROUND = [
    "(lambda x: _)", "(lambda x=_: x)", "(lambda x: x)(_)", "(_)(b)", "[_, b]", "(_, b)", "{_: _}", "{b: _}",
    "[x for x in _]", "[_ for x in b if _]", "{_: _ for x in b}", "f(*_)", "f(b, k=_)", "[*_]", "b[_:_]", "b[_]",
    "(x := _)", "f(x := _)", "(b, *_)[0]", "f(**_)",
]  # fmt: skip
_LEAVES = st.sampled_from(["a", "b", "1", "a.b", "f(a)"])
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+ - * / ** % @ & | << < == and or".split()), inner).map(" ".join),
        inner.map("(-{})".format),
        inner.map("(not {})".format),
        st.tuples(inner, inner, inner).map(lambda parts: "({} if {} else {})".format(*parts)),
        st.tuples(st.sampled_from(_AROUND), inner).map(lambda parts: parts[0].replace("_", parts[1])),
    ),
    max_leaves=6,
)


class _Flat(ast.NodeTransformer):
    """`(a and b) and c` is `a and b and c`."""

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.BoolOp:
        self.generic_visit(node)
        first = node.values[0]
        if isinstance(first, ast.BoolOp) and type(first.op) is type(node.op):
            return ast.BoolOp(node.op, [*first.values, *node.values[1:]])
        return node


def read(text: str) -> str:
    return ast.dump(_Flat().visit(ast.parse(text, mode="eval")))


@settings(deadline=None)  # how long an example takes is the machine's affair
@given(outer=_TREES, inner=_TREES)
def test_putting_an_expression_in_never_changes_how_it_is_read(outer: str, inner: str) -> None:
    hole = re.sub(r"\b(?<!\.)a\b(?!\.)", "HOLE", outer, count=1)

    assert read(put(inner, hole)) == read(hole.replace("HOLE", f"({inner})"))
