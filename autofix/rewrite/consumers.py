"""What reads a value, as far as it matters whether that is a tensor or a plain number."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Set

from autofix.analysis.plain_kinds import PlainKind
from autofix.analysis.remembered import nodes_of
from autofix.model import Framework
from autofix.rewrite.questions import is_answered_alike

Parents = Mapping[ast.AST, ast.AST]

_NUMBERS: frozenset[PlainKind] = frozenset({"float", "int", "scalar", "double"})
_PLAIN_METHODS: Mapping[Framework, frozenset[str]] = {
    "torch": frozenset(
        {"item", "detach", "tolist", "ndim", "requires_grad_", "requires_grad", "retain_grad", "backward"}
    ),
    "tensorflow": frozenset({"ndim"}),
}
"""Attributes that give the same of a tensor with a graph as of what it was before."""

_OF_TENSORS = frozenset("size dtype device dim numel shape get_shape".split())
_ASK_A_TENSOR = frozenset({"type", "isinstance", "len", "add_scalar", "isnan", "isfinite", "isinf", "is_tensor"})
_WALKING = frozenset(
    "len zip enumerate sum reversed iter next list tuple range any all max min sorted map filter isinstance id type "
    "stack cat concat concatenate add_n".split()
)
_OF_CONTAINERS = frozenset("append extend insert pop items values keys get clear remove index count update".split())


def is_unharmed(node: ast.expr, parents: Parents, kinds: Set[PlainKind], framework: Framework) -> bool:
    """Does the reader of a value do the very same with a tensor that has a graph?"""
    parent = parents[node]
    match parent:
        case ast.Expr():
            return True
        case ast.Attribute(attr="shape") if kinds != {"tensor"}:
            return isinstance(parents[parent], (ast.Subscript, ast.Compare))
        case ast.Attribute(attr=attr):
            return attr in _PLAIN_METHODS[framework] or (kinds == {"tensor"} and attr in _OF_TENSORS)
        case ast.Compare(ops=ops):
            is_identity = all(isinstance(each, (ast.Is, ast.IsNot)) for each in ops)
            orders = not any(isinstance(each, (ast.In, ast.NotIn)) for each in ops)
            return is_identity or (orders and is_test(parent, parents) and kinds <= _NUMBERS | {"tensor"})
        case ast.FormattedValue(format_spec=spec, conversion=conversion):
            return spec is not None and conversion == -1 and kinds <= _NUMBERS
        case ast.Call() if (alike := is_answered_alike(node, parent, kinds, framework)) is not None:
            return alike
        case ast.Call(func=ast.Name(id=("float" | "int" | "bool"))):
            return framework == "tensorflow"
        case ast.Call(func=func) if framework == "tensorflow" and takes_tensors(func):
            return True
    if framework == "tensorflow" and _goes_to_keras(node, parents):
        return True
    if framework == "torch" and kinds == {"tensor"} and _goes_to_an_optimizer(node, parents):
        return True
    return is_test(node, parents) or (kinds == {"tensor"} and _name(parent) in _ASK_A_TENSOR)


def _goes_to_keras(node: ast.AST, parents: Parents) -> bool:
    """Is this returned from a step that Keras runs, alone or in a dictionary?"""
    while isinstance(node, (ast.expr, ast.Return)) and not isinstance(node, ast.Call):
        node = parents[node]
    while not isinstance(node, (ast.FunctionDef, ast.Module, ast.Call)):
        node = parents[node]
    is_step = isinstance(node, ast.FunctionDef) and node.name in ("train_step", "test_step")
    return is_step and isinstance(node, ast.FunctionDef) and [each.arg for each in node.args.args[:1]] == ["self"]


def _goes_to_an_optimizer(node: ast.AST, parents: Parents) -> bool:
    """Is this returned from a closure of which `optimizer.step(closure)` takes the number, and nobody else anything?"""
    function = parents[node]
    if not isinstance(function, ast.Return):
        return False
    while not isinstance(function, (ast.FunctionDef, ast.Module)):
        function = parents[function]
    tree: ast.AST = function
    while not isinstance(tree, ast.Module):
        tree = parents[tree]
    name = getattr(function, "name", "")
    uses = [parents[each] for each in nodes_of(tree, ast.Name) if each.id == name]
    uses = [parents[each] if isinstance(each, ast.keyword) else each for each in uses]
    steps = [each for each in uses if isinstance(each, ast.Call) and ast.unparse(each.func).endswith(".step")]
    return bool(steps) and len(steps) == len(uses) and all(isinstance(parents[each], ast.Expr) for each in steps)


def takes_tensors(func: ast.expr) -> bool:
    """Does a function do the same with a tensor of TensorFlow as with the array or the number in it?"""
    written = ast.unparse(func)
    return written.partition(".")[0] in ("np", "numpy", "math", "tf", "keras", "K") or written.endswith(".update_state")


def is_test(node: ast.AST, parents: Parents) -> bool:
    """Is an expression only asked whether it is true?"""
    parent = parents[node]
    match parent:
        case ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return is_test(parent, parents)
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test) | ast.Assert(test=test):
            return test is node
        case ast.comprehension(ifs=ifs):
            return node in ifs
    return False


def is_indifferent(node: ast.expr, parents: Parents) -> bool:
    """Can a reader not tell a NumPy scalar from the Python number of the same value?"""
    parent = parents[node]
    match parent:
        case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod()):
            return True
        case ast.Tuple() if isinstance(parents[parent], ast.BinOp):
            return is_indifferent(parent, parents)
        case ast.FormattedValue(format_spec=spec, conversion=conversion):
            return spec is not None and conversion == -1
        case ast.Call(func=ast.Name(id="round")):
            return isinstance(parents[parent], ast.FormattedValue) or _name(parents[parent]) in ("print", "str")
        case ast.Call(func=ast.Name(id=("float" | "int" | "bool"))):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="format")):
            return True
    return _name(parent) in ("add_scalar", "isnan", "isfinite", "isinf", "step")


def is_container_kept(node: ast.expr, parents: Parents, several: bool) -> bool:
    """Does the reader of a list or dictionary only walk, alter or pass on what is in it, so that it is seen there?

    Not so where `several` kinds of entries are walked alike.
    """
    parent = parents[node]
    match parent:
        case ast.Subscript(value=value):
            return value is node
        case ast.For(iter=iterated) | ast.comprehension(iter=iterated):
            return iterated is node
        case ast.Attribute(attr=attr):
            return attr in _OF_CONTAINERS and not (several and attr in ("items", "values"))
        case ast.Assign(targets=targets):
            return all(isinstance(each, (ast.Name, ast.Tuple, ast.List)) for each in targets)
        case ast.Expr() | ast.Starred():
            return True
    return _name(parent) in _WALKING or is_test(node, parents)


def _name(node: ast.AST) -> str:
    """Return the last name of what is called; empty for anything but a call."""
    func = node.func if isinstance(node, ast.Call) else None
    return getattr(func, "attr", "") or getattr(func, "id", "")
