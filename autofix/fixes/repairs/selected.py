"""A gradient that is asked for by a part of a tensor which the value was computed from as a whole.

`grad(energy, x[start:stop])` makes that part anew, and the value does not depend on it. The gradient is taken by the
tensor, and the part is selected from what that gives: `grad(energy, x)[0][start:stop]`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from autofix.fixes.repairs.program import FaultyProgram, FunctionNode, Repair
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import last_names
from autofix.model import Edit
from autofix.rewrite.blocks import ends_alone
from autofix.source.edits import apply_edits, stretch_of
from autofix.source.files import split_lines
from autofix.syntax.bindings import bound, last_part, parameters
from autofix.syntax.memo import nodes_of
from autofix.syntax.module import node_at, parents_of

CODE = "AF312"
_SELECTS = last_names("selects")
_ASKS = frozenset({"grad", "gradient"})
_BY = frozenset({"inputs", "sources"})
_MOST_STRIPPED = 3
Written = Callable[[str], str]


@dataclass(frozen=True)
class Part:
    """A part of a tensor (`whole`), and how the same part of its gradient is `written`."""

    whole: ast.expr
    written: Written


@dataclass(frozen=True)
class Asking:
    """A function that takes a gradient, and its parameter for what that is by; a framework's has no definition."""

    definition: FunctionNode | None = None
    parameter: str = ""

    def by(self, call: ast.Call) -> ast.expr | None:
        """Return what a call takes the gradient by."""
        names = {self.parameter} if self.definition is not None else _BY
        named = [each.value for each in call.keywords if each.arg in names]
        if self.definition is None:
            return next(iter([*named, *call.args[1:2]]), None) if last_part(call.func) in _ASKS else None
        taken = [each.arg for each in parameters(self.definition)]
        if isinstance(call.func, ast.Attribute) and taken[0] in ("self", "cls"):
            taken = taken[1:]
        given = dict(zip(taken, call.args, strict=False))
        return next(iter(named), given.get(self.parameter))

    def of_caller(self, program: FaultyProgram, call: ast.Call) -> Asking | None:
        """Return the function around a call that hands on what it is given; None where it does not."""
        by, definition = self.by(call), program.function_at(call.lineno)
        if isinstance(definition, ast.Module) or not isinstance(by, ast.Name):
            return None
        return Asking(definition, by.id) if by.id in {each.arg for each in parameters(definition)} else None


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which the gradient is taken by the whole tensor: where it fails, then everywhere."""
    for fault in program.faults:
        sites = fault.event.sites if fault.event is not None else fault.sites
        asking: Asking | None = Asking()
        for site in sites if fault.code == CODE and not fault.ends else ():
            call = node_at(site, program.text) if site.path == program.file else None
            if asking is None or not isinstance(call, ast.Call):
                break
            for edits in _ways(program, asking, call):
                operation = program.shown_at(program.place_of(call))
                yield Repair(CODE, sites[0].span, operation, apply_edits(program.text, dict.fromkeys(edits)))
            asking = asking.of_caller(program, call)


def _ways(program: FaultyProgram, asking: Asking, call: ast.Call) -> Iterator[list[Edit]]:
    """Yield the edits of one call, then those of all calls of its function, each with further selections undone."""
    alike = [each for each in nodes_of(program.tree, ast.Call) if ast.dump(each.func) == ast.dump(call.func)]
    for deep in range(_MOST_STRIPPED):
        own = _edits(program, asking, call, deep)
        if own:
            yield own
            yield [edit for each in alike for edit in _edits(program, asking, each, deep)]


def _edits(program: FaultyProgram, asking: Asking, call: ast.Call, deep: int) -> list[Edit]:
    """Return the edits by which one call is given whole tensors, `deep` selections further than it has to."""
    by = asking.by(call)
    if by is None:
        return []
    asked = by.elts if isinstance(by, (ast.List, ast.Tuple)) else [by]
    parts = [_part(program, each, deep) for each in asked]
    if not any(parts):
        return []
    gives_tensor = asking.definition is not None or record_of(program.framework).has_tape
    if asked == [by] and gives_tensor and parts[0] is not None:
        return [_of_tensor(program, call, by, parts[0])]
    return _of_several(program, call, by, asked, parts)


def _of_tensor(program: FaultyProgram, call: ast.Call, given: ast.expr, part: Part) -> Edit:
    """Return the edit of a call that gives one gradient."""
    whole = Edit(program.place_of(given), program.source_of(part.whole))
    return Edit(program.place_of(call), part.written(stretch_of(program.text, program.place_of(call), [whole])))


def _of_several(
    program: FaultyProgram, call: ast.Call, by: ast.expr, asked: Sequence[ast.expr], parts: Sequence[Part | None]
) -> list[Edit]:
    """Return the edits of a call that gives a gradient for each of what it is asked for."""
    texts = [program.source_of(each if part is None else part.whole) for each, part in zip(asked, parts, strict=True)]
    unique = list(dict.fromkeys(texts))
    given = unique[0] if len(unique) == 1 else f"[{', '.join(unique)}]"
    taken = stretch_of(program.text, program.place_of(call), [Edit(program.place_of(by), given)])
    gives_one = len(unique) == 1 and record_of(program.framework).has_tape
    first = taken if gives_one else f"{taken}[0]"
    if len(asked) == 1 and parts[0] is not None:
        return _of_one(program, call, parts[0].written(first))
    name = f"{last_part(ast.parse(unique[0], mode='eval').body)}_grad" if len(unique) == 1 else "gradients"
    each_of = [name if len(unique) == 1 else f"{name}[{unique.index(text)}]" for text in texts]
    written = [one if part is None else part.written(one) for one, part in zip(each_of, parts, strict=True)]
    return _in_two_steps(program, call, name, first if len(unique) == 1 else taken, ", ".join(written))


def _of_one(program: FaultyProgram, call: ast.Call, gradient: str) -> list[Edit]:
    """Return the edits where one gradient comes in a tuple of its own: it is unpacked, selected, or stays in one."""
    parent = parents_of(program.tree).get(call)
    match parent:
        case ast.Subscript(slice=ast.Constant(value=0)):
            return [Edit(program.place_of(parent), gradient)]
        case ast.Assign(targets=[ast.Tuple(elts=[target]) | ast.List(elts=[target]) as targets]):
            own = Edit(program.place_of(targets), program.source_of(target))
            return [own, Edit(program.place_of(call), gradient)]
    return [Edit(program.place_of(call), f"({gradient},)")]


def _in_two_steps(program: FaultyProgram, call: ast.Call, name: str, taken: str, parts: str) -> list[Edit]:
    """Return the edits by which the gradients of whole tensors have a name, and their parts are what is assigned."""
    statement, lines = parents_of(program.tree).get(call), split_lines(program.text)
    used = {each.id for each in nodes_of(program.tree, ast.Name)}
    if not isinstance(statement, ast.Assign) or not ends_alone(statement, lines) or name in used:
        return []
    margin = program.margin_of(statement)
    before = Edit.of_lines(statement.lineno, statement.lineno, f"{margin}{name} = {taken}\n")
    return [before, Edit(program.place_of(call), parts)]


def _part(program: FaultyProgram, node: ast.expr, deep: int) -> Part | None:
    """Return the tensor that an expression selects from, behind `deep` further selections; None if it does not."""
    part = _stripped(program, node)
    if part is None or not deep:
        return part
    outer = _part(program, part.whole, deep - 1)
    return Part(outer.whole, _chained(outer.written, part.written)) if outer is not None else None


def _chained(first: Written, then: Written) -> Written:
    return lambda gradient: then(first(gradient))


def _stripped(program: FaultyProgram, node: ast.expr) -> Part | None:
    """Return what the outermost operation of an expression selects from, where that is bound to a name, too."""
    if isinstance(node, ast.Name):
        return _bound(program, node)
    operand = _operand(node, program.imported)
    if operand is None:
        return None
    return Part(operand, lambda gradient: _exchanged(program, node, operand, gradient))


def _exchanged(program: FaultyProgram, node: ast.expr, operand: ast.expr, gradient: str) -> str:
    return stretch_of(program.text, program.place_of(node), [Edit(program.place_of(operand), gradient)])


def _operand(node: ast.expr, imported: Collection[str]) -> ast.expr | None:
    """Return what a selection is made from: `x` of `x[a:b]`, `x.T`, `x.view(-1)`, `torch.split(x, 1)`."""
    match node:
        case ast.Subscript(value=value, slice=ast.Constant(value=str())):
            return None
        case ast.Subscript(value=value):
            return value
        case ast.Attribute(value=value, attr=name) if name in _SELECTS:
            return value
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=given) if name in _SELECTS:
            is_function = isinstance(value, ast.Name) and value.id in imported
            return value if not is_function else given[0] if given else None
        case ast.Call(func=ast.Name(id=name), args=[value, *_]) if name in _SELECTS:
            return value
    return None


def _bound(program: FaultyProgram, name: ast.Name) -> Part | None:
    """Return the selection that a name is bound to in its function, if that is done once and before."""
    scope = program.function_at(name.lineno)
    for each in nodes_of(scope, ast.Assign):
        if each.lineno >= name.lineno or len(each.targets) != 1 or name.id not in bound(each):
            continue
        target = each.targets[0]
        if isinstance(target, ast.Name):
            return _stripped(program, each.value)
        if not isinstance(target, (ast.Tuple, ast.List)):
            return None
        at = next((at for at, one in enumerate(target.elts) if isinstance(one, ast.Name) and one.id == name.id), None)
        if at is None:
            return None
        if isinstance(each.value, (ast.Tuple, ast.List)):
            return _stripped(program, each.value.elts[at]) if len(each.value.elts) == len(target.elts) else None
        several = _stripped(program, each.value)
        return Part(several.whole, _chained(several.written, f"{{}}[{at}]".format)) if several else None
    return None
