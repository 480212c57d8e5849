"""What an `if` says of the type of a name: behind `isinstance(x, np.ndarray)` it is no tensor, and carries nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_TENSORS = frozenset({"Tensor", "Variable", "FloatTensor", "EagerTensor", "SymbolicTensor"})
_PLAIN = frozenset({"ndarray", "list", "tuple", "int", "float", "str", "dict", "Number", "number", "bool", "Sequence"})


def plain_where(test: ast.expr) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that are certainly no tensors where a test holds, and those that are none where it does not."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        holds, fails = plain_where(test.operand)
        return fails, holds
    if isinstance(test, ast.BoolOp):
        both = [plain_where(each) for each in test.values]
        side = 0 if isinstance(test.op, ast.And) else 1
        found: frozenset[str] = frozenset().union(*(each[side] for each in both))
        return (found, frozenset()) if side == 0 else (frozenset(), found)
    name, types = _asked(test)
    if not name or not types:
        return frozenset(), frozenset()
    holds = frozenset({name}) if types <= _PLAIN else frozenset()
    fails = frozenset({name}) if types & _TENSORS else frozenset()
    return holds, fails


def _asked(test: ast.expr) -> tuple[str, frozenset[str]]:
    """Return the name and the types of `isinstance(x, torch.Tensor)`, `torch.is_tensor(x)` or `type(x) is list`."""
    match test:
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), types]):
            return name, frozenset(_types(types))
        case ast.Call(func=ast.Attribute(attr="is_tensor") | ast.Name(id="is_tensor"), args=[ast.Name(id=name)]):
            return name, frozenset({"Tensor"})
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="type"), args=[ast.Name(id=name)]),
            ops=[ast.Is() | ast.Eq()],
            comparators=[types],
        ):
            return name, frozenset(_types(types))
    return "", frozenset()


def _types(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Tuple):
        for each in node.elts:
            yield from _types(each)
    elif isinstance(node, ast.BinOp):
        yield from _types(node.left)
        yield from _types(node.right)
    else:
        yield node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else "?"
