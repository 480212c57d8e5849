"""What one file takes from another by name: a tree and a module in, the places out."""

from __future__ import annotations

import ast

from autofix.analysis.flow import dotted
from autofix.analysis.remembered import nodes_of


def taken_from(tree: ast.Module, module: str, name: str) -> list[ast.AST]:
    """Return where a file uses `name` of another one: as `from losses import np`, by a star, or as `losses.np`."""
    found: list[ast.AST] = []
    modules, starred = set[str](), False
    for each in nodes_of(tree, ast.ImportFrom):
        if (each.module or "").rpartition(".")[2] == module:
            found += [each for alias in each.names if alias.name == name]
            starred = starred or any(alias.name == "*" for alias in each.names)
        modules |= {alias.asname or alias.name for alias in each.names if alias.name == module}
    for plain in nodes_of(tree, ast.Import):
        modules |= {alias.asname or alias.name for alias in plain.names if alias.name.rpartition(".")[2] == module}
    found += [each for each in nodes_of(tree, ast.Attribute) if each.attr == name and dotted(each.value) in modules]
    if starred and not _binds(tree, name):
        found += [each for each in nodes_of(tree, ast.Name) if each.id == name]
    return found


def _binds(tree: ast.Module, name: str) -> bool:
    """Does a file give a name a meaning of its own?"""
    imports: list[ast.Import | ast.ImportFrom] = [*nodes_of(tree, ast.Import), *nodes_of(tree, ast.ImportFrom)]
    imported = (alias for each in imports for alias in each.names)
    if any((alias.asname or alias.name.partition(".")[0]) == name for alias in imported):
        return True
    return any(each.id == name and isinstance(each.ctx, ast.Store) for each in nodes_of(tree, ast.Name))
