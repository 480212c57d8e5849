"""Write a surrogate for an operation without a gradient: an index, a comparison, a step, a rank.

What is computed from it is written as well: `pred == y` of an argmax is the probability of the label.
"""

from __future__ import annotations

import ast

from autofix.knowledge import surrogates as known
from autofix.model import Span
from autofix.rewrite.surrogates.behind import difference, write_number, write_truth
from autofix.rewrite.surrogates.writing import (
    BY_OPERATOR,
    Index,
    Parts,
    Refused,
    Writing,
    free_name,
    reaches_gradient,
    shown,
    uses_of,
)
from autofix.syntax.bindings import last_part
from autofix.syntax.module import function_at, statement_of


def soften(writing: Writing, place: Span) -> None:
    node = writing.syntax.at(place)
    if node is None or node in writing.replaced:
        return
    match node:
        case ast.Compare(left=left, ops=ops, comparators=others):
            _compare_chain(writing, node, [left, *others], [BY_OPERATOR.get(type(each), "") for each in ops])
        case ast.BinOp(op=ast.FloorDiv(), left=left, right=right):
            ratio = (_plain(writing, left), " / ", _plain(writing, right))
            write_number(writing, node, writing.call("straight_through_floor", ratio))
        case ast.Call(func=func, args=args, keywords=keywords):
            _soften_call(writing, node, func, args, keywords)
        case ast.Subscript(value=ast.Call() as inner) | ast.Attribute(value=ast.Call() as inner):
            _soften_call(writing, inner, inner.func, inner.args, inner.keywords)
        case _:
            raise Refused(f"`{shown(writing, node)}`")


def _soften_call(
    writing: Writing, node: ast.Call, func: ast.expr, args: list[ast.expr], keywords: list[ast.keyword]
) -> None:
    name = last_part(func)
    operands = list(args)
    if isinstance(func, ast.Attribute) and not writing.is_module(func):
        operands.insert(0, func.value)
    if not operands:
        raise Refused(f"`{shown(writing, node)}`")
    subject, rest = operands[0], operands[1:]
    named = {each.arg: each.value for each in keywords if each.arg}
    axis = next((named[each] for each in known.AXES if each in named), rest[0] if rest else None)
    if name in known.INDICES:
        axis_parts: Parts = (axis,) if axis is not None else ()
        _index(writing, node, Index(_scores(writing, node, subject, known.INDICES[name]), axis_parts))
    elif name in known.EXTREMES and axis is not None:
        index = Index(_scores(writing, node, subject, known.EXTREMES[name]), (axis,))
        _chosen(writing, node, index)
    elif name in known.COMPARISONS and rest:
        _compare_chain(writing, node, [subject, rest[0]], [known.COMPARISONS[name]])
    elif name in known.STEPS and len(rest) == 0:
        write_number(writing, node, writing.call(known.STEPS[name], (_plain(writing, subject),)))
    elif name in known.INTEGER_CASTS | known.TYPED_CASTS | known.CASTS:
        write_number(writing, node, writing.call(known.TO_INTEGERS, (_plain(writing, subject),)))
    elif name in known.ORDERS:
        _rank(writing, node, subject, named)
    else:
        raise Refused(f"`{shown(writing, node)}`")


def _compare_chain(writing: Writing, node: ast.expr, operands: list[ast.expr], operators: list[str]) -> None:
    """Write `low < x < high` and the like."""
    steps = [_compared(writing, *each) for each in zip(operands, operators, operands[1:], strict=False)]
    whole = steps[0]
    for each in steps[1:]:
        whole = writing.call("both", whole, each)
    write_truth(writing, node, whole)


def _compared(writing: Writing, left: ast.expr, operator: str, right: ast.expr) -> Parts:
    one, other = _plain(writing, left), _plain(writing, right)
    if operator in known.GREATER:
        return writing.call("soft_step", difference(one, other))
    if operator in known.LESS:
        return writing.call("soft_step", difference(other, one))
    if operator in known.EQUAL:
        return writing.call("soft_equal", (one,), (other,))
    if operator in known.UNEQUAL:
        return ("1 - ", *writing.call("soft_equal", (one,), (other,)))
    raise Refused("a comparison of this kind")


