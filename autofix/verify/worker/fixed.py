"""Values that are held where they were while the rest of a loss is moved: what its author cuts on purpose."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator
from typing import Any, Callable

FIXED = "__fixed__"


class Fixed:
    """Called with each value that is to be held, in the order of the run: notes it, or gives back what was noted."""

    def __init__(self) -> None:
        self.known: list[Any] = []
        self.state = "idle"
        self.met = 0

    def __call__(self, value: Any) -> Any:
        if self.state == "noting":
            self.known.append(value)
        elif self.state == "holding":
            value = self.known[self.met]
            self.met += 1
        return value

    def start(self) -> None:
        """A run begins."""
        self.met = 0

    @contextlib.contextmanager
    def held(self, run: Callable[[], Any]) -> Iterator[None]:
        """In here every value is what it was in one run."""
        self.known, self.state = [], "noting"
        try:
            run()
            self.state = "holding"
            yield
        finally:
            self.state = "idle"


class Marked(ast.NodeTransformer):
    """Hands the expressions at some places to the holder."""

    def __init__(self, places: list[list[int]]) -> None:
        self.places = {tuple(one) for one in places}

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if not isinstance(node, ast.expr):
            return node
        at = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        if at not in self.places:
            return node
        self.places.discard(at)
        holder = ast.copy_location(ast.Name(FIXED, ast.Load()), node)
        return ast.copy_location(ast.Call(holder, [node], []), node)
