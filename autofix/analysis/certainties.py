"""What is certain of an operation's result, put together: its literal value, shape, bounds and distances."""

from __future__ import annotations

import ast
import math

from autofix.analysis.bounds import BOUNDED, result_bounds
from autofix.analysis.distances import MEASURED, is_distance, is_own_distance, is_reduced, spread_of
from autofix.analysis.operations import Operation
from autofix.analysis.shapes import SHAPED, result_shape
from autofix.analysis.traits import CARRYING, NOTHING, Traits, of_constant

_TELLING = SHAPED | BOUNDED | MEASURED
"""Operations of whose result something may be certain: thousands of others are met as one types."""

_ZERO_AT_EQUALS = frozenset({"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "sub"})


def traits_of(made: Operation) -> Traits:
    """Return the traits of what an operation makes."""
    may_carry = False
    for each in (*made.operands, *made.named.values()):
        may_carry = may_carry or each.traits.may_carry
    if made.name not in _TELLING:
        return CARRYING if may_carry else NOTHING
    if made.name == "neg" and made.operands:
        number = made.operands[0].traits.constant
        if isinstance(number, (int, float)):
            return of_constant(-number)
    low, high = result_bounds(made)
    own = is_own_distance(made)
    return Traits(
        shape=result_shape(made),
        low=-math.inf if math.isnan(low) else low,
        high=math.inf if math.isnan(high) else high,
        spread=spread_of(made),
        own_distance=own,
        distance=not own and is_distance(made),
        reduced=is_reduced(made),
        may_carry=may_carry,
    )


def compares_with_itself(made: Operation) -> bool:
    """Is the difference of a name and itself taken: `y - y`, `mse_loss(y, y)`?"""
    node = made.node
    if made.name not in _ZERO_AT_EQUALS or len(made.operands) != 2 or made.operands[0] != made.operands[1]:
        return False
    parts = [node.left, node.right] if isinstance(node, ast.BinOp) else getattr(node, "args", [])
    return len(parts) == 2 and is_path(parts[0]) and ast.unparse(parts[0]) == ast.unparse(parts[1])


def is_path(node: ast.expr) -> bool:
    """Is this a name, or attributes of one: what gives the same value when asked twice?"""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)
