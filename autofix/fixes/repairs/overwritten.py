"""Elements of a NumPy copy of a tensor that are set to what has a gradient: a changed tensor takes its place.

TensorFlow assigns nothing to a part of a tensor. `context = mean.numpy()` and `context[rows, index] = new.numpy()`
become `context = mean` and `context = tf.tensor_scatter_nd_update(context, …, new)`; a mask becomes `tf.where`. Where
neither says what the brackets do, NumPy is asked for the places that they choose.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autofix.fixes.repairs.masked import Copy, Store, copies, tensor_of
from autofix.fixes.repairs.program import FaultyProgram, Repair
from autofix.fixes.spellings import operand
from autofix.knowledge.frameworks import record_of
from autofix.model import Edit
from autofix.source.edits import apply_edits
from autofix.syntax.scopes import imports_in

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_WIDEST = 100
_WAYS = ("indices", "element", "mask", "places")
"""The readings of what stands in brackets, the plainest first; the last one is right for all."""


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which tensors are changed in place of their copies, each reading of the brackets in turn."""
    numpy = next((name for name, module in imports_in(program.tree) if module == "numpy"), "")
    if record_of(program.framework).assigns_in_place or not numpy or not program.package:
        return
    found = list({each.made.lineno: each for each in copies(program)}.values())
    for way in _WAYS if found else ():
        edits = [edit for each in found for edit in _edits(program, numpy, each, way)]
        if edits:
            text = apply_edits(program.text, edits)
            first = found[0]
            yield Repair(first.code, first.site.span, f"`{first.site.expression}`", text, spelled=True)


def _edits(program: FaultyProgram, numpy: str, copy: Copy, way: str) -> list[Edit]:
    """Return the edits of one array; none where a statement is not read this way."""
    made = Edit(program.place_of(copy.made.value), program.source_of(copy.source))
    stores = [_changed(program, numpy, copy, each, way) for each in copy.stores]
    edits = [edit for each in stores for edit in each]
    return [made, *edits] if all(stores) and copy.source is not copy.made.value else []


def _changed(program: FaultyProgram, numpy: str, copy: Copy, store: Store, way: str) -> list[Edit]:
    """Return the edits of one statement."""
    target = store.targets[0] if isinstance(store, ast.Assign) else store.target
    if not isinstance(target, ast.Subscript) or (isinstance(store, ast.Assign) and len(store.targets) > 1):
        return []
    name, package, value = copy.name, program.package, operand(tensor_of(store.value), program.text)
    sign = "" if isinstance(store, ast.Assign) else _OPERATORS.get(type(store.op), "")
    parts = list(target.slice.elts) if isinstance(target.slice, ast.Tuple) else [target.slice]
    index = ", ".join(program.source_of(each) for each in parts)
    while parts and _is_whole(parts[-1]):
        parts.pop()
    if not sign and isinstance(store, ast.AugAssign):
        return []
    statement = program.place_of(store)
    plain = program.source_of(tensor_of(store.value))
    if way == "mask":
        new = f"{name} {sign} {value}" if sign else plain
        return [Edit(statement, f"{name} = {package}.where({index}, {new}, {name})")] if len(parts) == 1 else []
    if way == "places":
        return _at_places(program, numpy, copy, store, index)
    places = _stacked(program, numpy, parts, way == "element")
    plain = f"[{plain}]" if way == "element" else plain
    update = {"": "update", "+": "add", "-": "sub"}.get(sign, "")
    if not places or not update:
        return []
    scatter = f"{package}.tensor_scatter_nd_{update}"
    whole = f"{name} = {scatter}({name}, {places}, {plain})"
    margin = program.margin_of(store)
    if len(margin) + len(whole) > _WIDEST and not margin.strip():
        whole = f"{name}_places = {places}\n{margin}{name} = {scatter}({name}, {name}_places, {plain})"
    return [Edit(statement, whole)]


def _stacked(program: FaultyProgram, numpy: str, parts: list[ast.expr], is_one: bool) -> str:
    """Return the indices of the leading axes as those of whole elements; empty where there is a slice among them."""
    if not parts or any(isinstance(each, (ast.Slice, ast.Starred)) or _is_new_axis(each) for each in parts):
        return ""
    texts = [program.source_of(each) for each in parts]
    if is_one:
        return f"[[{', '.join(texts)}]]"
    if len(texts) == 1:
        return f"{numpy}.reshape({texts[0]}, (-1, 1))"
    return f"{numpy}.stack({numpy}.broadcast_arrays({', '.join(texts)}), axis=-1)"


def _at_places(program: FaultyProgram, numpy: str, copy: Copy, store: Store, index: str) -> list[Edit]:
    """Return the edit by which NumPy says which elements are set, and the tensor gets them one by one."""
    name, package = copy.name, program.package
    margin = program.margin_of(store)
    if margin.strip():
        return []
    places, value = f"{name}_places", program.source_of(tensor_of(store.value))
    if isinstance(store, ast.AugAssign):
        before = f"{package}.gather({package}.reshape({name}, [-1]), {places})"
        value = f"{before} {_OPERATORS[type(store.op)]} {operand(tensor_of(store.value), program.text)}"
    flat = f"{package}.reshape({name}, [-1]), {places}.reshape(-1, 1)"
    new = f"{package}.reshape({package}.broadcast_to({value}, {places}.shape), [-1])"
    changed = f"{package}.reshape({package}.tensor_scatter_nd_update({flat}, {new}), {name}.shape)"
    lines = [
        f"{places} = {numpy}.arange({numpy}.prod({name}.shape)).reshape({name}.shape)[{index}]",
        f"{margin}{name} = {changed}",
    ]
    return [Edit(program.place_of(store), "\n".join(lines))]


def _is_whole(node: ast.expr) -> bool:
    """Is this `:` or `...`?"""
    is_slice = isinstance(node, ast.Slice) and node.lower is node.upper is node.step is None
    return is_slice or (isinstance(node, ast.Constant) and node.value is ...)


def _is_new_axis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
