"""Elements that are set, or scaled, in a NumPy copy of a tensor: a mask, or a factor, is changed in their place.

TensorFlow assigns nothing to a part of a tensor. `values = np.array(values)` and `values[i, n:] = 0.0` in a loop become
`keep = np.ones(values.shape, dtype=bool)` and `keep[i, n:] = False` there, and behind it stands what the mask does,
`values = tf.where(keep, values, 0.0)`; where elements are scaled (`values[i] *= w`), `values = values * factor`. NumPy
still says which elements.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from autofix.fixes.repairs.program import FaultyProgram, Repair
from autofix.fixes.spellings import operand
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import last_names
from autofix.model import Edit, Site, Span
from autofix.rewrite.blocks import block_of, ends_alone
from autofix.source.edits import apply_edits, stretch_of
from autofix.source.files import split_lines
from autofix.syntax.bindings import last_part
from autofix.syntax.memo import nodes_of
from autofix.syntax.scopes import imports_in
from autofix.syntax.spans import Positions, span

_CODES = frozenset({"AF101", "AF102", "AF104", "AF107"})
_CONVERTS = last_names("AF102") | {"copy"}
_SCALES = (ast.Mult, ast.Div)
Store = ast.Assign | ast.AugAssign


@dataclass(frozen=True)
class Copy:
    """An array that is made of a tensor (`source`) and the assignments to its elements; `last` is where these end."""

    code: str
    site: Site
    made: ast.Assign
    name: str
    source: ast.expr
    stores: tuple[Store, ...]
    last: ast.stmt


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which no array is changed that a gradient goes through: all at once, then each alone."""
    numpy = next((name for name, module in imports_in(program.tree) if module == "numpy"), "")
    if record_of(program.framework).assigns_in_place or not numpy or not program.package:
        return
    found = [each for each in dict.fromkeys(copies(program)) if _edits(program, numpy, each)]
    for chosen in [found, *([each] for each in found if len(found) > 1)] if found else ():
        text = apply_edits(program.text, [edit for each in chosen for edit in _edits(program, numpy, each)])
        first = chosen[0]
        yield Repair(first.code, first.site.span, f"`{first.site.expression}`", text, spelled=True)


def copies(program: FaultyProgram) -> Iterator[Copy]:
    """Yield the arrays that are made of a tensor where a gradient ends, and whose elements are set behind."""
    for end in (end for fault in program.faults for end in fault.ends if end.code in _CODES):
        site = end.sites[0]
        owner = program.function_at(site.span.line)
        for made in nodes_of(owner, ast.Assign) if site.path == program.file else ():
            name, source = made.targets[0], tensor_of(made.value)
            is_it = made.lineno <= site.span.line <= (made.end_lineno or 0) and source is not made.value
            if is_it and isinstance(name, ast.Name) and len(made.targets) == 1:
                block = block_of(program.tree, made)
                behind = block[block.index(made) + 1 :]
                changing = [each for each in behind if list(_stores(each, name.id))]
                stores = tuple(store for each in behind for store in _stores(each, name.id))
                if stores:
                    yield Copy(end.code, site, made, name.id, source, stores, changing[-1])


def tensor_of(node: ast.expr) -> ast.expr:
    """Return the tensor that an array is made of; the node itself where it is no conversion."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=[]) if name in _CONVERTS:
            return tensor_of(value)
        case ast.Call(func=function, args=[value, *_]) if last_part(function) in _CONVERTS:
            return tensor_of(value)
    return node


def _stores(statement: ast.stmt, name: str) -> Iterator[Store]:
    """Yield the assignments to elements of an array in a statement."""
    nodes = (each for each in ast.walk(statement) if isinstance(each, Store))
    for node in nodes:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(each, ast.Subscript) and _is_name(each.value, name) for each in targets):
            yield node


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _edits(program: FaultyProgram, numpy: str, copy: Copy) -> list[Edit]:
    """Return the edits of one array; none where its elements get more than one number, or are computed with."""
    lines, text = split_lines(program.text), program.text
    if not ends_alone(copy.made, lines) or not ends_alone(copy.last, lines):
        return []
    constants = {ast.unparse(each.value) for each in copy.stores if isinstance(each, ast.Assign)}
    if all(map(_sets_constant, copy.stores)) and len(constants) == 1:
        stand_in, kind = _free("keep", text), "bool"
        result = f"{program.package}.where({stand_in}, {copy.name}, {constants.pop()})"
    elif all(map(_scales, copy.stores)):
        stand_in, kind = _free("factor", text), f"{copy.name}.dtype.as_numpy_dtype"
        result = f"{copy.name} * {stand_in}"
    else:
        return []
    margin = " " * copy.made.col_offset
    before = "" if _is_name(copy.source, copy.name) else f"{copy.name} = {operand(copy.source, text)}\n{margin}"
    whole = span(Positions(text).key(copy.made))
    behind = Edit.of_lines((copy.last.end_lineno or 0) + 1, (copy.last.end_lineno or 0) + 1, "")
    return [
        Edit(whole, f"{before}{stand_in} = {numpy}.ones({copy.name}.shape, dtype={kind})"),
        *(_changed(program, each, stand_in, kind) for each in copy.stores),
        Edit(behind.span, f"{margin}{copy.name} = {result}\n"),
    ]


def _sets_constant(store: Store) -> bool:
    """Is this `values[i] = 0.0`?"""
    return isinstance(store, ast.Assign) and len(store.targets) == 1 and _is_number(store.value)


def _is_number(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant) and type(inner.value) in (int, float)


def _scales(store: Store) -> bool:
    """Is this `values[i] *= w`, or one that makes zeros?"""
    if isinstance(store, ast.AugAssign):
        return isinstance(store.op, _SCALES)
    return _sets_constant(store) and isinstance(store.value, ast.Constant) and not store.value.value


def _changed(program: FaultyProgram, store: Store, stand_in: str, kind: str) -> Edit:
    """Return the edit by which a store changes the mask, or the factor."""
    target = store.targets[0] if isinstance(store, ast.Assign) else store.target
    assert isinstance(target, ast.Subscript)
    positions = Positions(program.text)
    owner, whole = span(positions.key(target.value)), span(positions.key(store))
    end = span(positions.key(target))
    if kind != "bool":
        return Edit(owner, stand_in)
    index = stretch_of(program.text, Span(owner.end_line, owner.end_column, end.end_line, end.end_column))
    return Edit(whole, f"{stand_in}{index} = False")


def _free(name: str, text: str) -> str:
    """Return a name that stands nowhere in the text."""
    while re.search(rf"\b{name}\b", text):
        name += "_"
    return name
