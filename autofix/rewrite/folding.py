"""Arithmetic of plain numbers, done while rewriting: `(4 + 1) / 2` is written 2.5, and `x / 1` is written x.

Takes an operation of a rule whose operands are replaced already; gives what to write for it.
"""

from __future__ import annotations

import ast

from autofix.rewrite.conditions import Slots, decide

_LONGEST = 6


def folded(node: ast.BinOp, slots: Slots) -> ast.expr:
    """The operation done, where its sides are numbers and the result is short; or less a factor of one."""
    known = decide(node, slots)
    if known is not None and len(repr(known.value)) <= _LONGEST:
        return ast.parse(repr(known.value), mode="eval").body
    if isinstance(node.op, (ast.Mult, ast.Div)) and _is_one(node.right):
        return node.left
    if isinstance(node.op, ast.Mult) and _is_one(node.left):
        return node.right
    return node


def _is_one(node: ast.expr) -> bool:
    """A one of the rule's own; what the user wrote stays."""
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value == 1