def _plain(writing: Writing, node: ast.expr) -> ast.expr:
    """Return the tensor that is converted to an array there, also where it got a name on the way."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name), args=[]) if name in known.TO_HOST:
            return _unconverted(node)
        case ast.Call(func=func, args=[value]) if last_part(func) in known.ARRAYS and writing.is_module(func):
            return _plain(writing, _unconverted(value))
        case ast.Subscript(value=value) | ast.Call(func=ast.Attribute(value=value)) | ast.UnaryOp(operand=value):
            _plain_inside(writing, value)
        case ast.BinOp(left=left, right=right):
            _plain_inside(writing, left)
            _plain_inside(writing, right)
        case ast.Name():
            _, bound = writing.syntax.bindings(node)
            if len(bound) == 1 and bound[0].index is None and not bound[0].adds:
                inner = _plain(writing, bound[0].value)
                if inner is not bound[0].value and _stays(writing, inner, node):
                    return inner
    return node


def _plain_inside(writing: Writing, node: ast.expr) -> None:
    """Write the tensor in place of an array that a part of an expression makes of it."""
    inner = _plain(writing, node)
    if inner is not node:
        writing.replaced[node] = (inner,)


def _unconverted(node: ast.expr) -> ast.expr:
    """Return what `.detach().cpu().numpy()` and the like are called on."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=[]) if name in known.CONVERSIONS:
            return _unconverted(value)
        case ast.Attribute(value=value, attr=name) if name in known.CONVERSIONS:
            return _unconverted(value)
    return node


def _stays(writing: Writing, node: ast.expr, near: ast.expr) -> bool:
    """Has an expression the same value where another one stands? Of names alone that are bound once or not here."""
    if not isinstance(node, ast.Name):
        return False
    scope = function_at(writing.tree, near.lineno)
    bound = [each for each in ast.walk(scope)
             if isinstance(each, ast.Name) and each.id == node.id and not isinstance(each.ctx, ast.Load)]  # fmt: skip
    between = [each for each in bound if node.lineno < each.lineno <= near.lineno]
    return not between


def _scores(writing: Writing, node: ast.expr, subject: ast.expr, sign: str) -> Parts:
    """Return how scores are written where their index is used; what must not be computed twice gets a name first."""
    plain = _plain(writing, subject)
    statement = statement_of(writing.parents, node)
    if not isinstance(plain, ast.Name) and not _gets_name(writing, node):
        written: Parts = (plain,)
    elif isinstance(plain, ast.Name):
        written = (plain.id,)
    else:
        name = free_name(writing, "scores")
        margin = " " * statement.col_offset
        writing.added.setdefault(statement, []).append(f"{margin}{name} = {writing.source(plain)}\n")
        writing.replaced[subject] = (name,)
        written = (name,)
    if not sign:
        return written
    return (sign, *written) if isinstance(plain, (ast.Name, ast.Call, ast.Attribute)) else (sign, "(", *written, ")")


def _gets_name(writing: Writing, node: ast.AST) -> bool:
    """Is an index kept under a name, by itself or cast to another type?"""
    parent = writing.parents[node]
    if isinstance(parent, ast.Assign):
        return all(isinstance(each, (ast.Name, ast.Tuple)) for each in parent.targets)
    if isinstance(parent, ast.Call):
        own = known.CASTS | known.PASSING | known.CONVERSIONS | known.INTEGER_CASTS
        return last_part(parent.func) in own and _gets_name(writing, parent)
    return isinstance(parent, (ast.Attribute, ast.Subscript)) and _gets_name(writing, parent)


