"""A value written into a variable and read again while the same gradient is recorded: a plain attribute keeps it.

A variable holds numbers: what they were computed from is forgotten. `self.memory.assign(x)` becomes `self.memory = x`,
and where the attribute is made, it is what the variable was made of. Where what is written is read in the same
function, a local name has it there, and the variable is written behind (`local_values`). That is a fix where
parameters have no other way to the loss, or where a whole term of the loss is lost: averages and copies that training
keeps beside it are meant to be numbers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autofix.fixes.repairs.local_values import local_values
from autofix.fixes.repairs.program import FaultyProgram, Repair
from autofix.fixes.repairs.variable_stores import Store, stores
from autofix.knowledge.frameworks import TRACING as COMPILERS
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import last_names
from autofix.knowledge.trainers import TRACING
from autofix.model import Edit, Span
from autofix.source.edits import apply_edits
from autofix.syntax.bindings import last_part
from autofix.syntax.memo import nodes_of
from autofix.syntax.spans import Positions, span

CODE = "AF308"
_VARIABLES = last_names("rewraps")
_SHAPES = last_names("constant")
_BESIDE = "_now"
_WHAT = "{operation} writes a value into a variable, which does not keep how it was computed"
_GETS, _SETS = "getattr", "setattr"


@dataclass(frozen=True)
class Variable:
    """What a program calls a variable, the statements that write into it, and the first that loses a gradient."""

    name: str
    stores: tuple[Store, ...]
    lost: Store

    @property
    def is_whole(self) -> bool:
        """Is all of it written each time?"""
        return all(each.is_whole for each in self.stores)


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which what is read is the value, and not a variable that it was written into.

    They are those of all variables that lose a gradient together, then those of each alone.
    """
    found = list(stores(program.tree)) if record_of(program.framework).has_tape else []
    lines = _lost_at(program) if found else frozenset()
    known = _found_at(program) if lines else frozenset()
    for reading in _readings([each for each in found if not lines.isdisjoint(_lines(each))]):
        variables = _variables(found, reading)
        for chosen in dict.fromkeys([tuple(variables), *((each,) for each in variables)]):
            call = chosen[0].lost.statement.value
            is_known = not known.isdisjoint(_lines(chosen[0].lost))
            for edits in _together([list(_ways(program, each)) for each in chosen]):
                text = apply_edits(program.text, dict.fromkeys(edits))
                yield Repair(CODE, program.place_of(call), f"`{ast.unparse(call)}`", text, _WHAT,
                             reaches_more=not is_known)  # fmt: skip


def _readings(lost: Sequence[Store]) -> list[list[Store]]:
    """Return the statements read as those that write a part of a variable, and as those that write one of several."""
    parts = {id(each.statement): each for each in reversed(lost)}
    wholes = {id(each.statement): each for each in lost}
    first, last = list(parts.values())[::-1], list(wholes.values())
    return [first, last] if first != last else [first] if first else []


def _variables(found: Sequence[Store], lost: Sequence[Store]) -> list[Variable]:
    firsts: dict[tuple[str, bool], Store] = {}
    for each in lost:
        firsts.setdefault((ast.unparse(each.owner), each.part is None), each)
    return [
        Variable(name, tuple(each for each in found if ast.unparse(each.owner) == name
                             and (each.part is None or not is_whole)), first)
        for (name, is_whole), first in firsts.items()
    ]  # fmt: skip


def _together(ways: Sequence[Sequence[list[Edit]]]) -> Iterator[list[Edit]]:
    """Yield the edits of all variables, each in its next way as long as it has one; nothing where one has none."""
    for at in range(max(map(len, ways), default=0)) if all(ways) else ():
        yield [edit for each in ways for edit in each[min(at, len(each) - 1)]]


def _ways(program: FaultyProgram, variable: Variable) -> Iterator[list[Edit]]:
    """Yield the edits of each way to read the value that a variable was to keep."""
    local = local_values(program, variable.name, variable.stores)
    if not variable.is_whole:
        yield from local
    if not _is_compiled(program.tree):
        for is_made_plain in (True, False):
            if edits := _with_values(program, variable, is_made_plain):
                yield edits
        if isinstance(variable.lost.owner, ast.Attribute) and variable.is_whole:
            yield _beside(program, variable)
    if variable.is_whole:
        yield from local


