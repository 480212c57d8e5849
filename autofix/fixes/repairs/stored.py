"""A value written into a variable and read again while the same gradient is recorded: a plain attribute keeps it.

A variable holds numbers: what they were computed from is forgotten. `self.memory.assign(x)` becomes `self.memory = x`,
and where the attribute is made, it is what the variable was made of. That is a fix only where parameters have no other
way to the loss: averages and copies that training keeps beside it are meant to be numbers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autofix.fixes.repairs.program import FaultyProgram, Repair
from autofix.knowledge.frameworks import TRACING as COMPILERS
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import last_names, values
from autofix.knowledge.trainers import TRACING
from autofix.model import Edit, Span
from autofix.source.edits import apply_edits
from autofix.syntax.bindings import last_part
from autofix.syntax.memo import nodes_of
from autofix.syntax.spans import Positions, span

CODE = "AF308"
_STORES = values("stores")
_VARIABLES = last_names("rewraps")
_SHAPES = last_names("constant")
_BESIDE = "_now"
_WHAT = "{operation} writes a value into a variable, which does not keep how it was computed"


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which attributes are values, and not variables that values are written into."""
    stores = [each for each in _stores(program.tree) if isinstance(each.value, ast.Call)]
    if not stores or not record_of(program.framework).has_tape or _is_compiled(program.tree):
        return
    lines = _lost_at(program)
    for owner in dict.fromkeys(_owner(each) for each in stores if each.lineno in lines):
        own = [each for each in stores if _owner(each) == owner]
        first = next(each for each in own if each.lineno in lines)
        place = program.place_of(first.value)
        plain = (_with_values(program, owner, own, each) for each in (True, False))
        for text in (*plain, _beside(program, owner, own)):
            yield Repair(CODE, place, f"`{ast.unparse(first.value)}`", text, _WHAT, reaches_more=True)


def _stores(tree: ast.Module) -> Iterator[ast.Expr]:
    """Yield the statements that write into an attribute of an object."""
    for node in nodes_of(tree, ast.Expr):
        func = node.value.func if isinstance(node.value, ast.Call) and len(node.value.args) == 1 else None
        if isinstance(func, ast.Attribute) and func.attr in _STORES and isinstance(func.value, ast.Attribute):
            yield node


def _owner(store: ast.Expr) -> str:
    assert isinstance(store.value, ast.Call) and isinstance(store.value.func, ast.Attribute)
    return ast.unparse(store.value.func.value)


def _is_compiled(tree: ast.Module) -> bool:
    """Is anything of a file compiled to a graph? An attribute would keep a value of the graph there."""
    names = {each.attr for each in nodes_of(tree, ast.Attribute)} | {each.id for each in nodes_of(tree, ast.Name)}
    return not names.isdisjoint(TRACING | COMPILERS)


def _lost_at(program: FaultyProgram) -> frozenset[int]:
    """Return the lines in which what has a gradient is written into a variable."""
    measured = program.diagnosed.measured
    ends = (each for each in measured.observe(measured.traced).ends if each.code == CODE and each.sites)
    return frozenset(each.sites[0].span.line for each in ends if each.sites[0].path == program.file)


def _with_values(program: FaultyProgram, owner: str, stores: list[ast.Expr], is_made_plain: bool) -> str:
    """Return the text in which an attribute is assigned; where `is_made_plain`, it was no variable before."""
    places = Positions(program.text)
    edits = [edit for each in stores for edit in _assigned(places, each, owner)]
    for made in nodes_of(program.tree, ast.Assign) if is_made_plain else ():
        call = made.value
        if isinstance(call, ast.Call) and call.args and any(ast.unparse(one) == owner for one in made.targets):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            if name in _VARIABLES:
                edits.append(Edit(span(places.key(call)), ast.get_source_segment(program.text, call.args[0]) or ""))
    return apply_edits(program.text, edits)


def _assigned(places: Positions, store: ast.Expr, name: str) -> list[Edit]:
    """Return the edits that make a call which writes into a variable an assignment to an attribute."""
    call = store.value
    assert isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
    sign, value = _STORES[call.func.attr], call.args[0]
    is_sum = bool(sign) and isinstance(value, (ast.BinOp, ast.IfExp, ast.Compare))
    whole, inner = span(places.key(store)), span(places.key(value))
    before = f"{name} = {f'{name} {sign} ' if sign else ''}{'(' if is_sum else ''}"
    return [
        Edit(Span(whole.line, whole.column, inner.line, inner.column), before),
        Edit(Span(inner.end_line, inner.end_column, whole.end_line, whole.end_column), ")" if is_sum else ""),
    ]


def _beside(program: FaultyProgram, owner: str, stores: list[ast.Expr]) -> str:
    """Return the text in which another attribute keeps the values, and the variable says only what shape they have.

    A model that is built symbolically would find a value of another graph in an attribute of before.
    """
    places, name = Positions(program.text), f"{owner}{_BESIDE}"
    written = {id(each.value.func.value) for each in stores
               if isinstance(each.value, ast.Call) and isinstance(each.value.func, ast.Attribute)}  # fmt: skip
    shapes = {id(one) for call in nodes_of(program.tree, ast.Call) if _asks_shape(call) for one in call.args}
    edits = [edit for each in stores for edit in _assigned(places, each, name)]
    for node in nodes_of(program.tree, ast.Attribute):
        is_read = isinstance(node.ctx, ast.Load) and ast.unparse(node) == owner
        if is_read and id(node) not in written | shapes:
            edits.append(Edit(span(places.key(node)), name))
    return apply_edits(program.text, edits)


def _asks_shape(call: ast.Call) -> bool:
    return last_part(call.func) in _SHAPES
