"""Values that are written into a leaf past the graph: they take its place.

`out.data[i] = loss_i` on `out = torch.zeros(n, requires_grad=True)` becomes `out[i] = loss_i` on `torch.zeros(n)`, and
`layer.weight.data = generated`, or `layer.weight.data.copy_(generated)`, becomes `del layer.weight` and `layer.weight =
generated`: the layer then computes with what was generated, and not with a parameter that has its numbers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from autofix.fixes.repairs.births import without_flag
from autofix.fixes.repairs.program import FaultyProgram, Repair
from autofix.fixes.spellings import operand
from autofix.knowledge.operations import last_names
from autofix.model import Edit
from autofix.rewrite.blocks import ends_alone
from autofix.source.edits import apply_edits
from autofix.source.files import split_lines
from autofix.syntax.bindings import last_part
from autofix.syntax.memo import nodes_of

CODE = "AF103"
_WHAT = "{operation} writes numbers past the graph: the values that they are of get no gradient"
_PLAIN = "data"
_GETS, _NAMED = "getattr", 2
_MAKES_LEAF = last_names("makes-leaf")


@dataclass(frozen=True)
class Write:
    """A statement that writes `value` into the numbers of a leaf: into all, or into those of a `part` (`[i]`)."""

    statement: ast.Assign | ast.Expr
    leaf: ast.expr
    value: ast.expr
    part: ast.Subscript | None = None


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the text in which leaves that are written into near what is lost are what is written."""
    lines = {site.span.line for fault in program.faults for end in fault.ends for site in end.sites
             if site.path == program.file}  # fmt: skip
    near = [each for each in _writes(program.tree) if _function_lines(program, each) & lines]
    chosen = [each for each in near if ends_alone(each.statement, split_lines(program.text))]
    edits = [edit for each in chosen for edit in _instead(program, each)]
    if edits:
        place = program.place_of(chosen[0].statement)
        operation = program.shown_at(place)
        text = apply_edits(program.text, dict.fromkeys(edits))
        places = [program.place_of(each.statement) for each in chosen]
        found = {sites[0].span.line for sites in program.sites_of(CODE) if sites}
        is_known = any(each.line in found for each in places)
        yield Repair(CODE, place, operation, text, _WHAT, spelled=True, reaches_more=not is_known)


def _function_lines(program: FaultyProgram, write: Write) -> set[int]:
    around = program.function_at(write.statement.lineno)
    last = around.end_lineno if not isinstance(around, ast.Module) else write.statement.end_lineno
    return set(range(write.statement.lineno if isinstance(around, ast.Module) else around.lineno, (last or 0) + 1))


def _writes(tree: ast.Module) -> Iterator[Write]:
    """Yield the statements that write into the numbers of a leaf."""
    for each in nodes_of(tree, ast.Assign):
        target = each.targets[0]
        if len(each.targets) == 1 and _is_plain(target):
            yield Write(each, target.value, each.value)
        elif len(each.targets) == 1 and isinstance(target, ast.Subscript) and _is_plain(target.value):
            yield Write(each, target.value.value, each.value, target)
    for call in nodes_of(tree, ast.Expr):
        match call.value:
            case ast.Call(func=ast.Attribute(value=plain, attr="copy_" | "fill_"), args=[value]):
                yield Write(call, plain.value if _is_plain(plain) else plain, value)


def _is_plain(node: ast.expr) -> TypeGuard[ast.Attribute]:
    return isinstance(node, ast.Attribute) and node.attr == _PLAIN


def _instead(program: FaultyProgram, write: Write) -> list[Edit]:
    """Return the edits that make a leaf what is written into it; none where it is neither a local nor an attribute."""
    if write.part is not None:
        flags = _without_leaf(program, write)
        return [Edit(program.place_of(write.part.value), operand(write.leaf, program.text)), *flags] if flags else []
    value = _graph_value(program, write.value)
    margin = program.margin_of(write.statement)
    if isinstance(write.leaf, ast.Call) and last_part(write.leaf.func) == _GETS and len(write.leaf.args) == _NAMED:
        named = ", ".join(program.source_of(each) for each in write.leaf.args)
        return [Edit(program.place_of(write.statement), f"delattr({named})\n{margin}setattr({named}, {value})")]
    if not isinstance(write.leaf, ast.Attribute):
        return []
    leaf = program.source_of(write.leaf)
    return [Edit(program.place_of(write.statement), f"del {leaf}\n{margin}{leaf} = {value}")]


def _graph_value(program: FaultyProgram, value: ast.expr) -> str:
    """Return a written value without what makes numbers of it: `w.data` and `w.detach()` are `w`."""
    while True:
        match value:
            case ast.Attribute(value=inner, attr="data"):
                value = inner
            case ast.Call(func=ast.Attribute(value=inner, attr="detach"), args=[], keywords=[]):
                value = inner
            case ast.Call(func=func, args=[inner]) if last_part(func) in _MAKES_LEAF:
                value = inner
            case _:
                return program.source_of(value)


def _without_leaf(program: FaultyProgram, write: Write) -> list[Edit]:
    """Return the edits of what makes a local leaf, so that it is none; none where another place makes it."""
    if not isinstance(write.leaf, ast.Name):
        return []
    name = write.leaf.id
    around = program.function_at(write.statement.lineno)
    made = [each for each in ast.walk(around) if isinstance(each, ast.Assign) and _names(each) == [name]]
    asked = [each for each in ast.walk(around) if isinstance(each, ast.stmt) and _asks_for_gradient(each, name)]
    edits = [Edit(program.place_of(each.value), without_flag(program.text, each.value)) for each in made]
    lines = [Edit.of_lines(each.lineno, (each.end_lineno or 0) + 1, "") for each in asked]
    return [*edits, *lines]


def _names(statement: ast.Assign) -> list[str]:
    return [each.id for each in statement.targets if isinstance(each, ast.Name)]


def _asks_for_gradient(node: ast.stmt, name: str) -> bool:
    """Is this the statement `name.requires_grad_()` or `name.requires_grad = True`?"""
    if isinstance(node, ast.Assign):
        return any(ast.unparse(each) == f"{name}.requires_grad" for each in node.targets)
    return isinstance(node, ast.Expr) and ast.unparse(node.value).startswith(f"{name}.requires_grad_(")
