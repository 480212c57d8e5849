"""Puts parentheses where precedence needs them, and nowhere else.

Takes a LibCST tree in which nodes were replaced; gives it with each operand that binds too loosely in parentheses.
Python's own table: https://docs.python.org/3/reference/expressions.html#operator-precedence
"""

from __future__ import annotations

from typing import TypeVar, cast

import libcst as cst

(
    _LOOSEST,
    _NAMED,
    _CHOICE,
    _OR,
    _AND,
    _NOT,
    _COMPARISON,
    _BIT_OR,
    _BIT_XOR,
    _BIT_AND,
    _SHIFT,
    _SUM,
    _PRODUCT,
    _SIGN,
    _POWER,
    _AWAIT,
    _ATOM,
) = range(17)
_BINARY: dict[type[cst.BaseBinaryOp], int] = {
    cst.BitOr: _BIT_OR,
    cst.BitXor: _BIT_XOR,
    cst.BitAnd: _BIT_AND,
    cst.LeftShift: _SHIFT,
    cst.RightShift: _SHIFT,
    cst.Add: _SUM,
    cst.Subtract: _SUM,
    cst.Multiply: _PRODUCT,
    cst.MatrixMultiply: _PRODUCT,
    cst.Divide: _PRODUCT,
    cst.FloorDivide: _PRODUCT,
    cst.Modulo: _PRODUCT,
    cst.Power: _POWER,
}
_Expression = TypeVar("_Expression", bound=cst.BaseExpression)
_Node = TypeVar("_Node", bound=cst.CSTNode)


def precedence(node: cst.BaseExpression) -> int:
    """How tightly an expression binds; what stands in parentheses binds tightest."""
    if node.lpar:
        return _ATOM
    match node:
        case cst.BinaryOperation(operator=operator):
            return _BINARY[type(operator)]
        case cst.BooleanOperation(operator=operator):
            return _OR if isinstance(operator, cst.Or) else _AND
        case cst.UnaryOperation(operator=cst.Not()):
            return _NOT
        case cst.UnaryOperation():
            return _SIGN
        case cst.Comparison():
            return _COMPARISON
        case cst.IfExp() | cst.Lambda():
            return _CHOICE
        case cst.Await():
            return _AWAIT
        case cst.NamedExpr():
            return _NAMED
        case cst.Yield() | cst.GeneratorExp() | cst.Tuple():
            return _LOOSEST
        case _:
            return _ATOM


def in_parentheses(node: _Expression) -> _Expression:
    """The same expression in parentheses."""
    return node.with_changes(lpar=[cst.LeftParen(), *node.lpar], rpar=[*node.rpar, cst.RightParen()])


def bare(node: _Expression) -> _Expression:
    """Return an expression without the parentheses around it."""
    return node.with_changes(lpar=[], rpar=[]) if node.lpar else node


def in_place_of(new: cst.BaseExpression, old: cst.BaseExpression) -> cst.BaseExpression:
    """Keep the parentheses that stand around the old expression: it may span lines."""
    if old.lpar and not new.lpar and not isinstance(new, cst.Name):
        return new.with_changes(lpar=old.lpar, rpar=old.rpar)
    return new


def parenthesised(tree: _Node) -> _Node:
    """The tree with the parentheses that its operators need; a tree as parsed comes back unchanged."""
    return cast(_Node, tree.visit(_Parentheses()))


def around_operands(node: _Node) -> _Node:
    """The node with the parentheses that its own operands need: what stands further in is complete already."""
    complete = getattr(_OPERANDS, f"leave_{type(node).__name__}", None)
    return cast(_Node, complete(node, node)) if complete is not None else node


def _at_least(node: cst.BaseExpression, needed: int) -> cst.BaseExpression:
    return node if precedence(node) >= needed else in_parentheses(node)


