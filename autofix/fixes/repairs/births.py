"""A leaf that is converted where it is made: what trains is a result, and the leaf itself is thrown away.

`nn.Parameter(x).float()` becomes `nn.Parameter(x.float())`, `tf.Variable(x) * 0.1` becomes `tf.Variable(x * 0.1)`, and
`torch.randn(3, requires_grad=True).to(device)` becomes `torch.randn(3).to(device).requires_grad_()`. A conversion that
gives the leaf itself (`float()` of what is float32) is right as it is: each is left out that changes nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autofix.fixes.repairs.program import FaultyProgram, Repair
from autofix.fixes.spellings import BINDS, operand
from autofix.knowledge.operations import last_names
from autofix.model import Edit, Span
from autofix.source.edits import apply_edits, stretch_of
from autofix.syntax.bindings import dotted, last_part
from autofix.syntax.memo import nodes_of
from autofix.syntax.module import parents_of
from autofix.syntax.spans import Positions, span

CODE = "AF310"
MOST_BIRTHS = 6
_WRAPS = last_names("makes-leaf")
_FLAG = "requires_grad"
_WHAT = "{operation} converts a leaf: no optimizer trains the result, and the leaf itself is discarded"


@dataclass(frozen=True)
class Birth:
    """A call that makes a leaf (`leaf`), and the whole that converts it."""

    leaf: ast.Call
    whole: ast.expr


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the text in which what is converted becomes a leaf."""
    births = _births(program)[:MOST_BIRTHS]
    chosen = [(each, _converted_first(program.text, each)) for each in births]
    most = _trained(program, chosen) if chosen else 0
    for each in tuple(chosen) if len(chosen) > 1 else ():
        others = [one for one in chosen if one is not each]
        chosen = others if others and _trained(program, others) >= most else chosen
    if chosen:
        place = program.place_of(chosen[0][0].whole)
        text = apply_edits(program.text, [edit for _, edit in chosen])
        operation = program.shown_at(place)
        yield Repair(CODE, place, operation, text, _WHAT, same_leaves=False)


def _trained(program: FaultyProgram, chosen: Sequence[tuple[Birth, Edit]]) -> int:
    """Return how many parameters get a gradient that an optimizer holds; none does in a program that raises."""
    text = apply_edits(program.text, [edit for _, edit in chosen])
    natural = program.diagnosed.original.of_text(text).natural
    return sum(each.state == "live" for each in natural.parameters) if natural.error is None else -1


def _births(program: FaultyProgram) -> list[Birth]:
    """Return the leaves that are converted where they are made."""
    parents = parents_of(program.tree)
    calls = [each for each in nodes_of(program.tree, ast.Call) if _makes_leaf(each)]
    found = [Birth(each, _whole(each, parents, program.imported)) for each in calls]
    return [each for each in found if each.whole is not each.leaf and _is_kept(parents.get(each.whole))]


def _makes_leaf(call: ast.Call) -> bool:
    flags = [each.value for each in call.keywords if each.arg in (_FLAG, "trainable")]
    if any(isinstance(each, ast.Constant) and not each.value for each in flags):
        return False
    return (_wraps(call) and bool(call.args)) or _has_flag(call) or (_is_method(call) and not call.args)


def _has_flag(call: ast.Call) -> bool:
    return any(each.arg == _FLAG for each in call.keywords)


def _is_method(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == f"{_FLAG}_"


def _whole(leaf: ast.expr, parents: Mapping[ast.AST, ast.AST], imported: frozenset[str]) -> ast.expr:
    """Return the outermost expression that converts a leaf: methods, operators and functions of a library."""
    parent = parents.get(leaf)
    if isinstance(parent, ast.Attribute):
        call = parents.get(parent)
        return _whole(call, parents, imported) if isinstance(call, ast.Call) and call.func is parent else leaf
    if isinstance(parent, (ast.BinOp, ast.UnaryOp)):
        return _whole(parent, parents, imported)
    if isinstance(parent, ast.Call) and parent.args and parent.args[0] is leaf:
        root, _, name = dotted(parent.func).partition(".")
        return _whole(parent, parents, imported) if root in imported and name and _is_function(name) else leaf
    return leaf


def _is_function(name: str) -> bool:
    """Is this the name of a function, and not of a class that keeps what it is given?"""
    return name.rpartition(".")[2].islower()


def _is_kept(parent: ast.AST | None) -> bool:
    """Is an expression what a name, an attribute or a collection holds?"""
    return isinstance(parent, (ast.Assign, ast.AnnAssign, ast.List, ast.Tuple, ast.Dict, ast.ListComp, ast.DictComp,
                               ast.GeneratorExp, ast.Return))  # fmt: skip


def _converted_first(text: str, birth: Birth) -> Edit:
    """Return the edit by which a value is converted before it becomes a leaf."""
    places, leaf = Positions(text), birth.leaf
    whole, inner = span(places.key(birth.whole)), span(places.key(leaf))
    converted = stretch_of(text, whole, [Edit(inner, without_flag(text, leaf))])
    if _is_method(leaf) or (_has_flag(leaf) and not _wraps(leaf)):
        converted = f"({converted})" if isinstance(birth.whole, BINDS) else converted
        return Edit(whole, f"{converted}.{_FLAG}_()")
    first = span(places.key(leaf.args[0]))
    before = stretch_of(text, Span(inner.line, inner.column, first.line, first.column))
    after = stretch_of(text, Span(first.end_line, first.end_column, inner.end_line, inner.end_column))
    return Edit(whole, f"{before}{converted}{after}")


def _wraps(call: ast.Call) -> bool:
    return last_part(call.func) in _WRAPS


def without_flag(text: str, value: ast.expr) -> str:
    """Return a value that does not ask for a gradient; of a call that wraps one the value alone."""
    if not isinstance(value, ast.Call) or not (_wraps(value) or _has_flag(value) or _is_method(value)):
        return stretch_of(text, span(Positions(text).key(value)))
    if _is_method(value):
        assert isinstance(value.func, ast.Attribute)
        return operand(value.func.value, text)
    if _wraps(value):
        return operand(value.args[0], text)
    places = Positions(text)
    given = [*value.args, *(each for each in value.keywords if each.arg != _FLAG)]
    written = ", ".join(stretch_of(text, span(places.key(each))) for each in given)
    return f"{stretch_of(text, span(places.key(value.func)))}({written})"
