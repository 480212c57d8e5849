"""Which models a loss is given or holds, and what it does with them: the form of a stand-in for each.

A model is what the loss calls and does not define: a parameter (`model(x)`), an attribute (`self.encoder(x)`), a name
of the module. What is done with the result says what it returns: a tensor, a tuple, something with `.logits`.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from autofix.knowledge import naming
from autofix.knowledge.effects import ASKED_OF_MODELS, ASKED_OF_TENSORS
from autofix.knowledge.frameworks import CALLED
from autofix.knowledge.naming import Number, number
from autofix.syntax.bindings import FUNCTION_NODES, FunctionNode, bound, parameters

TRANSPARENT = frozenset({*CALLED, "module"})
ITERATED = frozenset({"zip", "enumerate", "list", "tuple", "len", "reversed"})


@dataclass(frozen=True)
class Pack:
    """How a model hands out what it returns: one tensor, a tuple, or by the names of `keys`; or a loss of its own."""

    pack: str = "tensor"
    keys: tuple[str, ...] = ("",)

    def merged(self, other: Pack) -> Pack:
        """What two uses say together; a tensor says least."""
        kinds = ("tensor", "criterion", "tuple", "fields")
        if self.pack == other.pack == "fields":
            return Pack("fields", tuple(dict.fromkeys((*self.keys, *other.keys))))
        return max(self, other, key=lambda one: (kinds.index(one.pack), len(one.keys)))


@dataclass(frozen=True)
class Model:
    """What is called, by its name as the loss knows it (`model`, `self.encoder`), and what each of its methods returns.

    `numbers` are its attributes that are no calls (`config.num_labels`), `fed` the names that it is called with.
    """

    name: str
    paths: Mapping[str, Pack]
    numbers: Mapping[str, Number] = field(default_factory=dict)
    fed: frozenset[str] = frozenset()


def models_of(function: FunctionNode, used: Iterable[ast.AST], known: Iterable[str]) -> tuple[Model, ...]:
    """The models of a loss and of the functions that it calls; `known` are the names that the module defines."""
    own_class = next((one for one in used if isinstance(one, ast.ClassDef) and function in one.body), None)
    functions: list[FunctionNode] = [function, *(one for one in used if isinstance(one, ast.FunctionDef))]
    if own_class is not None:
        functions += methods_reached(own_class, function)
    methods = {one.name for one in own_class.body if isinstance(one, ast.FunctionDef)} if own_class else set()
    passed = frozenset(one.arg for one in parameters(function)) - with_functions(function)
    found: dict[str, Model] = {}
    for each in functions:
        taken = passed if each is function else passed & {one.arg for one in parameters(each)}
        for model in models_in(each, taken, frozenset(known) | methods):
            found[model.name] = joined(found[model.name], model) if model.name in found else model
    return tuple(found.values())


def with_functions(function: FunctionNode) -> frozenset[str]:
    """The parameters that have a function where none is given: `agg=np.mean`, or None with `agg or np.mean`."""
    passed = function.args
    tests = [piece.test if isinstance(piece, (ast.If, ast.IfExp)) else piece
             for piece in ast.walk(function) if isinstance(piece, (ast.If, ast.IfExp, ast.BoolOp))]  # fmt: skip
    looked_at = {one.id for test in tests for one in ast.walk(test) if isinstance(one, ast.Name)}
    positional = [*passed.posonlyargs, *passed.args]
    pairs = [*zip(positional[::-1], passed.defaults[::-1], strict=False),
             *zip(passed.kwonlyargs, passed.kw_defaults, strict=True)]  # fmt: skip
    return frozenset(
        one.arg
        for one, default in pairs
        if isinstance(default, (ast.Name, ast.Attribute)) or (is_none(default) and one.arg in looked_at)
    )


def is_none(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def methods_reached(kind: ast.ClassDef, function: FunctionNode) -> list[FunctionNode]:
    """The other methods that a method calls, directly or not; `forward` where the instance itself is called."""
    methods = {one.name: one for one in kind.body if isinstance(one, ast.FunctionDef)}
    reached: list[FunctionNode] = [function]
    for one in reached:
        names = {piece.attr for piece in ast.walk(one) if isinstance(piece, ast.Attribute)}
        itself = any(isinstance(piece, ast.Call) and is_name(piece.func, "self") for piece in ast.walk(one))
        names |= {*CALLED} if itself else set()
        reached += [methods[name] for name in methods if name in names and methods[name] not in reached]
    return reached[1:]


def joined(one: Model, other: Model) -> Model:
    paths = dict(one.paths)
    for path, pack in other.paths.items():
        paths[path] = paths[path].merged(pack) if path in paths else pack
    return Model(one.name, paths, {**one.numbers, **other.numbers}, one.fed | other.fed)


def models_in(function: FunctionNode, passed: frozenset[str], known: frozenset[str]) -> Iterator[Model]:
    """The models of one function; parameters of it that are not `passed` are its caller's affair."""
    parents = {child: node for node in ast.walk(function) for child in ast.iter_child_nodes(node)}
    local = {one.arg for one in parameters(function)} | {
        name
        for node in ([] if isinstance(function, ast.Lambda) else function.body)
        for one in ast.walk(node)
        for name in (bound(one) if isinstance(one, ast.stmt) else ())
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and not isinstance(parents.get(node), ast.Expr):
            name, path = name_and_path(node.func)
            if is_model(name, path, passed, local, known):
                pack = Pack("criterion") if not path and is_criterion(name) else pack_of(node, function, parents)
                fed = frozenset(names_in(node)) if pack.pack != "criterion" else frozenset()
                yield Model(name, {path: pack}, fed=fed)
        elif isinstance(node, ast.Attribute) and not is_inner(node, parents.get(node)):
            name, path = name_and_path(node)
            asked = set(path.split("."))
            if name in passed and path and is_model_by_name(name) and not asked & (ASKED_OF_TENSORS | ASKED_OF_MODELS):
                yield Model(name, {}, {path: number(path.rpartition(".")[2])})


def is_inner(node: ast.Attribute, parent: ast.AST | None) -> bool:
    """Is more asked of this attribute, or is it called?"""
    return isinstance(parent, ast.Attribute) or (isinstance(parent, ast.Call) and parent.func is node)


def is_model(name: str, path: str, passed: frozenset[str], local: set[str], known: frozenset[str]) -> bool:
    """Is this what a loss calls and does not define?"""
    last = path.rpartition(".")[2]
    if not name or last in ASKED_OF_MODELS or (path and (last in ASKED_OF_TENSORS or not is_model_by_name(name))):
        return False
    if name.startswith("self."):
        return name.removeprefix("self.") not in known
    return name in passed or not (path or name in local or name in known or hasattr(builtins, name))


def is_model_by_name(name: str) -> bool:
    return naming.is_model(name) or bool(set(naming.words(name)) & naming.FROZEN_MODEL)


def is_criterion(name: str) -> bool:
    return not is_model_by_name(name) and (
        naming.is_loss(name) or bool({"distance", "metric"} & set(naming.words(name)))
    )


def name_and_path(node: ast.expr) -> tuple[str, str]:
    """`self.net` and `encode` of `self.net.module.encode`; two empty strings for what no name leads to."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return "", ""
    if node.id == "self":
        name, parts = (f"self.{parts[0]}", parts[1:]) if parts else ("", [])
    else:
        name = node.id
    return name, ".".join(one for one in parts if one not in TRANSPARENT)


def names_in(call: ast.Call) -> Iterator[str]:
    """The names that a call is given as they are."""
    for one in [*call.args, *(keyword.value for keyword in call.keywords)]:
        if isinstance(one, ast.Name):
            yield one.id


def pack_of(call: ast.expr, function: FunctionNode, parents: Mapping[ast.AST, ast.AST]) -> Pack:
    """What the use of a result says of it, through the name that it is given."""
    found = said_by(call, parents)
    parent = parents.get(call)
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1 and isinstance(parent.targets[0], ast.Name):
        name = parent.targets[0].id
        for node in ast.walk(function):
            if is_name(node, name) and isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                found = found.merged(said_by(node, parents))
    return found


def said_by(node: ast.expr, parents: Mapping[ast.AST, ast.AST]) -> Pack:
    """What one place says of the value that stands there."""
    match parents.get(node):
        case ast.Attribute(attr=attribute) as parent:
            around = parents.get(parent)
            if isinstance(around, ast.Call) and around.func is parent:
                key = around.args[0] if attribute in ("get", "pop") and around.args else None
                return Pack("fields", (str(key.value),)) if isinstance(key, ast.Constant) else Pack()
            return Pack() if attribute in ASKED_OF_TENSORS else Pack("fields", (attribute,))
        case ast.Subscript(slice=ast.Constant(value=str() as key), value=value) if value is node:
            return Pack("fields", (key,))
        case ast.Assign(targets=[ast.Tuple(elts=names)]) if all(isinstance(one, ast.Name) for one in names):
            return Pack("tuple", tuple(one.id for one in names if isinstance(one, ast.Name)))
        case ast.For() | ast.comprehension():
            return Pack("tuple", ("", ""))
        case ast.Call(func=ast.Name(id=called)) if called in ITERATED:
            return Pack("tuple", ("", ""))
    return Pack()


def is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def plain_attributes(function: FunctionNode, used: Iterable[ast.AST]) -> dict[str, Number]:
    """The attributes of `self` that a method reads as plain values (`alpha`, `args.beta`), each with a number."""
    own_class = next((one for one in used if isinstance(one, ast.ClassDef) and function in one.body), None)
    if own_class is None:
        return {}
    return dict(attributes_used([function, *methods_reached(own_class, function)], "self"))


def attributes_used(nodes: Iterable[ast.AST], root: str) -> Iterator[tuple[str, Number]]:
    """The dotted attributes of a name that are read and not called, without what is asked of a tensor there."""
    for node in nodes:
        inner = {id(one.value) for one in ast.walk(node) if isinstance(one, ast.Attribute)}
        called = {id(one.func) for one in ast.walk(node) if isinstance(one, ast.Call)}
        for piece in ast.walk(node):
            if isinstance(piece, ast.Attribute) and isinstance(piece.ctx, ast.Load) and id(piece) not in inner:
                parts = ast.unparse(piece).split(".")
                is_value = parts[-1] not in ASKED_OF_TENSORS and id(piece) not in called
                if parts[0] == root and is_value and all(one.isidentifier() for one in parts):
                    yield ".".join(parts[1:]), number(parts[-1])


def called_inside(kind: ast.ClassDef, name: str) -> str | None:
    """The attribute that `__init__` makes of a parameter of its own, where the class calls it: that is a model."""
    start = next((one for one in kind.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None)
    for node in ast.walk(start) if start is not None else ():
        if isinstance(node, ast.Assign) and is_name(node.value, name) and isinstance(node.targets[0], ast.Attribute):
            attribute = node.targets[0].attr
            for call in ast.walk(kind):
                if isinstance(call, ast.Call) and not isinstance(call, FUNCTION_NODES):
                    found, path = name_and_path(call.func)
                    if found == f"self.{attribute}" and (not path or is_model_by_name(found)):
                        return attribute
    return None
