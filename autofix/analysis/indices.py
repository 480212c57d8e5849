"""The indices that an operation gives beside its values: `torch.max(x, 1)[1]`, `x.sort().indices`, `_, i = x.topk(3)`.

They move in steps, as those of `argmax` do.
"""

from __future__ import annotations

import ast

from autofix.analysis.record import operation
from autofix.analysis.results import cut_at, result_of
from autofix.analysis.run import Run
from autofix.analysis.values import Value
from autofix.knowledge.operations import values
from autofix.model import Kind

_WITH_INDICES = values("with-indices")
_AXES = ("dim", "axis")


def indices_at(run: Run, node: ast.Subscript | ast.Attribute, base: Value) -> Value | None:
    """Return the indices that `node` takes of what is made with them; None where it takes something else."""
    if isinstance(node, ast.Attribute):
        asked = node.attr == "indices"
    else:
        asked = isinstance(node.slice, ast.Constant) and node.slice.value == 1 and node.slice.value is not True
    if not asked or _call_with_indices(run, base) is None:
        return None
    return result_of(run, node, Kind.TENSOR, (base,), code="AF201")


def unpacked(run: Run, value: Value, count: int) -> tuple[Value, ...] | None:
    """Return the values and the indices that two targets are given; None where the value is no such pair."""
    call = _call_with_indices(run, value) if count == 2 else None
    if call is None:
        return None
    return value, value._replace(live=False, cuts=frozenset({cut_at(run, call, "AF201")}))


def _call_with_indices(run: Run, value: Value) -> ast.Call | None:
    """Return the call that made values with their indices."""
    if value.kind is not Kind.TENSOR or not value.derived or len(value.makers) != 1:
        return None
    (key,) = value.makers
    fact, node = run.facts.by_key.get(key), run.nodes.get(key)
    when = _WITH_INDICES.get(fact.callee) if fact is not None else None
    if fact is None or when is None or not isinstance(node, ast.Call):
        return None
    done = operation(node, fact.callee, fact.operands)
    of_axis = any(name in done.named for name in _AXES) or any(each.kind is Kind.NUMBER for each in done.operands[1:2])
    return node if when == "always" or of_axis else None
