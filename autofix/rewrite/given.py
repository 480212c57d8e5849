"""What the functions of a loss make of that which they are given, the targets included.

Of targets alone no gradient is asked, so that NumPy may stay there as long as nothing compiles the loss. Inside
tf.function there is no NumPy at all: what comes from a parameter has to be the framework's from end to end.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autofix.analysis.calls import differentiates
from autofix.analysis.diagnosis import Diagnosis
from autofix.analysis.facts import Positions
from autofix.analysis.neighbours import is_here
from autofix.analysis.values import Function, Key, Value
from autofix.model import Kind

_NO_ELEMENTS = frozenset({"shape", "ndim", "dtype", "size"})
_COUNTING = frozenset({"len", "range", "enumerate", "isinstance", "hasattr"})


@dataclass(frozen=True)
class Given:
    """The functions that a loss consists of, the expressions there that hold what they are given, and its makers."""

    functions: tuple[Function, ...] = ()
    expressions: frozenset[Key] = frozenset()
    makers: frozenset[Key] = frozenset()


NOTHING_GIVEN = Given()


def given(text: str, diagnosis: Diagnosis) -> Given:
    """Return all that comes from the parameters of the loss and its helpers in this file."""
    positions = Positions(text)
    values = _values_given(diagnosis)
    functions = tuple(function for function, _ in values.values())
    expressions = {key for function, by_name in values.values() for key in _holding(function, by_name, positions)}
    makers = {maker for _, by_name in values.values() for each in by_name.values() for maker in each.makers}
    return Given(functions, frozenset(expressions), frozenset(makers))


def _values_given(diagnosis: Diagnosis) -> dict[int, tuple[Function, dict[str, Value]]]:
    """Return the functions that lead to the loss's value, with what each parameter is that is no plain number."""
    numbers = {each.name for each in (diagnosis.target.parameters if diagnosis.target else ()) if each.role == "number"}
    found: dict[int, tuple[Function, dict[str, Value]]] = {}
    for invocation in diagnosis.invocations:
        function = invocation.function
        if not is_here(function.node) or differentiates(function.node) or not _leads_there(function, diagnosis):
            continue
        is_the_loss = diagnosis.function is not None and diagnosis.function.node is function.node
        _, by_name = found.setdefault(id(function.node), (function, {}))
        for name, value in invocation.arguments:
            open_kind = value.kind is Kind.OTHER and (is_the_loss or value.unknown)
            has_elements = open_kind or value.kind in (Kind.TENSOR, Kind.ARRAY, Kind.SEQUENCE)
            if has_elements and value.meaning is None and not (is_the_loss and name in numbers):
                by_name[name] = value
    return found


def _leads_there(function: Function, diagnosis: Diagnosis) -> bool:
    node = function.node
    first, last = node.lineno, node.end_lineno or node.lineno
    return any(first <= key[1] and key[3] <= last for key in diagnosis.reaching)


def _holding(function: Function, names: Iterable[str], positions: Positions) -> Iterator[Key]:
    """Yield the expressions of a function in which one of these names stands, or what was made of one."""
    holding = set(names) - {"self", "cls"}
    size = -1
    while size != len(holding):
        size = len(holding)
        for node in ast.walk(function.node):
            holding |= _bound_by(node, holding)
    for node in ast.walk(function.node):
        if isinstance(node, (ast.expr, ast.AugAssign)) and _mentions(node, holding):
            yield positions.key(node)


def _bound_by(node: ast.AST, holding: set[str]) -> set[str]:
    """Return the names that a statement binds to something made of these."""
    match node:
        case ast.Assign(targets=targets, value=value):
            pass
        case ast.AugAssign(target=target, value=value) | ast.AnnAssign(target=target, value=ast.expr() as value):
            targets = [target]
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            targets = [target]
        case _:
            return set()
    if not _mentions(value, holding):
        return set()
    pieces = [each for target in targets for each in ast.walk(target)]
    return {each.id for each in pieces if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}


def _mentions(node: ast.AST, names: set[str]) -> bool:
    """Does one of these names stand here for its elements, not for its shape?"""
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.Attribute) and node.attr in _NO_ELEMENTS:
        return False
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _COUNTING:
        return False
    return any(_mentions(each, names) for each in ast.iter_child_nodes(node))
