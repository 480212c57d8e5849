"""What an `if` says of the type of a name: behind `isinstance(x, np.ndarray)` it is no tensor, and carries nothing.

Types go by the last part of their names: `torch.Tensor`, `tf.Tensor` and `Tensor` are one.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

from autofix.analysis.values import Value
from autofix.model import Kind

_TENSORS = frozenset({"Tensor", "Variable", "FloatTensor", "EagerTensor", "SymbolicTensor"})
_CONTAINERS = frozenset({"list", "tuple", "str", "dict", "Sequence"})
_PLAIN = _CONTAINERS | {"ndarray", "int", "float", "bool", "Number", "number"}


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


def decided(test: ast.expr, find: Callable[[str], Value | None]) -> bool | None:
    """Return what a test of the type of something made from a prediction gives; None for any other test."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        answer = decided(test.operand, find)
        return None if answer is None else not answer
    if isinstance(test, ast.BoolOp):
        return _of_all([decided(each, find) for each in test.values], isinstance(test.op, ast.Or))
    name, types = _asked(test)
    value = find(name) if types else None
    if value is None or not value.derived or value.kind not in (Kind.TENSOR, Kind.ARRAY):
        return None
    if value.live and value.kind is Kind.ARRAY:
        return None  # an array carries no gradient: this is a list, or it is a tensor in another turn of a loop
    return _of_all([_is_of(value, each) for each in types], True)


def _of_all(answers: Iterable[bool | None], either: bool) -> bool | None:
    """Return what several answers come to: one that is `either` is enough, and one that is not known leaves it open."""
    found = set(answers)
    return either if either in found else None if None in found else not either


def _is_of(value: Value, kind: str) -> bool | None:
    if kind == "Tensor":
        return value.kind is Kind.TENSOR
    if kind == "ndarray":
        return value.kind is Kind.ARRAY
    if value.kind is Kind.ARRAY and kind not in _CONTAINERS:
        return None  # the mean of an array is a `float`
    return False if kind in _PLAIN else None


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
