"""Writes a call of a function that is given as an expression: a lambda's own body, where nothing is computed twice.

Takes the function and its arguments as LibCST expressions; gives `tf.exp(p)` for `lambda a: tf.exp(a)` of `p`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import libcst as cst

from autofix.rewrite.parentheses import around_operands
from autofix.rewrite.replacement import names_in


def applied(function: cst.BaseExpression, arguments: Sequence[cst.BaseExpression]) -> cst.BaseExpression:
    """Return the call; a lambda is written out where each argument is a name, or is used once."""
    if isinstance(function, cst.Lambda):
        body = _written_out(function, arguments)
        if body is not None:
            return body
    return around_operands(cst.Call(function, [cst.Arg(each) for each in arguments]))


def _written_out(function: cst.Lambda, arguments: Sequence[cst.BaseExpression]) -> cst.BaseExpression | None:
    names = _plain_parameters(function)
    if names is None or len(names) != len(arguments):
        return None
    uses = Counter(each.value for each in names_in(function.body))
    given = dict(zip(names, arguments, strict=True))
    if any(uses[name] > 1 and not isinstance(each, cst.Name) for name, each in given.items()):
        return None
    if _binds(function.body):
        return None
    body = function.body.visit(_Put(given))
    return body if isinstance(body, cst.BaseExpression) else None


def _plain_parameters(function: cst.Lambda) -> list[str] | None:
    """Return the names of the parameters, None where one is anything but given by position."""
    params = function.params
    is_plain = not (params.kwonly_params or params.posonly_params or params.star_kwarg)
    if not is_plain or isinstance(params.star_arg, cst.Param) or any(each.default for each in params.params):
        return None
    return [each.name.value for each in params.params]


def _binds(node: cst.CSTNode) -> bool:
    """Does an expression bind names of its own, which may be those of an argument?"""
    if isinstance(node, (cst.Lambda, cst.BaseComp, cst.NamedExpr)):
        return True
    return any(_binds(child) for child in node.children)


class _Put(cst.CSTTransformer):
    """Puts arguments for the parameters of a lambda."""

    def __init__(self, given: Mapping[str, cst.BaseExpression]) -> None:
        super().__init__()
        self._given = given

    def on_leave(
        self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT
    ) -> cst.CSTNodeT | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNodeT]:
        left = super().on_leave(original_node, updated_node)
        return around_operands(left) if isinstance(left, cst.CSTNode) else left

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        return self._given.get(original_node.value, updated_node)

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)
