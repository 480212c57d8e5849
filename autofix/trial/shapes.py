"""Shapes that a file says of a loss's arguments: in jaxtyping's annotations, and where it calls the loss.

Each is an overlay: what is known of some arguments, to be laid over a guess.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from autofix.knowledge.operations import having, values
from autofix.syntax.bindings import FunctionNode, bound, parameters
from autofix.worker.records import Arguments, Specification
from autofix.worker.shrink import shrunk

SIZES_OF_FEW, SIZES_OF_MANY = (8, 10, 6, 5, 4, 3), (2, 3, 6, 5, 4, 7)
KINDS = {"Int": "labels", "Integer": "labels", "Int64": "labels", "UInt": "labels", "Bool": "bool"}
FLOATS = frozenset({"Float", "Float32", "Float64", "Float16", "Shaped", "Num", "Real", "Inexact"})
CREATORS = having("sizes-first")
_FEATURES_AT = {name: int(place) for name, place in values("features-at").items()}
MOST_BATCH, MOST_SITES = 8, 2

Overlay = Arguments
"""What is known of some arguments; the rest of their specifications is guessed."""


def annotated(function: FunctionNode) -> Overlay:
    """What jaxtyping's annotations say: `Float[Tensor, "batch dim"]`, the same name the same length everywhere."""
    written = {one.arg: found for one in parameters(function) if (found := annotation(one.annotation)) is not None}
    named = dict.fromkeys(name for _, dims in written.values() for name in dims if not name.isdigit())
    longest = max((len(dims) for _, dims in written.values()), default=0)
    lengths = dict(zip(named, SIZES_OF_FEW if longest < 3 else SIZES_OF_MANY, strict=False))
    overlay: Overlay = {}
    for parameter, (kind, dims) in written.items():
        shape = [int(name) if name.isdigit() else lengths.get(name, 2) for name in dims]
        overlay[parameter] = {"shape": shape, "kind": kind} if kind else {"shape": shape}
    for one in overlay.values():
        if one.get("kind") == "labels":
            last = [other["shape"][-1] for other in overlay.values() if "kind" not in other and other["shape"]]
            one["classes"] = min(last, default=2)
    return overlay


def annotation(node: ast.expr | None) -> tuple[str, list[str]] | None:
    """The kind (empty: floats) and the names of the dimensions; None for another annotation."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Tuple) or len(node.slice.elts) != 2:
        return None
    name = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    dims = node.slice.elts[1]
    if not isinstance(dims, ast.Constant) or not isinstance(dims.value, str) or name not in KINDS.keys() | FLOATS:
        return None
    dimensions = [word.rpartition("=")[2].lstrip("#") for word in dims.value.split()]
    return KINDS.get(name, ""), [word for word in dimensions if word != "..." and not word.startswith("*")]


def called(module: ast.Module, name: str, function: FunctionNode) -> list[Overlay]:
    """What the file's own calls of a loss, or of an instance of its class, say of the arguments' shapes."""
    bindings = values_by_name(module)
    instances = {one for one, value in bindings.items() if isinstance(value, ast.Call) and leads_to(value.func, name)}
    names = [one.arg for one in parameters(function) if one.arg not in ("self", "cls")]
    found: list[Overlay] = []
    for call in ast.walk(module):
        if isinstance(call, ast.Call) and (leads_to(call.func, name) or is_instance_call(call.func, name, instances)):
            overlay = overlay_of(call, names, bindings)
            if overlay and overlay not in found:
                found.append(overlay)
    return found[:MOST_SITES]


def leads_to(function: ast.expr, name: str) -> bool:
    return isinstance(function, ast.Name) and function.id == name


def is_instance_call(function: ast.expr, name: str, instances: set[str]) -> bool:
    """`criterion(…)` and `Criterion()(…)`."""
    if isinstance(function, ast.Call):
        return leads_to(function.func, name)
    return isinstance(function, ast.Name) and function.id in instances


def values_by_name(module: ast.Module) -> dict[str, ast.expr]:
    """What each name is assigned, where that is done once only."""
    values: dict[str, list[ast.expr]] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            values.setdefault(node.targets[0].id, []).append(node.value)
        elif isinstance(node, (ast.For, ast.With)):
            for name in bound(node):
                values.setdefault(name, [])
    return {name: found[0] for name, found in values.items() if len(found) == 1}


def overlay_of(call: ast.Call, names: list[str], bindings: Mapping[str, ast.expr]) -> Overlay:
    named = {one.arg: one.value for one in call.keywords if one.arg}
    arguments = {**dict(zip(names, call.args, strict=False)), **named}
    found = {name: known for name, node in arguments.items() if (known := created(node, bindings)) is not None}
    batches = {one["shape"][0] for one in found.values() if one["shape"]}
    if len(batches) == 1 and min(batches) > MOST_BATCH:
        for one in found.values():
            one["shape"] = [MOST_BATCH, *one["shape"][1:]] if one["shape"] else []
    return shrunk(found)


def created(node: ast.expr, bindings: Mapping[str, ast.expr], depth: int = 3) -> Specification | None:
    """The shape of what `torch.randn(4, 3)` and the like make; None where an expression says nothing."""
    if isinstance(node, ast.Name) and node.id in bindings and depth:
        return created(bindings[node.id], bindings, depth - 1)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr not in CREATORS:
            return created(node.func.value, bindings, depth - 1) if depth else None
        shape = next((found for one in [*sizes(node)] if (found := whole_numbers(one)) is not None), None)
        if shape is None or node.func.attr != "randint":
            return None if shape is None else {"shape": shape}
        limits = [one.value for one in node.args if isinstance(one, ast.Constant) and type(one.value) is int]
        return {"shape": shape, "kind": "labels", "classes": max(limits)} if limits else None
    return None


def sizes(node: ast.Call) -> Iterator[list[ast.expr]]:
    """The places where a creator may be given a shape."""
    for one in [*node.args, *(each.value for each in node.keywords if each.arg in ("size", "shape"))]:
        if isinstance(one, (ast.Tuple, ast.List)):
            yield list(one.elts)
    assert isinstance(node.func, ast.Attribute)
    if node.func.attr != "randint":
        yield node.args


def whole_numbers(nodes: list[ast.expr]) -> list[int] | None:
    values = [one.value for one in nodes if isinstance(one, ast.Constant) and type(one.value) is int]
    return values if values and len(values) == len(nodes) else None


def widths(module: ast.Module) -> list[int]:
    """What the last layers of the file's models give for each example: `nn.Linear(64, 10)`, `Dense(10)`."""
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Attribute, ast.Name)):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            place = _FEATURES_AT.get(name)
            last = node.args[place : place + 1] if place is not None else []
            found += [one.value for one in last if isinstance(one, ast.Constant) and type(one.value) is int]
    return [one for one in dict.fromkeys(found[-1:]) if 2 <= one <= 32]
