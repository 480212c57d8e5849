"""Sums in which a value passes its gradient on in another one's place: `x + (q - x).detach()`, `x - (x - q).detach()`.

The value is that of `q`, the gradient that of `x`: without the cut `x` would get none. The form is the straight-through
estimator of Bengio et al., Estimating or Propagating Gradients Through Stochastic Neurons (2013).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from autofix.syntax.bindings import last_part

Term = tuple[int, str, bool]
"""A sign, what stands behind it, and whether it is cut."""


def is_straight_through(cut: ast.expr, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Is this cut (`x.detach()`, `stop_gradient(x)`, `x.data`) a part of such a sum?"""
    whole: ast.AST = cut
    while isinstance(outer := parents.get(whole), ast.BinOp) and isinstance(outer.op, (ast.Add, ast.Sub)):
        whole = outer
    if whole is cut or not isinstance(whole, ast.expr):
        return False
    terms = list(_terms(whole, 1, False, _name(cut)))
    passed = {written for sign, written, is_cut in terms if sign > 0 and not is_cut}
    return any(is_cut and sign < 0 and written in passed for sign, written, is_cut in terms)


def _name(cut: ast.expr) -> str:
    return last_part(cut.func if isinstance(cut, ast.Call) else cut)


def _terms(node: ast.expr, sign: int, is_cut: bool, by: str) -> Iterator[Term]:
    """Yield the terms of a sum, those of what is cut in it, by a call or an attribute of this name, as well."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        yield from _terms(node.left, sign, is_cut, by)
        yield from _terms(node.right, sign if isinstance(node.op, ast.Add) else -sign, is_cut, by)
    elif not is_cut and _name(node) == by and (inner := _inside(node)) is not None:
        yield from _terms(inner, sign, True, by)
    else:
        yield sign, ast.unparse(node), is_cut


def _inside(node: ast.expr) -> ast.expr | None:
    """Return what is cut by a call, or an attribute."""
    match node:
        case ast.Call(func=ast.Attribute(value=value), args=[], keywords=[]):
            return value
        case ast.Call(args=[value], keywords=[]):
            return value
        case ast.Attribute(value=value):
            return value
    return None
