"""Take a training step and the names it needs; give functions, as text, that return the module's own values for them.

The statements before the call are sliced, and loops are opened: the first batch of a loop stands for all. For names
that the module does not provide, give a role (`model`, `criterion`, `variable`, `input`, `index`, `number`, `target`)
and shapes to try; the worker creates stand-ins. Sizes are small and unequal, so that swapped axes show. Nothing is run
here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autofix.analysis.tapes import Scope, holds
from autofix.knowledge import naming
from autofix.knowledge.frameworks import CALLED
from autofix.knowledge.naming import is_number_by_name, number
from autofix.knowledge.operations import having
from autofix.knowledge.trainers import STARTS, STEPS
from autofix.syntax.bindings import bound, changed, needed, out_of_its_loop, parameters
from autofix.worker.records import Arguments

_DEPTH = 4
_FUNCTION = "arguments_of_the_step"


@dataclass(frozen=True)
class Site:
    """Lines of functions of which the last returns `names`, that one's own name, and the call it was read from."""

    lines: tuple[str, ...] = ()
    function: str = ""
    names: tuple[str, ...] = ()
    call: ast.Call | None = None


def arguments_of(tree: ast.Module, scope: Scope, names: Sequence[str], depth: int = 0) -> Site:
    """Return how the module makes the arguments of a function; what it does not show is left out."""
    if isinstance(scope, ast.Module) or depth > _DEPTH:
        return Site()
    owner = next((each for each in ast.walk(tree) if isinstance(each, ast.ClassDef) and scope in each.body), None)
    call = _call_of(tree, scope, owner)
    if call is None:
        return Site()
    arguments = {name: each for name, each in _arguments_of_call(scope, call, owner).items() if name in names}
    arguments |= {name: each for name, each in _defaults(scope).items() if name in names and name not in arguments}
    return values_at(tree, arguments, scope_of(tree, call), call, depth)


def values_at(
    tree: ast.Module, arguments: Mapping[str, ast.expr], around: Scope, place: ast.Call | ast.stmt, depth: int = 0
) -> Site:
    """Return how the module makes some values that it has at a place in a scope; what it does not show is left out."""
    if not arguments:
        return Site()
    wanted = set().union(*(needed(each) for each in arguments.values()))
    body = _before(around.body, place, wanted, isinstance(around, ast.Module))
    missing = [] if isinstance(around, ast.Module) else [each.arg for each in parameters(around) if each.arg in wanted]
    outer = arguments_of(tree, around, missing, depth + 1)
    arguments = {name: each for name, each in arguments.items() if not needed(each) & set(missing) - set(outer.names)}
    if not arguments:
        return Site()
    function = f"{_FUNCTION}_{depth}" if depth else _FUNCTION
    from_outer = [f"    {', '.join(outer.names)}, = {outer.function}()"] if outer.names else []
    inner = [f"    {line}" for each in body for line in ast.unparse(out_of_its_loop(each)).splitlines()]
    result = f"    return {', '.join(ast.unparse(each) for each in arguments.values())},"
    lines = (*outer.lines, "", f"def {function}():", *from_outer, *inner, result)
    call = place if isinstance(place, ast.Call) else None
    return Site(lines, function, tuple(arguments), outer.call or call)


def _call_of(
    tree: ast.Module, scope: ast.FunctionDef | ast.AsyncFunctionDef, owner: ast.ClassDef | None
) -> ast.Call | None:
    own = set(map(id, ast.walk(scope)))
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call) and id(each) not in own]
    for call in calls:
        func = call.func
        if owner is None and isinstance(func, ast.Name) and func.id == scope.name:
            return call
        if owner is not None and isinstance(func, ast.Attribute) and func.attr == scope.name:
            return call
    if owner is not None and scope.name in CALLED:
        instances = _instances(tree, owner.name)
        of_instance = (each for each in calls if ast.unparse(each.func) in instances or _makes(each.func, owner.name))
        return next(of_instance, None)
    fits = (each for each in calls if isinstance(each.func, ast.Attribute) and each.func.attr in STARTS)
    if owner is not None and scope.name in STEPS:
        return next((each for each in fits if _is_instance_of(tree, each.func.value, owner)), None)  # type: ignore[attr-defined]
    return None


