"""Tells which calls make an optimizer, what each is given to train, and which tensors are leaves on purpose.

An optimizer is known by what it is (it comes from a module of optimizers, or its class derives from one) and by what
is done with it (`step()`, `apply_gradients()`, `minimize()`), never by a list of names: there are hundreds.
`x.requires_grad = True` is right for an input to optimize (an adversarial image, a latent code), whatever it was made
from: its own gradient is read, asked for, or followed by an optimizer. On a loss it hides a lost gradient.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from autofix.knowledge import naming
from autofix.knowledge.operations import having
from autofix.syntax.memo import nodes_of, remembered

_STEPS = frozenset({"step", "apply_gradients", "minimize"})
_LISTS = frozenset({"append", "extend", "insert"})

PARAMETERS = having("lists-parameters") | having("lists-variables")
"""Attributes and methods that list what is trained of a model."""


@remembered
def optimizers(tree: ast.AST) -> Sequence[ast.Call]:
    """Return the calls that make an optimizer, in the order of the walk."""
    imported, derived = _imported(tree), _derived(tree)
    used = {id(made) for made in _used_as_optimizers(tree)}
    return [
        each
        for each in nodes_of(tree, ast.Call)
        if id(each) in used or _is_named(each.func, imported) or (_last(each.func) in derived)
    ]


def given_to(call: ast.Call) -> list[ast.expr]:
    """Return what an optimizer is given to train: its first argument, or the one called `params`."""
    named = [each.value for each in call.keywords if each.arg in ("params", "parameters", "model_params", "var_list")]
    return [*call.args[:1], *named]


@remembered
def optimized(tree: ast.AST) -> frozenset[str]:
    """Return the names of the tensors that optimizers and tapes are given: `x` for `Adam([x])`, also in a list."""
    given = [*_trained_by(tree)]
    for call in nodes_of(tree, ast.Call):
        if _last(call.func) == "add_param_group":
            given += call.args[:1]
    return frozenset(_followed(given, _listed(tree)))


@remembered
def trained_models(tree: ast.AST) -> frozenset[str]:
    """Return the names of what is trained by its parameters: `net` for `Adam(net.parameters())`, `tape.gradient(…)`."""
    given = [*_trained_by(tree)]
    listed = _listed(tree)
    reached, waiting = list(given), [name for each in given for name in _names(each)]
    for name in waiting:
        new = [each for each in listed.get(name, ()) if not any(each is one for one in reached)]
        reached += new
        waiting += [each for one in new for each in _names(one)]
    owners = (each for one in reached for each in ast.walk(one) if isinstance(each, ast.Attribute))
    return frozenset(
        name_of(each.value) for each in owners if each.attr in PARAMETERS and name_of(each.value) != "self"
    )


def _trained_by(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield what optimizers and tapes are given to train."""
    yield from (each for call in optimizers(tree) for each in given_to(call))
    for call in nodes_of(tree, ast.Call):
        if _last(call.func) in ("gradient", "minimize"):
            yield from call.args[1:2]
            yield from (each.value for each in call.keywords if each.arg in ("sources", "var_list"))


