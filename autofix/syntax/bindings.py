"""Take a statement or expression; give the names that it binds, reads and changes.

Also whether two statements of a training step may be reordered, and what flows into and out of them: a sum or a list
that a step builds up (`loss += …`, `losses.append(…)`) is added to; it starts where it gets a value whatever it had.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from autofix.knowledge.operations import having

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
FUNCTION_NODES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
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


def defaults_of(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr | None]]:
    """The parameters that may have a default, each with it; None for one that is given by its name and has none."""
    positional = [*arguments.posonlyargs, *arguments.args]
    return [*zip(positional[::-1], arguments.defaults[::-1], strict=False),
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]  # fmt: skip


def needed_although_optional(function: FunctionNode) -> set[str]:
    """The parameters whose default is None and that are used without a look at whether they are: a call gives them."""
    pairs = defaults_of(function.args)
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
        if isinstance(child, (*FUNCTION_NODES, ast.ClassDef)):
            yield child
        else:
            yield from within(child)


def in_scope(node: ast.AST) -> Iterator[ast.AST]:
    """What of a statement binds in the scope that it stands in: not what is in functions, classes, comprehensions."""
    yield node
    if not isinstance(node, (*FUNCTION_NODES, *COMPREHENSIONS, ast.ClassDef)):
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
    if isinstance(node, FUNCTION_NODES):
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


_LEFT = "raise RuntimeError('the step leaves its loop here')"
_OWNED = having("lists-variables") | {"variables", "weights", "parameters"}


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


def last_part(node: ast.AST | None) -> str:
    """Return the last name of a chain: `zeros` for `np.zeros` and for `zeros`; nothing for what is no name."""
    return getattr(node, "attr", "") or getattr(node, "id", "")


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


_GROWING = frozenset({"append", "extend", "insert", "add"})


def free(body: Sequence[ast.stmt], bound: set[str]) -> dict[str, None]:
    """Return the names that statements use before they give them a value, in the order of their use."""
    names: dict[str, None] = {}
    for statement in body:
        if isinstance(statement, ast.With):
            for item in statement.items:
                names |= dict.fromkeys(sorted(loaded(item) - bound))
            names |= free(statement.body, bound)
        elif isinstance(statement, ast.For):
            names |= dict.fromkeys(sorted(loaded(statement.iter) - bound))
            bound |= {each.id for each in ast.walk(statement.target) if isinstance(each, ast.Name)}
            names |= free([*statement.body, *statement.orelse], bound)
        elif isinstance(statement, (ast.If, ast.While)):
            taken = {each.target.id for each in ast.walk(statement.test) if isinstance(each, ast.NamedExpr)}
            names |= dict.fromkeys(sorted(loaded(statement) - bound - taken))
        else:
            names |= dict.fromkeys(sorted(loaded(statement) - bound))
        bound |= assigned(statement)
    return names


def loaded(node: ast.AST) -> set[str]:
    """Return the names that a node reads, those that comprehensions and lambdas in it bind for themselves left out."""
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
    names |= {each.target.id for each in ast.walk(node) if isinstance(each, ast.AugAssign)
              and isinstance(each.target, ast.Name)}  # fmt: skip
    return names - _inner_names(node)


def _inner_names(node: ast.AST) -> set[str]:
    """Return the names that comprehensions and lambdas in a node bind for themselves."""
    inner: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.comprehension):
            inner |= {name.id for name in ast.walk(each.target) if isinstance(name, ast.Name)}
        elif isinstance(each, ast.Lambda):
            inner |= {argument.arg for argument in each.args.args}
    return inner


def grown(node: ast.stmt) -> set[str]:
    """Return the names of what a statement adds to: `loss += …`, `losses.append(…)`."""
    names: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.AugAssign) and isinstance(each.target, ast.Name):
            names.add(each.target.id)
        elif isinstance(each, ast.Expr) and isinstance(each.value, ast.Call):
            func = each.value.func
            if isinstance(func, ast.Attribute) and func.attr in _GROWING and isinstance(func.value, ast.Name):
                names.add(func.value.id)
    return names


def started(node: ast.stmt) -> set[str]:
    """Return the names that a statement gives a new value, whatever they had."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)
            and isinstance(each.ctx, ast.Store)}  # fmt: skip


def assigned(node: ast.stmt) -> set[str]:
    """Return the names that a statement gives a value, those of which it sets an attribute included."""
    names: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            names.add(each.id)
        elif isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store) and isinstance(each.value, ast.Name):
            names.add(each.value.id)
    return names
