"""What a class inherits from, by name: as far as its bases are in the same file, or named there."""

from __future__ import annotations

import ast

from autofix.analysis.remembered import nodes_of


def names_of_bases(node: ast.ClassDef, tree: ast.Module) -> set[str]:
    """Return the names of all classes that one inherits from."""
    classes = {each.name: each for each in nodes_of(tree, ast.ClassDef)}
    found: set[str] = set()
    waiting = [node]
    while waiting:
        names = {ast.unparse(each).rpartition(".")[2] for each in waiting.pop().bases} - found
        found |= names
        waiting += [classes[each] for each in names if each in classes]
    return found
