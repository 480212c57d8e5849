"""The frameworks that a file is written in, by what it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autofix.knowledge.frameworks import KERAS_BACKEND, written_in
from autofix.model import Framework
from autofix.syntax.bindings import dotted
from autofix.syntax.memo import nodes_of, remembered


@remembered
def frameworks(tree: ast.Module) -> list[Framework]:
    """Return the frameworks that a module imports anywhere."""
    names = [(node.lineno, alias.name) for node in nodes_of(tree, ast.Import) for alias in node.names]
    names += [(node.lineno, node.module) for node in nodes_of(tree, ast.ImportFrom) if node.module]
    return list(written_in((name for _, name in sorted(names, key=lambda each: each[0])), _of_keras_backend(tree)))


def _of_keras_backend(tree: ast.Module) -> Iterator[str]:
    """Yield what a module uses of `keras.backend`, under the name that it is imported as."""
    imported = [
        (f"{node.module}.{alias.name}", alias) for node in nodes_of(tree, ast.ImportFrom) for alias in node.names
    ]
    imported += [(alias.name, alias) for node in nodes_of(tree, ast.Import) for alias in node.names]
    names = {KERAS_BACKEND, *(each.asname or each.name for name, each in imported if name == KERAS_BACKEND)}
    yield from (node.attr for node in nodes_of(tree, ast.Attribute) if dotted(node.value) in names)
    yield from (each.name for name, each in imported if name == f"{KERAS_BACKEND}.{each.name}")
