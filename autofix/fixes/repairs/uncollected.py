"""Parameters that are collected for an optimizer and not handed over: they are, as those beside them were."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autofix.analysis.groups import KEY, Group, left_out
from autofix.fixes.repairs.program import FaultyProgram, FunctionNode, Repair
from autofix.fixes.spellings import operand
from autofix.model import Edit, Site, Span
from autofix.rewrite.blocks import block_of, ends_alone
from autofix.source.edits import apply_edits
from autofix.source.files import split_lines
from autofix.syntax.module import node_at
from autofix.syntax.spans import Positions, span

CODE = "AF310"
KIND = "uncollected"
_GROUPS = ("dict", "again")


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which the optimizer gets what was collected."""
    strays = [each.stray for each in program.faults if each.stray is not None and each.stray.kind == KIND]
    for stray in strays:
        here = [each for each in stray.sites if each.path == program.file]
        groups = left_out(program.tree, program.text, here[1].span.line) if len(here) > 1 else []
        places = Positions(program.text)
        for group in groups:
            if span(places.key(group.first)) == here[0].span:
                edits = _edits(program, group, here[1:])
                if edits:
                    text = apply_edits(program.text, edits)
                    yield Repair(CODE, here[0].span, f"`{here[0].expression}`", text, same_leaves=False,
                                 spans=(here[0].span,))  # fmt: skip


def _edits(program: FaultyProgram, group: Group, sites: list[Site]) -> list[Edit]:
    """Return the edits that hand over what is collected under a name."""
    scope = program.function_at(sites[0].span.line)
    if group.kind in _GROUPS and (sibling := _appended(scope, group)):
        return _behind(program, group, f"{sibling}.append({group.name})")
    calls = [call for site in sites if isinstance(call := node_at(site, program.text), ast.Call)]
    call = next((each for each in calls if each.args), None)
    if call is None:
        return []
    if group.kind == "late":
        return _moved(program, scope, group, call)
    return [_given(program, call.args[0], group)]


def _appended(scope: FunctionNode | ast.Module, group: Group) -> str:
    """Return the list to which other groups of parameters are appended."""
    for node in ast.walk(scope):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and len(node.value.args) == 1:
            func, added = node.value.func, node.value.args[0]
            if isinstance(func, ast.Attribute) and func.attr == list.append.__name__ and _is_group(scope, added):
                return ast.unparse(func.value)
    return ""


def _is_group(scope: ast.AST, added: ast.expr) -> bool:
    """Is what is appended a group of parameters, by itself or by its name?"""
    if isinstance(added, ast.Name):
        made = [each for each in ast.walk(scope) if isinstance(each, ast.Assign) and _binds(each, added.id)]
        return any(_is_group(scope, each.value) for each in made) or any(
            _fills(each, added.id) for each in ast.walk(scope)
        )
    return isinstance(added, ast.Dict) and any(
        isinstance(each, ast.Constant) and each.value == KEY for each in added.keys
    )


def _binds(statement: ast.Assign, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in statement.targets)


def _fills(node: ast.AST, name: str) -> bool:
    """Is `name["params"]` written?"""
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        and isinstance(node.slice, ast.Constant)
        and node.slice.value == KEY
    )


def _behind(program: FaultyProgram, group: Group, statement: str) -> list[Edit]:
    """Return the edit that writes a statement behind the last that adds to a group, in the block of the first."""
    block, lines = block_of(program.tree, group.first), split_lines(program.text)
    around = [each for each in block if each.lineno <= group.last.lineno <= (each.end_lineno or 0)]
    if not around or not ends_alone(around[0], lines):
        return []
    line, margin = (around[0].end_lineno or 0) + 1, program.margin_of(group.first)
    return [Edit.of_lines(line, line, f"{margin}{statement}\n")]


def _given(program: FaultyProgram, value: ast.expr, group: Group) -> Edit:
    """Return the edit that adds a group to what an optimizer is given."""
    where = program.place_of(value)
    if isinstance(value, ast.List) and value.elts:
        last = program.place_of(value.elts[-1])
        is_group = group.kind in _GROUPS or isinstance(value.elts[-1], ast.Dict)
        more = group.name if is_group else f"*{group.name}"
        if is_group and group.kind == "list":
            more = f'{{"{KEY}": {group.name}}}'
        line = split_lines(program.text)[last.line - 1]
        margin = line[: last.column - 1]
        between = f",\n{margin}" if last.line > where.line and not margin.strip() else ", "
        return Edit(Span(last.end_line, last.end_column, last.end_line, last.end_column), f"{between}{more}")
    if group.kind in _GROUPS:
        return Edit(where, f'[{{"{KEY}": {operand(value, program.text)}}}, {group.name}]')
    return Edit(where, f"[*{operand(value, program.text)}, *{group.name}]")


def _moved(program: FaultyProgram, scope: FunctionNode | ast.Module, group: Group, call: ast.Call) -> list[Edit]:
    """Return the edits by which an optimizer is made behind the last statement that adds to its list."""
    made = next((each for each in ast.walk(scope) if isinstance(each, ast.Assign) and each.value is call), None)
    lines = split_lines(program.text)
    if made is None or len(made.targets) != 1 or not ends_alone(made, lines):
        return []
    block = block_of(program.tree, made)
    around = [each for each in block if each.lineno <= group.last.lineno <= (each.end_lineno or 0)]
    if not around or not ends_alone(around[0], lines):
        return []
    name, end = ast.unparse(made.targets[0]), around[0].end_lineno or 0
    between = block[block.index(made) + 1 : block.index(around[0]) + 1]
    if any(ast.unparse(each) == name for one in between for each in ast.walk(one) if isinstance(each, ast.expr)):
        return []
    written = "".join(lines[made.lineno - 1 : made.end_lineno])
    return [Edit.of_lines(made.lineno, (made.end_lineno or 0) + 1, ""), Edit.of_lines(end + 1, end + 1, written)]
