"""Variables that were listed before the model had made them: where the list is used, the model is asked again."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy

from autofix.fixes.repairs.program import FaultyProgram, FunctionNode, Repair, kept_as
from autofix.knowledge.operations import having
from autofix.model import Edit
from autofix.rewrite.blocks import block_of, ends_alone
from autofix.source.edits import apply_edits
from autofix.source.files import split_lines
from autofix.syntax.bindings import bound, last_part
from autofix.syntax.spans import Positions, span

CODE = "AF310"
_LISTS = having("lists-variables")
_CALLED = having("lists-parameters")
_WHAT = "{operation} is read before the model creates its variables, so none of them is trained"


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which a list of variables that was taken too early is taken where it is used."""
    for node in ast.walk(program.tree) if program.fails else ():
        if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not _lists(node.value):
            continue
        target = node.targets[0]
        if isinstance(target, ast.Name):
            text = _of_name(program, node, target.id)
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            maker = program.function_at(node.lineno)
            text = program.text if isinstance(maker, ast.Module) else in_terms_of_object(program, node, maker)
        else:
            continue
        if text != program.text:
            place = program.place_of(node.value)
            yield Repair(CODE, place, f"`{ast.unparse(node.value)}`", text, _WHAT, same_leaves=False)


def _lists(node: ast.expr) -> bool:
    """Is this the list of the variables of a model, or of several?"""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _lists(node.left) and _lists(node.right)
    if isinstance(node, ast.Call):
        func = node.func
        if isinstance(func, ast.Name) and func.id == "list" and len(node.args) == 1:
            return _lists(node.args[0])
        return isinstance(func, ast.Attribute) and func.attr in _CALLED
    return isinstance(node, ast.Attribute) and node.attr in _LISTS


def _of_name(program: FaultyProgram, made: ast.Assign, name: str) -> str:
    """Return the text in which a variable of a function, or of the module, is what it was made of."""
    owner = program.function_at(made.lineno)
    uses = [each for each in ast.walk(owner) if isinstance(each, ast.Name) and each.id == name
            and isinstance(each.ctx, ast.Load) and each.lineno > made.lineno]  # fmt: skip
    stores = [each for each in ast.walk(owner) if isinstance(each, ast.Name) and each.id == name
              and isinstance(each.ctx, ast.Store)]  # fmt: skip
    return _replaced(program, made, list(uses), made.value) if len(stores) == 1 else program.text


def in_terms_of_object(program: FaultyProgram, made: ast.Assign, maker: FunctionNode) -> str:
    """Return the text in which an attribute of an object is what it was made of, in the other methods of its class."""
    target = made.targets[0]
    assert isinstance(target, ast.Attribute)
    own = ast.unparse(target.value)
    loads = [each for each in ast.walk(program.tree) if isinstance(each, ast.Attribute) and each.attr == target.attr
             and isinstance(each.ctx, ast.Load) and ast.unparse(each) == ast.unparse(target)]  # fmt: skip
    if not loads:
        return program.text
    kept = kept_as(maker, own)
    local = {each.arg for each in maker.args.args} | {name for each in maker.body for name in bound(each)}
    names = {each.id for each in ast.walk(made.value) if isinstance(each, ast.Name)} & local
    if not names <= {*kept, own}:
        return program.text
    value = _Renamed(kept).visit(deepcopy(made.value))
    return _replaced(program, made, [each for each in loads if each.lineno > made.lineno], value)


class _Renamed(ast.NodeTransformer):
    """Replaces names by expressions."""

    def __init__(self, names: dict[str, ast.expr]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._names.get(node.id, node)


def _replaced(program: FaultyProgram, made: ast.Assign, uses: list[ast.expr], value: ast.expr) -> str:
    """Return the text with an expression at each use; the list itself goes where nothing else reads it."""
    places, lines = Positions(program.text), split_lines(program.text)
    is_sum = isinstance(value, ast.BinOp)
    written = f"({ast.unparse(value)})" if is_sum else ast.unparse(value)
    edits = [Edit(span(places.key(each)), written) for each in uses]
    if not edits:
        return program.text
    name = last_part(made.targets[0])
    read = [each for each in ast.walk(program.tree) if isinstance(getattr(each, "ctx", None), ast.Load)
            and last_part(each) == name]  # fmt: skip
    if len(read) == len(uses) and ends_alone(made, lines) and len(block_of(program.tree, made)) > 1:
        edits.append(Edit.of_lines(made.lineno, (made.end_lineno or 0) + 1, ""))
    return apply_edits(program.text, edits)