def name_of(node: ast.AST) -> str:
    """Return `x` for `x`, `self.x` and `x[0]`."""
    if isinstance(node, ast.Subscript):
        return name_of(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def parts_of(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the expressions that a list of parameters, or of groups of them, is made of."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        for each in node.elts:
            yield from parts_of(each)
    elif isinstance(node, ast.Starred):
        yield from parts_of(node.value)
    elif isinstance(node, ast.BinOp):
        yield from parts_of(node.left)
        yield from parts_of(node.right)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from parts_of(value)
    elif isinstance(node, ast.Call) and _last(node.func) in ("list", "tuple", "iter", "chain", "dict"):
        for each in [*node.args, *(keyword.value for keyword in node.keywords)]:
            yield from parts_of(each)
    else:
        yield node


def _followed(given: Sequence[ast.expr], listed: Mapping[str, Sequence[ast.expr]]) -> set[str]:
    """Return the names in what is given, and in the lists that those names stand for."""
    found = {"", "self"}
    waiting = [name_of(part) for each in given for part in parts_of(each)]
    for name in waiting:
        if name not in found:
            found.add(name)
            waiting += [name_of(part) for each in listed.get(name, ()) for part in parts_of(each)]
    return found - {"", "self"}


@remembered
def _listed(tree: ast.AST) -> Mapping[str, Sequence[ast.expr]]:
    """Return what is put into lists, by their names: by a literal, `+=`, or `append`."""
    found: dict[str, list[ast.expr]] = {}
    for each in nodes_of(tree, ast.Assign):
        if isinstance(each.value, (ast.List, ast.Tuple, ast.Dict, ast.BinOp, ast.Call)):
            for target in each.targets:
                found.setdefault(name_of(target), []).append(each.value)
    for grown in nodes_of(tree, ast.AugAssign):
        found.setdefault(name_of(grown.target), []).append(grown.value)
    for call in nodes_of(tree, ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr in _LISTS and call.args:
            found.setdefault(name_of(call.func.value), []).append(call.args[-1])
    return found


def _used_as_optimizers(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield what makes the objects that are told to take a step: `opt = Lion([x])`, `opt.step()`."""
    stepped = {
        name_of(each.func.value)
        for each in nodes_of(tree, ast.Call)
        if isinstance(each.func, ast.Attribute) and each.func.attr in _STEPS
    }
    stepped = {name for name in stepped if name and not naming.is_environment(name) and not _is_scheduler(name)}
    for assign in nodes_of(tree, ast.Assign):
        for target, value in _pairs(assign):
            made = isinstance(value, ast.Call) and bool(given_to(value)) and not _is_scheduler(_last(value.func))
            if made and isinstance(value, ast.Call) and name_of(target) in stepped:
                yield value


def _pairs(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield each target of an assignment with what it is given: `a, b = f(x), g(y)` has two."""
    for target in node.targets:
        both = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
        if both and len(target.elts) == len(node.value.elts):  # type: ignore[attr-defined]
            yield from zip(target.elts, node.value.elts, strict=True)  # type: ignore[attr-defined]
        else:
            yield target, node.value


def _is_named(func: ast.expr, imported: Mapping[str, str]) -> bool:
    """Does the way to what is called say that it is an optimizer: a module of optimizers, or the name itself?"""
    if isinstance(func, ast.Call) and _last(func.func) == "getattr" and func.args:
        return _of_optimizers(_dotted(func.args[0], imported).split("."))
    if isinstance(func, ast.Subscript):
        return _of_optimizers([name_of(func)])
    *modules, last = _dotted(func, imported).split(".")
    if _is_scheduler(last) or any(_is_scheduler(each) for each in modules):
        return False
    return bool(naming.OPTIMIZER & set(naming.words(last))) or (last[:1].isupper() and _of_optimizers(modules))


def _of_optimizers(names: Sequence[str]) -> bool:
    return any(naming.OPTIMIZER & set(naming.words(each)) for each in names)


@cache
def _is_scheduler(name: str) -> bool:
    return bool(naming.SCHEDULER & set(naming.words(name)))


@remembered
def _derived(tree: ast.AST) -> frozenset[str]:
    """Return the classes of a module that derive from an optimizer."""
    imported = _imported(tree)
    found: set[str] = set()
    classes = nodes_of(tree, ast.ClassDef)
    for _ in classes:
        new = {each.name for each in classes for base in each.bases
               if _last(base) in found or _is_named(base, imported)}  # fmt: skip
        if new <= found:
            break
        found |= new
    return frozenset(found)


@remembered
def _imported(tree: ast.AST) -> Mapping[str, str]:
    """Return what the imported names of a module stand for."""
    found = {each.asname: each.name for node in nodes_of(tree, ast.Import) for each in node.names if each.asname}
    for node in nodes_of(tree, ast.ImportFrom):
        found |= {each.asname or each.name: f"{node.module or ''}.{each.name}" for each in node.names}
    return found


def _dotted(node: ast.expr, imported: Mapping[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, imported)}.{node.attr}"
    return imported.get(node.id, node.id) if isinstance(node, ast.Name) else ""


def _last(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _names(node: ast.AST) -> set[str]:
    return {name_of(each) for each in ast.walk(node) if isinstance(each, (ast.Name, ast.Attribute))} - {"", "self"}


@remembered
def wanted_leaves(tree: ast.AST) -> frozenset[str]:
    """Return the names of the tensors of a module whose own gradient somebody wants: `x.grad`, `grad(loss, [x])`."""
    read = (node.value for node in nodes_of(tree, ast.Attribute) if node.attr == "grad")
    found = {name_of(owner) for owner in read if not isinstance(owner, ast.Call)}
    found |= {name for node in nodes_of(tree, ast.Call) for name in _asked_by(node)}
    found |= optimized(tree)
    found -= {"", "self"}
    return frozenset(name for name in found if not naming.is_loss(name))


@remembered
def made_as_leaves(tree: ast.AST) -> frozenset[int]:
    """Return the identities of the expressions that such a name is given: `torch.tensor(start, requires_grad=True)`."""
    wanted = wanted_leaves(tree)
    if not wanted:
        return frozenset()
    assigned = (node for node in nodes_of(tree, ast.Assign) if any(name_of(each) in wanted for each in node.targets))
    return frozenset(id(made) for node in assigned for part in parts_of(node.value) for made in _each_of(part))


def _each_of(node: ast.expr) -> Iterator[ast.expr]:
    yield node.elt if isinstance(node, (ast.ListComp, ast.GeneratorExp)) else node


def _asked_by(node: ast.Call) -> Iterator[str]:
    """Yield the names that a call differentiates by."""
    asked = [each.value for each in node.keywords if each.arg == "inputs"] if node.keywords else []
    asked += node.args[1:2] if name_of(node.func) == "grad" else []
    if isinstance(node.func, ast.Attribute) and node.func.attr == "gradient":  # a tape's
        asked += [*node.args[1:2], *(each.value for each in node.keywords if each.arg == "sources")]
    for each in asked:
        yield from (name_of(part) for part in parts_of(each))