def _lines(store: Store) -> range:
    return range(store.statement.lineno, (store.statement.end_lineno or 0) + 1)


def _is_compiled(tree: ast.Module) -> bool:
    """Is anything of a file compiled to a graph? An attribute would keep a value of the graph there."""
    names = {each.attr for each in nodes_of(tree, ast.Attribute)} | {each.id for each in nodes_of(tree, ast.Name)}
    return not names.isdisjoint(TRACING | COMPILERS)


def _lost_at(program: FaultyProgram) -> frozenset[int]:
    """Return the lines in which what has a gradient is written into a variable."""
    measured = program.diagnosed.measured
    ends = (each for each in measured.observe(measured.traced).ends if each.code == CODE and each.sites)
    return frozenset(each.sites[0].span.line for each in ends if each.sites[0].path == program.file)


def _found_at(program: FaultyProgram) -> frozenset[int]:
    """Return those of these lines that are known to be faults."""
    return frozenset(sites[0].span.line for sites in program.sites_of(CODE) if sites)


def _with_values(program: FaultyProgram, variable: Variable, is_made_plain: bool) -> list[Edit]:
    """Return the edits by which an attribute is assigned; where `is_made_plain`, it was no variable before."""
    places, owner = Positions(program.text), variable.name
    assigned = [_assigned(program, each, owner) for each in variable.stores]
    edits = [edit for each in assigned for edit in each] if all(assigned) else []
    for made in nodes_of(program.tree, ast.Assign) if is_made_plain and edits else ():
        call = made.value
        if isinstance(call, ast.Call) and call.args and any(ast.unparse(one) == owner for one in made.targets):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            if name in _VARIABLES:
                edits.append(Edit(span(places.key(call)), ast.get_source_segment(program.text, call.args[0]) or ""))
    return edits


def _assigned(program: FaultyProgram, store: Store, name: str) -> list[Edit]:
    """Return the edits that make a call which writes into a variable an assignment to an attribute."""
    whole, inner = program.place_of(store.statement), program.place_of(store.value)
    match store.owner:
        case ast.Call(func=ast.Name(id=function), args=[owner, attribute]) if function == _GETS:
            start = f"{_SETS}({program.source_of(owner)}, {program.source_of(attribute)}, "
            return [Edit(whole, f"{start}{store.new_value(program, name)})")]
        case ast.Attribute() | ast.Name() | ast.Subscript() if store.is_whole:
            before, after = store.around(name)
            return [
                Edit(Span(whole.line, whole.column, inner.line, inner.column), f"{name} = {before}"),
                Edit(Span(inner.end_line, inner.end_column, whole.end_line, whole.end_column), after),
            ]
        case ast.Attribute() if new := store.new_value(program, name):
            return [Edit(whole, f"{name} = {new}")]
        case _:
            return []


def _beside(program: FaultyProgram, variable: Variable) -> list[Edit]:
    """Return the edits by which another attribute keeps the values, and the variable says only what shape they have.

    A model that is built symbolically would find a value of another graph in an attribute of before.
    """
    places, owner, name = Positions(program.text), variable.name, f"{variable.name}{_BESIDE}"
    written = {id(each.owner) for each in variable.stores}
    shapes = {id(one) for call in nodes_of(program.tree, ast.Call) if _asks_shape(call) for one in call.args}
    edits = [edit for each in variable.stores for edit in _assigned(program, each, name)]
    for node in nodes_of(program.tree, ast.Attribute):
        is_read = isinstance(node.ctx, ast.Load) and ast.unparse(node) == owner
        if is_read and id(node) not in written | shapes:
            edits.append(Edit(span(places.key(node)), name))
    return edits


def _asks_shape(call: ast.Call) -> bool:
    return last_part(call.func) in _SHAPES