def _instances(tree: ast.Module, name: str) -> set[str]:
    """Return what is bound to an instance of a class, as written: `criterion`, `self.criterion`."""
    assignments = (each for each in ast.walk(tree) if isinstance(each, ast.Assign) and _makes(each.value, name))
    return {ast.unparse(target) for each in assignments for target in each.targets}


def _makes(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _is_instance_of(tree: ast.Module, node: ast.expr, owner: ast.ClassDef) -> bool:
    assignments = (each for each in ast.walk(tree) if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call))
    return isinstance(node, ast.Name) and any(
        node.id in bound(each) and ast.unparse(each.value.func) == owner.name  # type: ignore[attr-defined]
        for each in assignments
    )


def _arguments_of_call(
    scope: ast.FunctionDef | ast.AsyncFunctionDef, call: ast.Call, owner: ast.ClassDef | None
) -> dict[str, ast.expr]:
    if any(isinstance(each, ast.Starred) for each in call.args) or any(each.arg is None for each in call.keywords):
        return {}
    names = [each.arg for each in (*scope.args.posonlyargs, *scope.args.args)]
    positional = list(call.args)
    if owner is not None and scope.name in CALLED and getattr(call.func, "attr", "") != scope.name:
        positional.insert(0, call.func)
    elif owner is not None and isinstance(call.func, ast.Attribute):
        positional.insert(0, call.func.value)
        if call.func.attr != scope.name:
            return dict(zip(names[:2], [call.func.value, *_batch(call)], strict=False))
    arguments = dict(zip(names, positional, strict=False))
    return arguments | {each.arg: each.value for each in call.keywords if each.arg is not None}


def _batch(call: ast.Call) -> list[ast.expr]:
    """Return what `fit(x, y)` or `fit(batches)` hands to a `train_step`."""
    named = {each.arg: each.value for each in call.keywords}
    arguments = [*call.args[:2], *(named[name] for name in ("x", "y") if name in named)]
    if len(arguments) == 2:
        return [ast.Tuple(arguments, ast.Load())]
    return [ast.parse(f"next(iter({ast.unparse(arguments[0])}))", mode="eval").body] if arguments else []


def _defaults(scope: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, ast.expr]:
    spec = scope.args
    names = [each.arg for each in (*spec.posonlyargs, *spec.args)]
    found = dict(zip(names[len(names) - len(spec.defaults) :], spec.defaults, strict=True))
    return found | {
        each.arg: default for each, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if default
    }


def scope_of(tree: ast.Module, node: ast.AST) -> Scope:
    scopes = [each for each in ast.walk(tree) if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))
              and holds(each, node)]  # fmt: skip
    return max(scopes, key=lambda each: each.lineno) if scopes else tree


def _before(body: Sequence[ast.stmt], call: ast.AST, wanted: set[str], at_top: bool) -> list[ast.stmt]:
    """Return the statements before a call that its arguments need; those at the top of a module are the module's."""
    place = next((at for at, each in enumerate(body) if holds(each, call)), len(body))
    statements: list[ast.stmt] = []
    if place < len(body):
        statements = _opened(body[place], call, wanted)
    for statement in reversed(body[:place] if not at_top else []):
        if changed(statement) & wanted:
            statements.insert(0, statement)
            wanted |= needed(statement)
    return statements


def _opened(statement: ast.stmt, call: ast.AST, wanted: set[str]) -> list[ast.stmt]:
    if not isinstance(statement, (ast.For, ast.While, ast.If, ast.With, ast.Try)):
        return []
    parts = [statement.body, getattr(statement, "orelse", [])]
    part = next((each for each in parts if any(holds(one, call) for one in each)), [])
    statements = _before(part, call, wanted, at_top=False)
    if isinstance(statement, ast.For) and bound(statement.target) & wanted:
        wanted |= needed(statement.iter)
        first = ast.parse(f"next(iter({ast.unparse(statement.iter)}))", mode="eval").body
        statements.insert(0, ast.fix_missing_locations(ast.Assign([statement.target], first)))
    return statements


