"""The one pass over the LibCST tree of a module, from the inside out; every other character stays as it is.

Takes the tree and an empty state for each candidate; gives the rewritten trees, one for each combination of the
alternatives that the operations have. What becomes of a node is decided by the function that `@rewrites` its type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product

import libcst as cst

from autofix.rewrite import calls, operators, statements, stores, subscripts
from autofix.rewrite.parentheses import around_operands
from autofix.rewrite.state import HANDLERS, State
from autofix.rewrite.subscripts import choose_plainest_shape
from autofix.rewrite.tensors import created_as_tensor
from autofix.syntax.spans import Key

HANDLER_MODULES = (calls, operators, statements, stores, subscripts)
"""The modules whose import fills `HANDLERS`."""


@dataclass(frozen=True)
class RewrittenTree:
    """A module after one pass, and what the pass did."""

    module: cst.Module
    state: State


def rewritten_trees(
    module: cst.Module, new_state: Callable[[Mapping[Key, int]], State], most: int
) -> Iterator[RewrittenTree]:
    """Yield a tree for each combination of alternatives, at most so many; the preferred alternatives come first."""
    first = _rewritten(module, new_state({}))
    yield first
    counts = {key: count for key, count in first.state.alternatives.items() if count > 1}
    for combination in islice(product(*map(range, counts.values())), 1, most):
        yield _rewritten(module, new_state(dict(zip(counts, combination, strict=True))))


def _rewritten(module: cst.Module, state: State) -> RewrittenTree:
    return RewrittenTree(cst.ensure_type(module.visit(_Transformer(state)), cst.Module), state)


class _Transformer(cst.CSTTransformer):
    """Calls the function that is registered for the type of each node."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self._state = state

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef):
            self._state.enclosing.append(node)
        elif isinstance(node, cst.Subscript):
            choose_plainest_shape(self._state, node)
        return True

    def on_leave(
        self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT
    ) -> cst.CSTNodeT | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNodeT]:
        if isinstance(original_node, cst.FunctionDef):
            self._state.enclosing.pop()
        handler = HANDLERS.get(type(original_node))
        left = handler(self._state, original_node, updated_node) if handler is not None else updated_node
        if isinstance(left, cst.CSTNode):
            left = around_operands(left)  # what was put in may bind looser than what it stands for
        key = self._state.key(original_node) if self._state.plan.made else None
        if key in self._state.plan.made and isinstance(left, cst.BaseExpression):
            left = created_as_tensor(self._state, key, original_node, left)
        return left  # type: ignore[return-value]