def _index(writing: Writing, node: ast.expr, index: Index) -> None:
    """Write what is computed from the index of the largest score."""
    parent = writing.parents[node]
    if _is_asked_for_shape(parent, node):
        return
    if isinstance(parent, ast.Attribute):
        call = writing.parents[parent]
        if isinstance(call, ast.Call) and call.func is parent:
            operator = known.COMPARISONS.get(parent.attr, "")
            if operator and call.args:
                write_truth(writing, call, _labelled(writing, call.args[0], operator, index, call))
                return
            if parent.attr in known.CONVERSIONS | known.INTEGER_CASTS | known.PASSING:
                _index(writing, call, index)
                return
    elif isinstance(parent, ast.Compare) and len(parent.ops) == 1:
        other = parent.comparators[0] if parent.left is node else parent.left
        operator = BY_OPERATOR.get(type(parent.ops[0]), "")
        if operator in known.EQUAL + known.UNEQUAL:
            write_truth(writing, parent, _labelled(writing, other, operator, index, parent))
            return
    elif isinstance(parent, ast.Call) and node in parent.args:
        operator = known.COMPARISONS.get(last_part(parent.func), "")
        others = [each for each in parent.args if each is not node]
        if operator in known.EQUAL + known.UNEQUAL and others:
            write_truth(writing, parent, _labelled(writing, others[0], operator, index, parent))
            return
        if last_part(parent.func) in known.LOOK_UPS and parent.args[1:] == [node] and index.axis:
            write_number(writing, parent, writing.call("soft_choice", (parent.args[0],), index.scores, index.axis))
            return
        if last_part(parent.func) in known.CASTS and parent.args[0] is node:
            _index(writing, parent, index)
            return
    elif isinstance(parent, ast.Assign) and parent.value is node and isinstance(parent.targets[0], ast.Name):
        _uses_of_index(writing, parent.targets[0], index)
        return
    elif isinstance(parent, ast.Subscript) and parent.slice is node and index.axis:
        write_number(writing, parent, writing.call("soft_choice", (parent.value,), index.scores, index.axis))
        return
    elif isinstance(parent, (ast.Return, ast.Subscript, ast.Tuple, ast.Expr)):
        raise Refused(f"`{shown(writing, parent)}`")
    write_number(writing, node, writing.call("soft_argmax", index.scores, *([index.axis] if index.axis else [])))


def _is_asked_for_shape(parent: ast.AST, node: ast.expr) -> bool:
    if isinstance(parent, ast.Attribute):
        return parent.attr in known.SHAPES
    return isinstance(parent, ast.Call) and node in parent.args and last_part(parent.func) in known.SHAPES


def _labelled(writing: Writing, label: ast.expr, operator: str, index: Index, node: ast.expr) -> Parts:
    if not index.axis:
        raise Refused(f"`{shown(writing, node)}`")
    found = writing.call("label_probability", index.scores, (label,), index.axis)
    if operator in known.EQUAL:
        return found
    if operator in known.UNEQUAL:
        return ("1 - ", *found)
    raise Refused(f"`{shown(writing, node)}`")


def _uses_of_index(writing: Writing, target: ast.Name, index: Index) -> None:
    """Write what is computed from an index that has a name, but for what only shows it."""
    uses = uses_of(writing, target)
    wanted = [each for each in uses if reaches_gradient(writing, each)]
    for each in wanted:
        if each not in writing.replaced:
            _index(writing, each, index)
    statement = statement_of(writing.parents, target)
    if len(wanted) == len(uses) and _makes_nothing_else(statement, target):
        writing.idle[statement] = target


def _makes_nothing_else(statement: ast.stmt, target: ast.Name) -> bool:
    """Does a statement give a value to this name alone, in lines of its own?"""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return False
    names = [each.id for each in ast.walk(statement.targets[0]) if isinstance(each, ast.Name)]
    return set(names) <= {target.id, "_"}


def _chosen(writing: Writing, node: ast.expr, index: Index) -> None:
    """Write what is computed from the indices that come with the largest scores."""
    parent = writing.parents[node]
    match parent:
        case ast.Subscript(slice=ast.Constant(value=1)) | ast.Attribute(attr=known.INDEX_FIELD):
            _index(writing, parent, index)
        case ast.Assign(targets=[ast.Tuple(elts=[_, ast.Name() as target])]):
            _uses_of_index(writing, target, index)
        case _:
            raise Refused(f"`{shown(writing, node)}`")


def _rank(writing: Writing, node: ast.expr, subject: ast.expr, named: dict[str, ast.expr]) -> None:
    """Write the rank of each value, which is the order of its order."""
    if isinstance(subject, ast.Call) and last_part(subject.func) in known.ORDERS:
        _soften_call(writing, subject, subject.func, subject.args, subject.keywords)
        return
    match writing.parents[node]:
        case ast.Attribute(attr=attr) as outer if attr in known.ORDERS:
            whole = writing.parents[outer]
        case ast.Call(func=func) as whole if last_part(func) in known.ORDERS:
            pass
        case _:
            raise Refused(f"`{shown(writing, node)}`")
    if not isinstance(whole, ast.expr):
        raise Refused(f"`{shown(writing, node)}`")
    order: list[Parts] = [("descending=", named["descending"])] if "descending" in named else []
    write_number(writing, whole, writing.call("soft_rank", (_plain(writing, subject),), *order))