class _Parentheses(cst.CSTTransformer):
    def leave_BinaryOperation(
        self, original_node: cst.BinaryOperation, updated_node: cst.BinaryOperation
    ) -> cst.BinaryOperation:
        own = _BINARY[type(updated_node.operator)]
        left, right = (_AWAIT, _SIGN) if own == _POWER else (own, own + 1)
        return _with(updated_node, left=_at_least(updated_node.left, left), right=_at_least(updated_node.right, right))

    def leave_BooleanOperation(
        self, original_node: cst.BooleanOperation, updated_node: cst.BooleanOperation
    ) -> cst.BooleanOperation:
        own = precedence(updated_node.with_changes(lpar=[], rpar=[]))
        return _with(updated_node, left=_at_least(updated_node.left, own), right=_at_least(updated_node.right, own + 1))

    def leave_UnaryOperation(
        self, original_node: cst.UnaryOperation, updated_node: cst.UnaryOperation
    ) -> cst.UnaryOperation:
        needed = _NOT if isinstance(updated_node.operator, cst.Not) else _SIGN
        return _with(updated_node, expression=_at_least(updated_node.expression, needed))

    def leave_Comparison(self, original_node: cst.Comparison, updated_node: cst.Comparison) -> cst.Comparison:
        return _with(updated_node, left=_at_least(updated_node.left, _BIT_OR))

    def leave_ComparisonTarget(
        self, original_node: cst.ComparisonTarget, updated_node: cst.ComparisonTarget
    ) -> cst.ComparisonTarget:
        return _with(updated_node, comparator=_at_least(updated_node.comparator, _BIT_OR))

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        value = updated_node.value
        if isinstance(value, cst.Integer) and not value.lpar:
            return updated_node.with_changes(value=in_parentheses(value))
        return _with(updated_node, value=_at_least(value, _ATOM))

    def leave_Subscript(self, original_node: cst.Subscript, updated_node: cst.Subscript) -> cst.Subscript:
        return _with(updated_node, value=_at_least(updated_node.value, _ATOM))

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        if len(updated_node.args) > 1:
            several = [each.with_changes(value=_at_least(each.value, _NAMED)) for each in updated_node.args]
            same = all(new.value is old.value for new, old in zip(several, updated_node.args, strict=True))
            updated_node = updated_node if same else updated_node.with_changes(args=several)
        return _with(updated_node, func=_at_least(updated_node.func, _ATOM))

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        if isinstance(updated_node.value, cst.GeneratorExp):
            return updated_node  # it may have the call's own parentheses, which the call knows
        needed = _CHOICE if updated_node.keyword is not None or updated_node.star else _NAMED
        return _with(updated_node, value=_at_least(updated_node.value, needed))

    def leave_Element(self, original_node: cst.Element, updated_node: cst.Element) -> cst.Element:
        return _with(updated_node, value=_at_least(updated_node.value, _NAMED))

    def leave_DictElement(self, original_node: cst.DictElement, updated_node: cst.DictElement) -> cst.DictElement:
        key, value = _at_least(updated_node.key, _CHOICE), _at_least(updated_node.value, _CHOICE)
        return _with(updated_node, key=key, value=value)

    def leave_StarredElement(
        self, original_node: cst.StarredElement, updated_node: cst.StarredElement
    ) -> cst.StarredElement:
        return _with(updated_node, value=_at_least(updated_node.value, _BIT_OR))

    def leave_CompFor(self, original_node: cst.CompFor, updated_node: cst.CompFor) -> cst.CompFor:
        return _with(updated_node, iter=_at_least(updated_node.iter, _OR))

    def leave_CompIf(self, original_node: cst.CompIf, updated_node: cst.CompIf) -> cst.CompIf:
        return _with(updated_node, test=_at_least(updated_node.test, _OR))

    def leave_GeneratorExp(self, original_node: cst.GeneratorExp, updated_node: cst.GeneratorExp) -> cst.GeneratorExp:
        return _with(updated_node, elt=_at_least(updated_node.elt, _NAMED))

    def leave_ListComp(self, original_node: cst.ListComp, updated_node: cst.ListComp) -> cst.ListComp:
        return _with(updated_node, elt=_at_least(updated_node.elt, _NAMED))

    def leave_SetComp(self, original_node: cst.SetComp, updated_node: cst.SetComp) -> cst.SetComp:
        return _with(updated_node, elt=_at_least(updated_node.elt, _NAMED))

    def leave_DictComp(self, original_node: cst.DictComp, updated_node: cst.DictComp) -> cst.DictComp:
        key, value = _at_least(updated_node.key, _CHOICE), _at_least(updated_node.value, _CHOICE)
        return _with(updated_node, key=key, value=value)

    def leave_Lambda(self, original_node: cst.Lambda, updated_node: cst.Lambda) -> cst.Lambda:
        return _with(updated_node, body=_at_least(updated_node.body, _CHOICE))

    def leave_Param(self, original_node: cst.Param, updated_node: cst.Param) -> cst.Param:
        if updated_node.default is None:
            return updated_node
        return _with(updated_node, default=_at_least(updated_node.default, _CHOICE))

    def leave_Slice(self, original_node: cst.Slice, updated_node: cst.Slice) -> cst.Slice:
        bounds = {"lower": updated_node.lower, "upper": updated_node.upper, "step": updated_node.step}
        given = {name: _at_least(each, _CHOICE) for name, each in bounds.items() if each is not None}
        return _with(updated_node, **given)

    def leave_NamedExpr(self, original_node: cst.NamedExpr, updated_node: cst.NamedExpr) -> cst.NamedExpr:
        return _with(updated_node, value=_at_least(updated_node.value, _CHOICE))

    def leave_FormattedStringExpression(
        self, original_node: cst.FormattedStringExpression, updated_node: cst.FormattedStringExpression
    ) -> cst.FormattedStringExpression:
        value = updated_node.expression
        loose = isinstance(value, (cst.Lambda, cst.NamedExpr)) and not value.lpar
        return _with(updated_node, expression=in_parentheses(value) if loose else value)

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:
        return _with(updated_node, value=_unnamed(updated_node.value))

    def leave_AugAssign(self, original_node: cst.AugAssign, updated_node: cst.AugAssign) -> cst.AugAssign:
        return _with(updated_node, value=_unnamed(updated_node.value))

    def leave_Expr(self, original_node: cst.Expr, updated_node: cst.Expr) -> cst.Expr:
        return _with(updated_node, value=_unnamed(updated_node.value))

    def leave_IfExp(self, original_node: cst.IfExp, updated_node: cst.IfExp) -> cst.IfExp:
        body, test = _at_least(updated_node.body, _OR), _at_least(updated_node.test, _OR)
        return _with(updated_node, body=body, test=test, orelse=_at_least(updated_node.orelse, _CHOICE))

    def leave_Await(self, original_node: cst.Await, updated_node: cst.Await) -> cst.Await:
        return _with(updated_node, expression=_at_least(updated_node.expression, _ATOM))


def _unnamed(node: cst.BaseExpression) -> cst.BaseExpression:
    """A statement takes no `x := 1` without parentheses; tuples and `yield` it does."""
    return in_parentheses(node) if isinstance(node, cst.NamedExpr) and not node.lpar else node


def _with(node: _Node, **children: cst.BaseExpression) -> _Node:
    changed = {name: child for name, child in children.items() if getattr(node, name) is not child}
    return node.with_changes(**changed) if changed else node


_OPERANDS = _Parentheses()
