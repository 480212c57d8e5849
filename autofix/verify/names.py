"""Which names a piece of syntax binds, touches and needs from outside itself."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def parameters(function: FunctionNode) -> list[ast.arg]:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return named + [one for one in (arguments.vararg, arguments.kwarg) if one is not None]


def required_parameters(function: FunctionNode) -> list[str]:
    """The parameters that every call has to give."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    without = positional[: len(positional) - len(arguments.defaults)]
    keyword = [one for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default is None]
    return [one.arg for one in [*without, *keyword]]


def needed_although_optional(function: FunctionNode) -> set[str]:
    """The parameters whose default is None and that are used without a look at whether they are: a call gives them."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(positional[::-1], arguments.defaults[::-1], strict=False),
             *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]  # fmt: skip
    names = {one.arg for one, default in pairs if isinstance(default, ast.Constant) and default.value is None}
    used = {piece.value.id for piece in ast.walk(function)
            if isinstance(piece, ast.Attribute) and isinstance(piece.value, ast.Name)}  # fmt: skip
    looked_at: set[str] = set()
    for piece in ast.walk(function):
        if isinstance(piece, (ast.If, ast.IfExp, ast.While, ast.Assert)):
            looked_at |= {one.id for one in ast.walk(piece.test) if isinstance(one, ast.Name)}
        elif isinstance(piece, ast.BoolOp):
            looked_at |= {one.id for one in ast.walk(piece) if isinstance(one, ast.Name)}
    return (names & used) - looked_at


def within(node: ast.AST) -> Iterator[ast.AST]:
    """The node and what is in it, without the bodies of the functions and classes in it."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (*FUNCTIONS, ast.ClassDef)):
            yield child
        else:
            yield from within(child)


def in_scope(node: ast.AST) -> Iterator[ast.AST]:
    """What of a statement binds in the scope that it stands in: not what is in functions, classes, comprehensions."""
    yield node
    if not isinstance(node, (*FUNCTIONS, *COMPREHENSIONS, ast.ClassDef)):
        for child in ast.iter_child_nodes(node):
            yield from in_scope(child)


def bound(node: ast.AST) -> set[str]:
    """The names that running a statement binds in its own scope."""
    names: set[str] = set()
    for piece in in_scope(node):
        if isinstance(piece, ast.Name) and isinstance(piece.ctx, (ast.Store, ast.Del)):
            names.add(piece.id)
        elif isinstance(piece, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(piece.name)
        elif isinstance(piece, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in piece.names}
        elif isinstance(piece, ast.ExceptHandler) and piece.name:
            names.add(piece.name)
    return names


def touched(node: ast.AST) -> set[str]:
    """The names whose values a statement changes in place: `w[0] = 1`, `w.append(1)`, `fill(w)`."""
    names: set[str] = set()
    for piece in within(node):
        if isinstance(piece, (ast.Subscript, ast.Attribute)) and isinstance(piece.ctx, ast.Store):
            names |= root_name(piece)
        elif isinstance(piece, ast.Expr) and isinstance(piece.value, ast.Call):
            names |= root_name(piece.value.func)
            for argument in piece.value.args:
                names |= root_name(argument)
    return names


def root_name(node: ast.AST) -> set[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def needed(node: ast.AST) -> set[str]:
    """The names that a piece of syntax takes from outside, now or when it is called later."""
    if isinstance(node, FUNCTIONS):
        return needed_by_function(node)
    if isinstance(node, COMPREHENSIONS):
        targets = {name for one in node.generators for name in bound(one.target)}
        return needed_by_all(ast.iter_child_nodes(node)) - targets
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    found = needed_by_all(ast.iter_child_nodes(node))
    return found | root_name(node.target) if isinstance(node, ast.AugAssign) else found


def needed_by_all(nodes: Iterable[ast.AST]) -> set[str]:
    return {name for node in nodes for name in needed(node)}


def needed_by_function(function: FunctionNode) -> set[str]:
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    own = {one.arg for one in parameters(function)} | {name for node in body for name in bound(node)}
    own -= {
        name
        for node in body
        for piece in within(node)
        if isinstance(piece, (ast.Global, ast.Nonlocal))
        for name in piece.names
    }
    outside = needed_by_all(function.args.defaults) | needed_by_all(one for one in function.args.kw_defaults if one)
    outside |= needed_by_all(one.annotation for one in parameters(function) if one.annotation)
    if not isinstance(function, ast.Lambda):
        outside |= needed_by_all(function.decorator_list)
        outside |= needed(function.returns) if function.returns else set()
    declared = {
        name for node in body for piece in within(node) if isinstance(piece, ast.Global) for name in piece.names
    }
    return outside | declared | (needed_by_all(body) - own)


def needed_by_method(kind: ast.ClassDef, method: str) -> set[str]:
    """What a class and one of its methods need: the other methods count only where `self` calls them."""
    methods = {one.name: one for one in kind.body if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))}
    wanted, rest = (
        {"__init__", "build", method} & set(methods),
        [one for one in kind.body if one not in methods.values()],
    )
    while True:
        reached = {
            piece.attr for name in wanted for piece in ast.walk(methods[name]) if isinstance(piece, ast.Attribute)
        } & set(methods)
        if reached <= wanted:
            break
        wanted |= reached
    names = needed_by_all([*kind.bases, *(keyword.value for keyword in kind.keywords), *kind.decorator_list, *rest])
    # Decorators and defaults of the other methods are evaluated with the class, their bodies are not.
    for name, function in methods.items():
        names |= (
            needed(function) if name in wanted else needed_by_all([*function.decorator_list, *function.args.defaults])
        )
    return names - {one.name for one in methods.values()}
