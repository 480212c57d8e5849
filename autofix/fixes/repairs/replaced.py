"""An optimizer that was made before a part of the model was replaced: it is made where the model has all its parts, or
the part is replaced before."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autofix.fixes.repairs.program import FaultyProgram, Repair, kept_as
from autofix.model import Edit
from autofix.rewrite.blocks import block_of, ends_alone, with_comments
from autofix.source.edits import apply_edits, stretch_of
from autofix.source.files import split_lines
from autofix.syntax.bindings import changed, dotted, last_part, needed, slice_back
from autofix.syntax.memo import nodes_of
from autofix.syntax.module import node_at
from autofix.syntax.spans import Positions, span

CODE = "AF310"
_MAKERS = frozenset({"__init__", "build", "setup"})


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which an optimizer is made again behind each statement that replaces what it holds."""
    strays = [each.stray for each in program.faults if each.stray is not None and each.stray.kind == "replaced"]
    for stray in strays[:1]:
        sites = [each for each in stray.sites if each.path == program.file]
        call = node_at(sites[0], program.text) if sites else None
        made = next((each for each in nodes_of(program.tree, ast.Assign) if each.value is call), None)
        if made is None or len(made.targets) != 1 or not isinstance(call, ast.Call):
            continue
        for edits in (_edits(program, made, True), _raised(program, made), _edits(program, made, False)):
            if edits:
                text = apply_edits(program.text, edits)
                yield Repair(CODE, sites[0].span, f"`{ast.unparse(call)}`", text, same_leaves=False)


def _edits(program: FaultyProgram, made: ast.Assign, is_moved: bool) -> list[Edit]:
    """Return the edits that make an optimizer behind what replaces parts; where it `is_moved`, only there."""
    lines, target = split_lines(program.text), made.targets[0]
    owner = program.function_at(made.lineno)
    more: list[Edit] = []
    if isinstance(target, ast.Name):
        written = program.source_of(made)
        found = [each for each in _replacing(program.tree) if program.function_at(each.lineno) is owner]
        places = [each for each in found if each.lineno > made.lineno]
    elif isinstance(owner, ast.Module):
        return []
    else:
        written, more = in_terms_of_object(program, made, owner)
        methods = [each for kind in nodes_of(program.tree, ast.ClassDef) if owner in kind.body for each in kind.body]
        places = [each for each in _replacing(program.tree)
                  if program.function_at(each.lineno) in methods and each.lineno > (owner.end_lineno or 0)]  # fmt: skip
    if not written or not places or not all(ends_alone(each, lines) for each in (made, *places)):
        return []
    is_beside = len(places) == 1 and places[0].col_offset == made.col_offset and isinstance(target, ast.Name)
    if is_moved and not is_beside:
        return []
    if is_moved:
        more = [Edit.of_lines(made.lineno, (made.end_lineno or 0) + 1, "")]
    for each in places:
        line, margin = (each.end_lineno or 0) + 1, program.margin_of(each)
        more.append(Edit.of_lines(line, line, f"{margin}{written}\n"))
    return more


def _raised(program: FaultyProgram, made: ast.Assign) -> list[Edit]:
    """Return the edits that replace a part before an optimizer is made, and before its parameters are collected."""
    block, lines = block_of(program.tree, made), split_lines(program.text)
    later = block[block.index(made) + 1 :]
    places = [each for each in _replacing(program.tree) if any(each is one for one in later)]
    if len(places) != 1 or not all(ends_alone(each, lines) for each in (made, *places)):
        return []
    before, own = block[: block.index(made)], needed(places[0])
    last = max((at for at, each in enumerate(before) if changed(each) & own), default=-1)
    collected = [*slice_back(before[last + 1 :], needed(made.value)), made]
    first = collected[0]
    between = block[block.index(first) : block.index(places[0])]
    if any(changed(each) & own for each in between):
        return []
    begins, ends = with_comments(places[0], lines), (places[0].end_lineno or 0) + 1
    above = with_comments(first, lines)
    return [Edit.of_lines(begins, ends, ""), Edit.of_lines(above, above, "".join(lines[begins - 1 : ends - 1]))]


def _replacing(tree: ast.Module) -> list[ast.stmt]:
    """Return the statements that make a part of an object anew, or have a method do so, after the object is made."""
    methods = {each.name for each in nodes_of(tree, ast.FunctionDef) if each.name not in _MAKERS and _sets_part(each)}
    found: list[ast.stmt] = [
        each
        for each in nodes_of(tree, ast.Expr)
        if isinstance(each.value, ast.Call) and dotted(each.value.func).rpartition(".")[2] in methods
    ]
    inside = {id(one) for each in nodes_of(tree, ast.ClassDef) for one in ast.walk(each)}
    return found + [each for each in nodes_of(tree, ast.Assign) if id(each) not in inside and _is_part(each)]


def _sets_part(function: ast.FunctionDef) -> bool:
    sets = any(isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store) for each in ast.walk(function))
    return sets and any(isinstance(each, ast.Call) and _is_class(each) for each in ast.walk(function))


def _is_part(statement: ast.Assign) -> bool:
    is_made = isinstance(statement.value, ast.Call) and _is_class(statement.value)
    return is_made and isinstance(statement.targets[0], (ast.Attribute, ast.Subscript))


def _is_class(call: ast.Call) -> bool:
    return last_part(call.func)[:1].isupper()


def in_terms_of_object(
    program: FaultyProgram, made: ast.Assign, maker: ast.FunctionDef | ast.AsyncFunctionDef
) -> tuple[str, list[Edit]]:
    """Return how an attribute is made in another method, and the edits that keep what this needs."""
    given = {each.arg for each in (*maker.args.args, *maker.args.kwonlyargs)}
    own = maker.args.args[0].arg if maker.args.args else ""
    kept = {name: ast.unparse(target) for name, target in kept_as(maker, own).items()}
    places = Positions(program.text)
    names = [each for each in ast.walk(made.value) if isinstance(each, ast.Name) and each.id in given - {own}]
    lacking = list(dict.fromkeys(each.id for each in names if each.id not in kept))
    edits = [Edit(span(places.key(each)), kept.get(each.id, f"{own}.{each.id}")) for each in names]
    margin = program.margin_of(made)
    more = [Edit.of_lines(made.lineno, made.lineno, f"{margin}{own}.{each} = {each}\n") for each in lacking]
    return stretch_of(program.text, span(places.key(made)), edits), more
