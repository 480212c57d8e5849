"""What a name of a module refers to: every place that binds it, in the scope where it is looked up.

Takes the syntax of one module; the answers are nodes of its tree. Unlike `Syntax.bindings`, which follows a value back
to its likeliest source, this is complete: bindings other than assignments are marked as such. Also which names one file
imports from another, and which bases a class inherits from, as far as they are named in the file.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from autofix.knowledge import effects
from autofix.syntax.bindings import dotted
from autofix.syntax.memo import nodes_of
from autofix.syntax.module import FUNCTIONS, Syntax, parameter
from autofix.syntax.spans import Around, Neighbour

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


@dataclass(frozen=True, eq=False)
class Bound:
    """One place that binds a name: the value, or what is iterated, and the way into it (`1` of `for _, f in …`).

    Of an import, `dotted` is the canonical name; of a parameter, `node` is the function.
    """

    kind: Literal["value", "element", "import", "definition", "parameter", "other"]
    node: ast.AST
    way: tuple[int, ...] = ()
    dotted: str = ""


class Scopes:
    """The scopes of one module."""

    def __init__(self, syntax: Syntax) -> None:
        self.syntax = syntax
        self._stores: dict[int, dict[str, list[Bound]]] = {}
        self._rebound = {name for each in ast.walk(syntax.tree) if isinstance(each, ast.Global) for name in each.names}

    def lookup(self, name: ast.Name) -> tuple[ast.AST | None, list[Bound]]:
        """Return the scope in which a name is found, and all that binds it there; None for one of Python's own."""
        inner: ast.AST = name
        for scope in self.syntax.around(name):
            found = self._found(scope, name.id, inner)
            if found:
                return scope, found
            inner = scope
        return None, []

    def _found(self, scope: ast.AST, name: str, inner: ast.AST) -> list[Bound]:
        """Return what binds a name in a scope that is looked into from `inner`, which stands in it."""
        if isinstance(scope, _COMPREHENSIONS):
            loops = (each for one in scope.generators for each in _taken_apart(one.target, "element", one.iter, ()))
            return [bound for target, bound in loops if target == name]
        if isinstance(scope, FUNCTIONS):
            if inner in (*scope.args.defaults, *scope.args.kw_defaults, *getattr(scope, "decorator_list", ())):
                return []
            own = [Bound("parameter", scope)] if parameter(scope, name) is not None else []
            return own + self.stores(scope).get(name, [])
        if scope is self.syntax.tree:
            rebound = [Bound("other", scope)] if name in self._rebound else []
            found = self.stores(scope).get(name, [])
            return found + rebound if found else []
        return []

    def stores(self, scope: ast.AST) -> dict[str, list[Bound]]:
        """Return what binds each name in the body of a function, of a class or of the module."""
        if id(scope) not in self._stores:
            found: dict[str, list[Bound]] = defaultdict(list)
            body = getattr(scope, "body", [])
            for each in body if isinstance(body, list) else [body]:
                for name, bound in _bound_in(each):
                    found[name].append(bound)
            self._stores[id(scope)] = found
        return self._stores[id(scope)]

    def dotted(self, node: ast.expr) -> str:
        """Return the canonical name of what a path always stands for (`numpy.mean`); "" where that is not sure.

        A name that is bound to such a path once, and never otherwise, stands for it as well.
        """
        if isinstance(node, ast.Attribute):
            owner = self.dotted(node.value)
            return effects.canonical(f"{owner}.{node.attr}") if owner else ""
        if not isinstance(node, ast.Name):
            return ""
        scope, found = self.lookup(node)
        if scope is None:
            return f"builtins.{node.id}"
        found = [each for each in found if not _is_none(each)]
        if found and all(each.kind == "import" for each in found):
            names = [each.dotted for each in found]  # the same from an older place, where the first is missing
            return names[0] if len({each.rpartition(".")[2] for each in names}) == 1 else ""
        if len(found) == 1 and found[0].kind == "value" and not found[0].way and found[0].node is not node:
            value = found[0].node
            return self.dotted(value) if isinstance(value, (ast.Name, ast.Attribute)) else ""
        return ""


def _is_none(bound: Bound) -> bool:
    return isinstance(bound.node, ast.Constant) and bound.node.value is None


def _bound_in(node: ast.AST) -> Iterator[tuple[str, Bound]]:
    """Yield the names that a statement, and all that it holds in the same scope, binds."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name, Bound("definition", node)
        return
    if isinstance(node, (ast.Lambda, *_COMPREHENSIONS)):
        return
    yield from _bound_here(node)
    for child in ast.iter_child_nodes(node):
        yield from _bound_in(child)


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Yield the names that an import binds, with the canonical dotted names that they stand for."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            whole = "." * node.level + (f"{node.module}." if node.module else "") + alias.name
            yield alias.asname or alias.name, effects.canonical(whole)
        else:
            whole = alias.name if alias.asname else alias.name.partition(".")[0]
            yield alias.asname or whole, effects.canonical(whole)


def imports_in(tree: ast.Module) -> list[tuple[str, str]]:
    """Return the names that all imports of a file bind, with what they stand for."""
    statements: list[ast.Import | ast.ImportFrom] = [*nodes_of(tree, ast.Import), *nodes_of(tree, ast.ImportFrom)]
    return [pair for each in statements for pair in imported(each)]


def _bound_here(node: ast.AST) -> Iterator[tuple[str, Bound]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _taken_apart(target, "value", value, ())
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
            yield from _taken_apart(target, "value", value, ())
        case ast.For(target=target, iter=iterated) | ast.AsyncFor(target=target, iter=iterated):
            yield from _taken_apart(target, "element", iterated, ())
        case ast.Import() | ast.ImportFrom():
            yield from ((name, Bound("import", node, dotted=dotted)) for name, dotted in imported(node))
        case ast.AugAssign(target=ast.Name(id=name)) | ast.ExceptHandler(name=str(name)):
            yield name, Bound("other", node)
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name, Bound("other", node)
        case ast.withitem(optional_vars=ast.expr() as target):
            yield from ((name, Bound("other", node)) for name, _ in _taken_apart(target, "value", target, ()))
        case ast.Delete(targets=targets):
            yield from ((each.id, Bound("other", node)) for each in targets if isinstance(each, ast.Name))


def _taken_apart(
    target: ast.expr, kind: Literal["value", "element"], value: ast.expr, way: tuple[int, ...]
) -> Iterator[tuple[str, Bound]]:
    """Yield the names in a target, each with the part of the value that it gets."""
    if isinstance(target, ast.Name):
        yield target.id, Bound(kind, value, way)
    elif isinstance(target, ast.Starred):
        yield from ((name, Bound("other", target)) for name, _ in _taken_apart(target.value, kind, value, way))
    elif isinstance(target, (ast.Tuple, ast.List)):
        for place, each in enumerate(target.elts):
            yield from _taken_apart(each, kind, value, (*way, place))


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
    if any(bound == name for bound, _ in imports_in(tree)):
        return True
    return any(each.id == name and isinstance(each.ctx, ast.Store) for each in nodes_of(tree, ast.Name))


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
