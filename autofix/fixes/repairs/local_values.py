"""What is written into a variable and read behind in the same function: a local name has it there.

The variable is written once, behind all of that, for whoever else reads it. Elements that a loop writes one after the
other are kept in a list, which is stacked behind the loop; others change a copy.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autofix.fixes.repairs.program import FaultyProgram, FunctionNode
from autofix.fixes.repairs.variable_stores import Store
from autofix.model import Edit
from autofix.rewrite.blocks import blocks_around, ends_alone
from autofix.source.files import split_lines

_NOW = "_now"


@dataclass(frozen=True)
class Stretch:
    """The statements of a block from the `first` that writes into a variable to the `last`; `reads` are behind it."""

    function: FunctionNode | ast.Module
    owner: str
    name: str
    first: ast.stmt
    last: ast.stmt
    reads: tuple[ast.expr, ...]


def local_values(program: FaultyProgram, owner: str, stores: Sequence[Store]) -> Iterator[list[Edit]]:
    """Yield the edits by which a local name has what is written into a variable: as a list first, then as a tensor."""
    by_function: dict[int, list[Store]] = {}
    for each in stores:
        by_function.setdefault(id(program.function_at(each.statement.lineno)), []).append(each)
    for own in by_function.values():
        stretch = _stretch(program, owner, own)
        if stretch is not None:
            yield from (each for each in (_listed(program, stretch, own), _changed(program, stretch, own)) if each)


def _stretch(program: FaultyProgram, owner: str, stores: Sequence[Store]) -> Stretch | None:
    """Return where a variable is written and read in a function."""
    function, start = program.function_at(stores[0].statement.lineno), stores[0].statement
    written = {id(each.owner) for each in stores}
    nodes = [each for each in ast.walk(function) if isinstance(each, (ast.Attribute, ast.Name))]
    reads = [each for each in nodes if isinstance(each.ctx, ast.Load) and ast.unparse(each) == owner
             and id(each) not in written and each.lineno > start.lineno]  # fmt: skip
    wanted = {id(each) for each in (*(one.statement for one in stores), *reads)}
    for _, block, at in blocks_around(program.tree, start) if reads else ():
        inside = [{id(one) for one in ast.walk(each)} for each in block]
        if wanted <= set().union(*inside):
            last = max(place for place, each in enumerate(inside) if any(id(one.statement) in each for one in stores))
            lines = split_lines(program.text)
            alone = ends_alone(block[at], lines) and ends_alone(block[last], lines)
            name = _free_name(function, owner)
            return Stretch(function, owner, name, block[at], block[last], tuple(reads)) if alone else None
    return None


def _free_name(function: FunctionNode | ast.Module, owner: str) -> str:
    """Return a name for the values of a variable that its function has not yet."""
    names = {each.id for each in ast.walk(function) if isinstance(each, ast.Name)}
    names |= {each.arg for each in ast.walk(function) if isinstance(each, ast.arg)}
    name = "".join(each if each.isalnum() else "_" for each in owner.rpartition(".")[2]).strip("_")
    while name in names:
        name += _NOW
    return name


def _listed(program: FaultyProgram, stretch: Stretch, stores: Sequence[Store]) -> list[Edit]:
    """Return the edits by which a list has the elements that a loop writes in turn; none where it does not."""
    loop, store = stretch.first, stores[0]
    if not isinstance(loop, ast.For) or len(stores) > 1 or stretch.last is not loop or loop.orelse:
        return []
    if store.statement not in loop.body or not isinstance(store.part, ast.Name) or store.part.id != _counter(loop):
        return []
    name, package = stretch.name, program.package
    appended = Edit(program.place_of(store.statement), f"{name}.append({program.source_of(store.value)})")
    return _with(program, stretch, f"{name} = []", [appended], [f"{name} = {package}.stack({name})"])


def _counter(loop: ast.For) -> str:
    """Return the name that a loop counts by from 0; empty where it has none."""
    match loop:
        case ast.For(target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"), args=[_])):
            return name
        case ast.For(target=ast.Tuple(elts=[ast.Name(id=name), _]), iter=ast.Call(func=ast.Name(id="enumerate"))):
            return name
    return ""


def _changed(program: FaultyProgram, stretch: Stretch, stores: Sequence[Store]) -> list[Edit]:
    """Return the edits by which a tensor is what the variable would be after each statement."""
    name = stretch.name
    new = [each.new_value(program, name) for each in stores]
    if not all(new):
        return []
    edits = [Edit(program.place_of(each.statement), f"{name} = {one}") for each, one in zip(stores, new, strict=True)]
    is_new = stores[0].is_whole and not stores[0].sign and stores[0].statement is stretch.first
    return _with(program, stretch, "" if is_new else f"{name} = {program.package}.convert_to_tensor({stretch.owner})",
                 edits, [])  # fmt: skip


def _with(program: FaultyProgram, stretch: Stretch, begin: str, edits: list[Edit], behind: list[str]) -> list[Edit]:
    """Return the edits with the statements that begin the local name and end it, and with what reads it."""
    margin = program.margin_of(stretch.first)
    line, after = stretch.first.lineno, (stretch.last.end_lineno or 0) + 1
    ended = [*behind, f"{stretch.owner}.assign({stretch.name})"]
    read = [Edit(program.place_of(each), stretch.name) for each in stretch.reads]
    started = [Edit.of_lines(line, line, f"{margin}{begin}\n")] if begin else []
    stored = Edit.of_lines(after, after, "".join(f"{margin}{each}\n" for each in ended))
    return [*started, *edits, stored, *read]
