"""Numbers written into an array that was made for them: a list holds them until it is stacked.

`losses = np.zeros(n)`, filled by `losses[i] = …` in a loop, becomes a list that is appended to or filled, and a tensor
behind the loop.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autofix.fixes.repairs.program import FaultyProgram, FunctionNode, Repair
from autofix.fixes.spellings import by_rule, operand
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import last_names
from autofix.model import Edit, Site
from autofix.rewrite.blocks import block_of
from autofix.source.edits import apply_edits
from autofix.syntax.bindings import dotted, last_part
from autofix.syntax.module import node_at
from autofix.syntax.spans import Positions, span

_SIZED = last_names("filled") | (last_names("sized") & last_names("makes"))
_CODES = ("AF104", "AF101", "AF102", "AF105")
_FIRST = {"ones": "1.0"}


@dataclass(frozen=True)
class Filled:
    """An array that a function makes (`made`) and fills at these places (`stores`)."""

    name: str
    function: FunctionNode | ast.Module
    made: ast.Assign
    call: ast.Call
    stores: tuple[ast.Subscript, ...]

    @property
    def sizes(self) -> list[ast.expr]:
        shape = self.call.args[0] if self.call.args else self.call.keywords[0].value
        return shape.elts if isinstance(shape, (ast.Tuple, ast.List)) else [shape]


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which what is written into an array is stacked."""
    for code in _CODES:
        arrays = {each.made.lineno: each for sites in program.sites_of(code) if (each := _filled(program, sites))}
        if not arrays or not program.package:
            continue
        first = next(iter(arrays.values()))
        place = program.place_of(first.stores[0])
        operation = f"`{ast.unparse(first.stores[0])}`"
        for appended in (True, False):
            for plain in (False, True):
                edits = [edit for each in arrays.values() for edit in _edits(program, each, appended, plain)]
                if edits:
                    text = apply_edits(program.text, dict.fromkeys(edits))
                    yield Repair(code, place, operation, text, spelled=True)


def _filled(program: FaultyProgram, sites: tuple[Site, ...]) -> Filled | None:
    """Return the array into which an expression writes."""
    node = _written(program.tree, node_at(sites[0], program.text)) if sites else None
    if node is None or not isinstance(node.value, ast.Name):
        return None
    name, function = node.value.id, program.function_at(node.lineno)
    made = [each for each in ast.walk(function) if _makes(each, name)]
    subscripts = (each for each in ast.walk(function) if isinstance(each, ast.Subscript))
    subscripts = (each for each in subscripts if ast.unparse(each.value) == name)
    stores = [each for each in subscripts if isinstance(each.ctx, ast.Store)]
    if len(made) != 1 or not stores:
        return None
    assert isinstance(made[0], ast.Assign) and isinstance(made[0].value, ast.Call)
    return Filled(name, function, made[0], made[0].value, tuple(stores))


def _written(tree: ast.Module, node: ast.expr | None) -> ast.Subscript | None:
    """Return the element that an expression is, or that it is written into."""
    if node is None or (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)):
        return node
    for each in ast.walk(tree):
        if isinstance(each, (ast.Assign, ast.AugAssign)) and any(one is node for one in ast.walk(each.value)):
            target = each.targets[0] if isinstance(each, ast.Assign) else each.target
            return target if isinstance(target, ast.Subscript) else None
    return None


def _makes(node: ast.AST, name: str) -> bool:
    """Does a statement make an array of this name with sizes?"""
    if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.value, ast.Call):
        return False
    target, given = node.targets[0], bool(node.value.args or node.value.keywords)
    return isinstance(target, ast.Name) and target.id == name and last_part(node.value.func) in _SIZED and given


def _edits(program: FaultyProgram, array: Filled, appended: bool, plain: bool) -> list[Edit]:
    """Return the edits that fill a list and stack it; where `plain`, attributes are given the array as before."""
    places, text = Positions(program.text), program.text
    block = block_of(program.tree, array.made)
    last = max(each.lineno for each in array.stores)
    holding = [each for each in block if each.lineno <= last <= (each.end_lineno or 0)]
    loops = [_loop_of(array, each) for each in array.stores]
    if len(array.sizes) > 2 or not holding or holding[0] is array.made:
        return []
    if appended and (len(array.stores) > 1 or len(array.sizes) > 1 or loops[0] is None or loops[0] not in block):
        return []
    edits = [Edit(span(places.key(array.call)), "[]" if appended else _list_of(array, text))]
    for store in array.stores:
        if appended:
            statement = _statement_of(array, store)
            if not isinstance(statement, ast.Assign):
                return []
            value = ast.get_source_segment(text, statement.value)
            edits.append(Edit(span(places.key(statement)), f"{array.name}.append({value})"))
        elif len(array.sizes) == 2 and isinstance(store.slice, ast.Tuple):
            indices = "][".join(ast.unparse(each) for each in store.slice.elts)
            edits.append(Edit(span(places.key(store)), f"{array.name}[{indices}]"))
    line = (holding[0].end_lineno or 0) + 1
    margin = program.margin_of(array.made)
    stacked = f"{margin}{array.name} = {_stacked(program, array, appended)}\n"
    return [*edits, Edit.of_lines(line, line, stacked), *_readers(program, array, line, plain)]


