"""What one file takes from another by name: a tree and a module in, the places out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autofix.analysis.flow import dotted
from autofix.analysis.neighbours import Around, Neighbour
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


def takers_of(name: str, around: Around) -> Iterator[tuple[Neighbour, str, str]]:
    """Yield the files that may take a name of the one at hand: those that import it, and those that import these.

    With each go the module that it is imported from, and the name that it has there.
    """
    seen, waiting = {around.path}, [(around, name)]
    while waiting:
        home, known = waiting.pop(0)
        module = module_of(home.path)
        for other in home.importers():
            if other.path in seen:
                continue
            yield other, module, known
            names = _handed_on(other.tree, module, known)
            if names:
                seen.add(other.path)
                waiting += [(around.seen_from(other.path, ""), each) for each in names]


def _handed_on(tree: ast.Module, module: str, name: str) -> set[str]:
    """Return what a file itself calls a name of a module that it imports, so that others may import it from there."""
    found = [alias for each in tree.body if isinstance(each, ast.ImportFrom)
             and (each.module or "").rpartition(".")[2] == module for alias in each.names]  # fmt: skip
    names = {alias.asname or alias.name for alias in found if alias.name == name}
    return names | ({name} if any(alias.name == "*" for alias in found) else set())


def module_of(path: str) -> str:
    """Return the last name of the module that a file is."""
    parts = path.replace("\\", "/").split("/")
    return parts[-2] if parts[-1] == "__init__.py" else parts[-1].removesuffix(".py")


def _binds(tree: ast.Module, name: str) -> bool:
    """Does a file give a name a meaning of its own?"""
    imports: list[ast.Import | ast.ImportFrom] = [*nodes_of(tree, ast.Import), *nodes_of(tree, ast.ImportFrom)]
    imported = (alias for each in imports for alias in each.names)
    if any((alias.asname or alias.name.partition(".")[0]) == name for alias in imported):
        return True
    return any(each.id == name and isinstance(each.ctx, ast.Store) for each in nodes_of(tree, ast.Name))
