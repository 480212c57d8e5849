"""Array libraries that are imported inside a function: made bridges there, as the module's own are in its namespace."""

from __future__ import annotations

import ast

from .oracle import ARRAY_LIBRARIES

BRIDGE = "__bridged_import__"


def bridge_inner_imports(tree: ast.Module) -> ast.Module:
    """The module with `import numpy as np` in functions made `np = bridge("numpy")`, each in its place."""
    changed = _Importer().visit(tree)
    assert isinstance(changed, ast.Module)
    return ast.fix_missing_locations(changed)


class _Importer(ast.NodeTransformer):
    depth = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1
        return node

    def visit_Import(self, node: ast.Import) -> ast.AST:
        wanted = [
            (alias.asname or alias.name.partition(".")[0], alias.asname is None, alias.name) for alias in node.names
        ]
        if not self.depth or not all(is_array_library(name) for _, _, name in wanted):
            return node
        return assigned(node, [(bound, name, "" if not top else name.partition(".")[0]) for bound, top, name in wanted])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if not self.depth or node.level or not is_array_library(node.module or "") or node.names[0].name == "*":
            return node
        return assigned(node, [(alias.asname or alias.name, f"{node.module}:{alias.name}", "") for alias in node.names])


def is_array_library(name: str) -> bool:
    return name.partition(".")[0] in ARRAY_LIBRARIES


def assigned(node: ast.stmt, imports: list[tuple[str, str, str]]) -> ast.stmt:
    """One statement that binds each name to what is imported for it; `top` is what a dotted import binds."""
    targets = ", ".join(bound for bound, _, _ in imports)
    values = ", ".join(f"{BRIDGE}({name!r}, {top!r})" for _, name, top in imports)
    return ast.copy_location(ast.parse(f"{targets}, = {values},").body[0], node)
