"""Which names a statement of a training step reads and changes, and whether two statements may change places."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from autofix.verify.names import bound, needed, root_name, within

_LEFT = "raise RuntimeError('the step leaves its loop here')"
_OWNED = frozenset({"trainable_variables", "trainable_weights", "variables", "weights", "parameters"})


def changed(statement: ast.AST) -> set[str]:
    """Return the names that a statement binds or changes in place: `w[0] = 1`, `losses.append(1)`."""
    names = set(bound(statement))
    for piece in within(statement):
        if isinstance(piece, (ast.Subscript, ast.Attribute)) and isinstance(piece.ctx, ast.Store):
            names |= root_name(piece)
        elif isinstance(piece, ast.Expr) and isinstance(piece.value, ast.Call):
            func = piece.value.func
            names |= root_name(func) if isinstance(func, ast.Attribute) else set()
    return names


def out_of_its_loop(statement: ast.stmt) -> ast.stmt:
    """Change a statement that is taken out of a loop: where it left that loop or began it anew, it raises."""
    left: ast.stmt = _Leaving().visit(statement)
    return left


class _Leaving(ast.NodeTransformer):
    """Puts an exception for each `break` and `continue` whose loop is not in the statement itself."""

    def visit_Break(self, node: ast.Break) -> ast.stmt:
        return _raised(node)

    def visit_Continue(self, node: ast.Continue) -> ast.stmt:
        return _raised(node)

    def visit_For(self, node: ast.For) -> ast.stmt:
        return self._own(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.stmt:
        return self._own(node)

    def visit_While(self, node: ast.While) -> ast.stmt:
        return self._own(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        return node

    def _own(self, node: ast.For | ast.AsyncFor | ast.While) -> ast.stmt:
        node.orelse = [self.visit(each) for each in node.orelse]
        return node


def _raised(node: ast.stmt) -> ast.stmt:
    return ast.fix_missing_locations(ast.copy_location(ast.parse(_LEFT).body[0], node))


def conflict(first: ast.AST, second: ast.AST) -> bool:
    """Would it make a difference if `second` ran before `first`?"""
    written, overwritten = changed(first), changed(second)
    return bool(written & (needed(second) | overwritten) or needed(first) & overwritten)


def slice_back(statements: Sequence[ast.stmt], names: Iterable[str]) -> list[ast.stmt]:
    """Return the statements, in their order, that give `names` the values they have at the end."""
    wanted = set(names)
    kept: list[ast.stmt] = []
    for statement in reversed(statements):
        if changed(statement) & wanted:
            kept.insert(0, statement)
            wanted |= needed(statement)
    return kept


def reads(node: ast.AST) -> set[str]:
    """Return the dotted names that are read in a node, every beginning of each: `self`, `self.model`."""
    found: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, (ast.Name, ast.Attribute)) and isinstance(each.ctx, ast.Load):
            found |= {dotted(each)} - {""}
    return found | ({dotted(node.target)} if isinstance(node, ast.AugAssign) else set())


def dotted(node: ast.AST) -> str:
    """Return `self.model` for that expression, nothing for what is no chain of names."""
    if isinstance(node, ast.Name):
        return node.id
    owner = dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{owner}.{node.attr}" if isinstance(node, ast.Attribute) and owner else ""


def owners(sources: ast.expr, statements: Iterable[ast.stmt]) -> set[str]:
    """Return what a gradient is asked for: models by their dotted names, variables and tensors by theirs.

    A name that stands for a list of variables (`weights = model.trainable_variables`) is followed to what they are of.
    """
    names = _owners(sources)
    for statement in statements:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = dotted(statement.targets[0])
            owned = any(isinstance(each, ast.Attribute) and each.attr in _OWNED for each in ast.walk(statement.value))
            if target in names and owned:
                names = (names - {target}) | _owners(statement.value)
    return names


def _owners(node: ast.AST) -> set[str]:
    name = dotted(node)
    if name:
        owner, _, last = name.rpartition(".")
        return {owner} if owner and last in _OWNED else {name}
    if isinstance(node, ast.Call):
        parts = [*node.args, *(each.value for each in node.keywords)]
        func = node.func
        own = _owners(func) if isinstance(func, ast.Attribute) and func.attr in _OWNED else set()
        return own.union(*(_owners(each) for each in parts))
    return set().union(*(_owners(each) for each in ast.iter_child_nodes(node)))
