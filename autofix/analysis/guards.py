"""`where(x > 0, log(x), 0)`: both branches of a `where` are differentiated, also the one that is not chosen.

At the places that the condition guards against, the slope of the branch is infinite or NaN, and zero times that is NaN.
Only a condition that guards exactly the operand of the branch is taken for proof that such places occur.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from autofix.analysis.values import Value

_SINGULAR = frozenset({"log", "log2", "log10", "sqrt", "rsqrt", "reciprocal"})
Resolve = Callable[[ast.expr], ast.expr]


def guards_its_own_operand(node: ast.Call, resolve: Resolve, value_of: Callable[[ast.expr], Value]) -> bool:
    """Does this call of `where` choose between a value and one that is singular where it is not chosen?

    `resolve` gives the expression that a name stands for; `value_of` what is known of an expression.
    """
    parts = _parts(node)
    if parts is None:
        return False
    condition, chosen, other = (resolve(each) for each in parts)
    guarded = _guarded(condition)
    if guarded is None:
        return False
    operand, when_true = guarded
    for branch in _inside(chosen if when_true else other, resolve):
        if _singular_operand(branch) is not None and _same(_singular_operand(branch), operand, value_of):
            return value_of(operand).live
    return False


def _parts(node: ast.Call) -> tuple[ast.expr, ast.expr, ast.expr] | None:
    if len(node.args) == 3 and not node.keywords:
        return node.args[0], node.args[1], node.args[2]
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    if len(node.args) == 2 and receiver is not None and not node.keywords:
        return node.args[0], receiver, node.args[1]  # x.where(condition, other)
    return None


def _guarded(condition: ast.expr) -> tuple[ast.expr, bool] | None:
    """Return what a condition compares with zero or a small number, and whether it is the safe side when true."""
    if isinstance(condition, ast.Call) and len(condition.args) == 2:
        name = condition.func.attr if isinstance(condition.func, ast.Attribute) else ""
        safe = {"greater": True, "greater_equal": True, "not_equal": True, "equal": False, "less_equal": False,
                "less": False, "gt": True, "ne": True, "eq": False, "le": False}.get(name)  # fmt: skip
        return (condition.args[0], safe) if safe is not None and _is_small(condition.args[1]) else None
    if not isinstance(condition, ast.Compare) or len(condition.ops) != 1 or not _is_small(condition.comparators[0]):
        return None
    safe_when_true = (ast.Gt, ast.GtE, ast.NotEq)
    return condition.left, isinstance(condition.ops[0], safe_when_true)


def _is_small(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, (int, float))
        and not isinstance(node.value, bool)
        and 0 <= node.value <= 1e-3
    )


def _inside(branch: ast.expr, resolve: Resolve, depth: int = 4) -> list[ast.expr]:
    """Return the expressions that a branch is computed from, without those under another `where`."""
    found = [branch]
    if depth == 0:
        return found
    children: list[ast.expr] = []
    if isinstance(branch, ast.BinOp):
        children = [branch.left, branch.right]
    elif isinstance(branch, ast.UnaryOp):
        children = [branch.operand]
    elif isinstance(branch, ast.Call) and not ast.unparse(branch.func).endswith("where"):
        children = [*branch.args, *([branch.func.value] if isinstance(branch.func, ast.Attribute) else [])]
    for child in children:
        found += _inside(resolve(child), resolve, depth - 1)
    return found


def _singular_operand(node: ast.expr) -> ast.expr | None:
    """Return what a singular operation is taken of: `x` of `log(x)`, `x.sqrt()`, `1 / x`, `x ** 0.5`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return node.right
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        power = node.right
        return node.left if isinstance(power, ast.Constant) and power.value == 0.5 else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SINGULAR:
        return node.args[0] if node.args else node.func.value
    return None


def _same(one: ast.expr | None, two: ast.expr, value_of: Callable[[ast.expr], Value]) -> bool:
    if one is None or ast.unparse(one) != ast.unparse(two):
        return False
    return value_of(one) == value_of(two)