_OWNED = having("lists-variables") | having("predicts")
_INPUTS = ((8, 6), (4, 12, 12, 3), (4, 12, 12, 1))
_OUTPUTS = (
    ((8, 10), (8, 10), "normal", "normal"),
    ((8, 10), (8,), "normal", "labels"),
    ((8, 1), (8, 1), "unit", "binary"),
    ((8, 10), (8, 10), "simplex", "onehot"),
    ((8, 1), (8, 1), "normal", "normal"),
    ((8,), (8,), "normal", "normal"),
)
_CLASSES = 10


def roles(names: Sequence[str], body: Iterable[ast.stmt], watched: Iterable[str]) -> dict[str, str]:
    """Return what each name stands for in a step, by how the step uses it; `watched` are tensors for certain."""
    pieces = [piece for statement in body for piece in ast.walk(statement)]
    calls = [piece for piece in pieces if isinstance(piece, ast.Call)]
    called = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
    owned = {piece.value.id for piece in pieces if isinstance(piece, ast.Attribute) and piece.attr in _OWNED
             and isinstance(piece.value, ast.Name)}  # fmt: skip
    models = {name for name in called | owned if name in owned or not naming.is_loss(name)}
    fed = {argument.id for call in calls if _called(call) in models for argument in call.args
           if isinstance(argument, ast.Name)}  # fmt: skip
    asked = {name for call in calls for name in _moved(call)}
    places = {part.id for piece in pieces if isinstance(piece, ast.Subscript)
              for part in ast.walk(piece.slice) if isinstance(part, ast.Name)}  # fmt: skip
    found: dict[str, str] = {}
    for name in names:
        if name in models:
            found[name] = "model"
        elif name in called:
            found[name] = "criterion"
        elif name in asked and name not in watched and name not in fed:
            found[name] = "variable"
        elif name in fed or name in asked:
            found[name] = "input"
        elif name in places:
            found[name] = "index"
        else:
            found[name] = "number" if is_number_by_name(name) else "target"
    return found


def step_scenarios(names: dict[str, str], models: Sequence[str]) -> list[Arguments]:
    """Return scenarios, the likeliest first: a specification for each name, as the worker takes them."""
    if not names:
        return [{}]
    found: list[Arguments] = []
    for shape in _INPUTS:
        for output, target, activation, kind in _OUTPUTS:
            plain: Arguments = {
                "model": {"kind": "model", "shape": output[1:], "activation": activation},
                "criterion": {"kind": "criterion"},
                "variable": {"kind": "variable", "shape": output[-1:]},
                "input": {"kind": "input", "shape": shape, "models": list(models)},
                "index": {"kind": "value", "value": 0},
                "target": {"kind": kind, "shape": (shape[0], *target[1:]), "classes": _CLASSES},
            }
            arguments: Arguments = {name: {"kind": "value", "value": number(name)} if role == "number" else plain[role]
                         for name, role in names.items()}  # fmt: skip
            found.append(arguments)
    return found


def models_in(body: Iterable[ast.stmt]) -> list[str]:
    """Return the names that a step calls or asks for variables: what may tell the shape of its input."""
    pieces = [piece for statement in body for piece in ast.walk(statement)]
    owned = [piece.value.id for piece in pieces if isinstance(piece, ast.Attribute) and piece.attr in _OWNED
             and isinstance(piece.value, ast.Name)]  # fmt: skip
    called = [piece.func.id for piece in pieces if isinstance(piece, ast.Call) and isinstance(piece.func, ast.Name)]
    return list(dict.fromkeys([*owned, *called]))


def _called(call: ast.Call) -> str:
    func = call.func
    if isinstance(func, ast.Attribute) and func.attr in _OWNED:
        func = func.value
    return func.id if isinstance(func, ast.Name) else ""


def _moved(call: ast.Call) -> list[str]:
    func = call.func
    is_shift = isinstance(func, ast.Name) and func.id == "__autofix_shifted"
    return [call.args[0].value] if is_shift and isinstance(call.args[0], ast.Constant) else []  # type: ignore[list-item]