def _list_of(array: Filled, text: str) -> str:
    func = array.call.func
    name = func.attr if isinstance(func, ast.Attribute) else ""
    given = array.call.args[1:2]
    is_full = name == "full" and bool(given)
    first = ast.get_source_segment(text, given[0]) if is_full else _FIRST.get(name, "0.0")
    if len(array.sizes) == 1:
        return f"[{first}] * {operand(array.sizes[0], text)}"
    rows, columns = array.sizes
    return f"[[{first}] * {operand(columns, text)} for _ in range({ast.get_source_segment(text, rows)})]"


def _stacked(program: FaultyProgram, array: Filled, appended: bool) -> str:
    package, name = program.package, array.name
    if record_of(program.framework).takes_arrays or appended:
        return f"{package}.stack({name})"
    if len(array.sizes) == 2:
        return f"{package}.stack([{package}.stack([{package}.as_tensor(each) for each in row]) for row in {name}])"
    return f"{package}.stack([{package}.as_tensor(each) for each in {name}])"


def _loop_of(array: Filled, store: ast.Subscript) -> ast.stmt | None:
    """Return the loop that counts the index of a store in its own body."""
    for loop in ast.walk(array.function):
        if isinstance(loop, ast.For) and any(_stores(each, store) for each in loop.body):
            target = loop.target.elts[0] if isinstance(loop.target, ast.Tuple) else loop.target
            counts = isinstance(target, ast.Name) and isinstance(store.slice, ast.Name) and target.id == store.slice.id
            return loop if counts else None
    return None


def _stores(statement: ast.stmt, store: ast.Subscript) -> bool:
    return isinstance(statement, ast.Assign) and statement.targets == [store]


def _statement_of(array: Filled, store: ast.Subscript) -> ast.stmt:
    statements = (each for each in ast.walk(array.function) if isinstance(each, (ast.Assign, ast.AugAssign)))
    return next(each for each in statements if any(one is store for one in ast.walk(each)))


def _readers(program: FaultyProgram, array: Filled, line: int, plain: bool) -> Iterator[Edit]:
    """Yield the edits of what reads the array: methods that a tensor has not, attributes that keep it."""
    places, record = Positions(program.text), record_of(program.framework)
    in_function = {id(each) for each in ast.walk(array.function) if getattr(each, "lineno", 0) >= line}
    is_given = any(isinstance(each, ast.Return) and each.value and _is_it(each.value, array)
                   for each in ast.walk(array.function))  # fmt: skip
    for node in ast.walk(program.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            is_own = _is_it(node.func.value, array) and id(node) in in_function
            if record.has_tape and (is_own or (is_given and _is_call_of(node.func.value, array))):
                yield from (Edit(span(places.key(node)), each) for each in _as_function(program, array, node)[:1])
        elif plain and id(node) in in_function and _keeps(node, array):
            assert isinstance(node, ast.Assign)
            yield Edit(span(places.key(node.value)), record.to_array.format(array.name, program.package))


def _as_function(program: FaultyProgram, array: Filled, node: ast.Call) -> tuple[str, ...]:
    """Return how a method of an array is written for a tensor, by the rule of NumPy's function of its name."""
    assert isinstance(node.func, ast.Attribute)
    if not isinstance(array.call.func, ast.Attribute):
        return ()
    function = ast.Attribute(array.call.func.value, node.func.attr, ast.Load())
    call = ast.Call(function, [node.func.value, *node.args], node.keywords)
    return by_rule(call, program.text, program.framework, program.own)


def _is_call_of(node: ast.expr, array: Filled) -> bool:
    """Is this a call of the function that fills the array?"""
    name = dotted(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
    return bool(name) and name == getattr(array.function, "name", "")


def _keeps(node: ast.AST, array: Filled) -> bool:
    return isinstance(node, ast.Assign) and _is_it(node.value, array) and isinstance(node.targets[0], ast.Attribute)


def _is_it(node: ast.expr, array: Filled) -> bool:
    return isinstance(node, ast.Name) and node.id == array.name
