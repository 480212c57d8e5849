"""Write what is computed from a soft value: `&` of two thresholds is a product, a cast to whole numbers goes."""

from __future__ import annotations

import ast

from autofix.knowledge import surrogates as known
from autofix.rewrite.surrogates.writing import (
    BY_OPERATOR,
    LOOSE,
    Parts,
    Refused,
    Writing,
    reaches_gradient,
    shown,
    uses_of,
)
from autofix.syntax.bindings import last_part
from autofix.syntax.module import function_at

_LOGIC = {ast.BitAnd: "both", ast.BitOr: "either", ast.BitXor: ""}


def write_truth(writing: Writing, node: ast.expr, parts: Parts) -> None:
    """Write a soft truth value for a node, and what is computed from it."""
    writing.replaced[node] = parts
    _after(writing, node, truth=True)


def write_number(writing: Writing, node: ast.expr, parts: Parts) -> None:
    """Write a number with a gradient for a node; casts to whole numbers behind it go."""
    writing.replaced[node] = parts
    _after(writing, node, truth=False)


def _after(writing: Writing, node: ast.expr, truth: bool) -> None:
    """Write what is computed from what is soft now."""
    parent = writing.parents[node]
    match parent:
        case ast.Attribute(attr=attr) if isinstance(writing.parents[parent], ast.Call):
            call = writing.parents[parent]
            assert isinstance(call, ast.Call)
            if call.func is parent:
                _after_method(writing, node, attr, call, truth)
        case ast.Call(func=func, args=args) if node in args:
            _after_function(writing, node, last_part(func), parent, truth)
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if truth:
            other = right if left is node else left
            write_truth(
                writing, parent, _agreeing(writing, node, other, BY_OPERATOR.get(type(operator), ""), left is node)
            )
        case ast.BinOp(left=left, op=operator, right=right) if truth and type(operator) in _LOGIC:
            function = _LOGIC[type(operator)]
            both = ((left,), (right,))
            parts = writing.call(function, *both) if function else ("1 - ", *writing.call("agreement", *both))
            if parent not in writing.replaced:
                write_truth(writing, parent, parts)
        case ast.UnaryOp(op=ast.Invert()) if truth:
            write_truth(writing, parent, _complement(node))
        case ast.Subscript(slice=part) if truth and (part is node or node in ast.walk(part)):
            _after_selection(writing, node, parent)
        case ast.Subscript(value=value) if value is node:
            _after(writing, parent, truth)
        case ast.Assign(targets=[ast.Name() as target]) if parent.value is node:
            _after_name(writing, target, parent, truth)
        case ast.Return():
            _after_return(writing, parent, truth)


def _complement(node: ast.expr) -> Parts:
    return ("1 - ", node)


def _after_method(writing: Writing, node: ast.expr, name: str, call: ast.Call, truth: bool) -> None:
    if _casts_to_integers(name, call.args):
        writing.replaced[call] = (node,)
        _after(writing, call, truth)
    elif truth and name in known.COMPARISONS and call.args:
        write_truth(writing, call, _agreeing(writing, node, call.args[0], known.COMPARISONS[name], True))
    elif truth and name in known.LOGIC:
        _logic(writing, name, call, [node, *call.args])
    elif name in known.PASSING:
        _after(writing, call, truth)


def _after_function(writing: Writing, node: ast.expr, name: str, call: ast.Call, truth: bool) -> None:
    others = [each for each in call.args if each is not node]
    if name in known.CASTS and call.args[0] is node:
        if _casts_to_integers(name, others):
            writing.replaced[call] = (node,)
        _after(writing, call, truth)
    elif truth and name in known.CHOICES and call.args[0] is node and len(others) == 2:
        one, other = others
        simple = _is_number(one, 1) and _is_number(other, 0)
        reverse = _is_number(one, 0) and _is_number(other, 1)
        plain: Parts = (node,) if simple else _complement(node)
        parts = plain if simple or reverse else writing.call("blend", (node,), (one,), (other,))
        (write_truth if simple or reverse else write_number)(writing, call, parts)
    elif truth and name in known.COMPARISONS and len(call.args) == 2:
        first = call.args[0] is node
        write_truth(writing, call, _agreeing(writing, node, others[0], known.COMPARISONS[name], first))
    elif truth and name in known.LOGIC:
        _logic(writing, name, call, call.args)


def _logic(writing: Writing, name: str, call: ast.Call, operands: list[ast.expr]) -> None:
    if call in writing.replaced:
        return
    function = known.LOGIC[name]
    parts = writing.call(function, *((each,) for each in operands)) if function else _complement(operands[0])
    write_truth(writing, call, parts)


def _is_number(node: ast.expr, value: int) -> bool:
    if isinstance(node, ast.Call):
        return last_part(node.func) == (known.ONES if value else known.ZEROS)
    return isinstance(node, ast.Constant) and type(node.value) in (int, float, bool) and node.value == value


def _casts_to_integers(name: str, args: list[ast.expr]) -> bool:
    if name in known.TYPED_CASTS | known.CASTS:
        return any(last_part(each).lower() in known.INTEGER_CASTS or "Long" in ast.unparse(each) for each in args) or (
            any(isinstance(each, ast.Constant) and str(each.value) in known.INTEGER_CASTS for each in args)
        )
    return name in known.INTEGER_CASTS


def _agreeing(writing: Writing, node: ast.expr, other: ast.expr, operator: str, is_left: bool) -> Parts:
    """Write a comparison of a soft truth value."""
    if operator in known.EQUAL:
        return writing.call("agreement", (node,), (other,))
    if operator in known.UNEQUAL:
        return ("1 - ", *writing.call("agreement", (node,), (other,)))
    larger = (operator in known.GREATER) == is_left
    first, second = (node, other) if larger else (other, node)
    return writing.call("soft_step", difference(first, second))


def difference(one: ast.expr, other: ast.expr) -> Parts:
    if isinstance(other, ast.Constant) and not other.value:
        return (one,)
    tight = not isinstance(other, LOOSE) or (isinstance(other, ast.BinOp) and isinstance(other.op, ast.Mult | ast.Div))
    first: Parts = (one,) if not isinstance(one, LOOSE) or isinstance(one, ast.BinOp) else ("(", one, ")")
    return (*first, " - ", *((other,) if tight else ("(", other, ")")))


def _after_selection(writing: Writing, node: ast.expr, chosen: ast.Subscript) -> None:
    """Write a sum, or a mean, of the elements that a mask chooses, as one that it weights."""
    raise Refused(f"`{shown(writing, chosen)}`")


def _after_name(writing: Writing, target: ast.Name, statement: ast.Assign, truth: bool) -> None:
    """Write what is computed from a soft value that has a name; what only shows it keeps the one that it had."""
    uses = uses_of(writing, target)
    wanted = [each for each in uses if reaches_gradient(writing, each)]
    if len(wanted) == len(uses):
        for each in wanted:
            _after(writing, each, truth)
        return
    raise Refused(f"`{target.id}`, which is also shown as it is")


def _after_return(writing: Writing, statement: ast.Return, truth: bool) -> None:
    """Write what callers compute from a function that returns a soft value."""
    function = function_at(writing.tree, statement.lineno)
    if not truth or not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return
    for each in ast.walk(writing.tree):
        if isinstance(each, ast.Call) and last_part(each.func) == function.name:
            _after(writing, each, truth)
