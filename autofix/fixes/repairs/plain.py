"""Layers that a model keeps in plain objects: their class is made a module, or the model gets the layers as well."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from autofix.fixes.repairs.program import FaultyProgram, FunctionNode, Repair, spelled_in
from autofix.fixes.repairs.unregistered import imports, instead
from autofix.knowledge.frameworks import record_of
from autofix.model import Edit, Span
from autofix.observe.observation import Stray
from autofix.rewrite.blocks import ends_alone
from autofix.source.edits import apply_edits
from autofix.source.files import split_lines
from autofix.syntax.memo import nodes_of

CODE = "AF310"
KIND = "plain"
_CALL, _BEGIN = "__call__", "__init__"


@dataclass(frozen=True)
class Base:
    """The class that a framework knows the parts of: its names, what it runs when it is called, what registers it."""

    names: tuple[str, ...]
    called: str
    register: str = ""


_TORCH = Base(("torch.nn.Module",), "forward", "torch.nn.ModuleList")
_KERAS = Base(("keras.layers.Layer", "tensorflow.keras.layers.Layer"), "call")


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which the class of plain objects is a module, then those in which the model has the parts."""
    base = _KERAS if record_of(program.framework).has_tape else _TORCH
    for stray in (each.stray for each in program.faults if each.stray is not None and each.stray.kind == KIND):
        here = stray.sites[0] if stray.sites else None
        if here is None or here.path != program.file or not _name_of(program, base):
            continue
        kept = _registered(program, stray) if base is _TORCH else []
        kept = [*kept, *imports(program, kept)]
        modules = [[*each, *kept] for each in _as_module(program, stray.form, base)]
        for edits in (*modules, _beside(program, stray, base)):
            if edits:
                text = apply_edits(program.text, edits)
                yield Repair(CODE, here.span, f"`{here.expression}`", text, same_leaves=False, spans=(here.span,),
                             settles=frozenset({stray.name}))  # fmt: skip


def _name_of(program: FaultyProgram, base: Base) -> str:
    """Return how a file writes the base."""
    return next((name for each in base.names if (name := spelled_in(program.tree, each))), "")


def _as_module(program: FaultyProgram, name: str, base: Base) -> Iterator[list[Edit]]:
    """Yield the edits that make a class a module: its base, how that begins, and what is run when it is called."""
    owner = next((each for each in nodes_of(program.tree, ast.ClassDef) if each.name == name), None)
    if owner is None or owner.bases or owner.keywords or owner.decorator_list:
        return
    methods = {each.name: each for each in owner.body if isinstance(each, ast.FunctionDef)}
    if _BEGIN not in methods or base.called in methods:
        return
    lines = split_lines(program.text)
    heading = re.match(rf"\s*class\s+{name}\s*(\(\s*\))?", lines[owner.lineno - 1])
    if heading is None:
        return
    start, end = owner.col_offset + 1, heading.end() + 1
    edits = [Edit(Span(owner.lineno, start, owner.lineno, end), f"class {name}({_name_of(program, base)})")]
    if _CALL in methods:
        edits.append(_renamed(methods[_CALL], lines, base.called))
    for begun in _begun(methods[_BEGIN], program, base):
        yield [*edits, begun]


def _renamed(method: ast.FunctionDef, lines: list[str], name: str) -> Edit:
    column = lines[method.lineno - 1].index(_CALL) + 1
    return Edit(Span(method.lineno, column, method.lineno, column + len(_CALL)), name)


def _begun(method: FunctionNode, program: FaultyProgram, base: Base) -> Iterator[Edit]:
    """Yield the edits by which the base is begun: with the name that an object gets, or as the first statement."""
    lines = split_lines(program.text)
    named = [each for each in method.body if _sets_name(each)]
    if base is _KERAS and named and ends_alone(named[0], lines) and named[0] is method.body[0]:
        value = ast.unparse(named[0].value)  # type: ignore[attr-defined]
        yield Edit(program.place_of(named[0]), f"super().__init__(name={value})")
    body = method.body[1:] if ast.get_docstring(method) is not None else method.body
    if body:
        margin = program.margin_of(body[0])
        yield Edit.of_lines(body[0].lineno, body[0].lineno, f"{margin}super().__init__()\n")


def _sets_name(statement: ast.stmt) -> bool:
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    return isinstance(target, ast.Attribute) and target.attr == "name"


def _made(program: FaultyProgram, stray: Stray) -> ast.Assign | None:
    """Return the statement by which an attribute gets the objects."""
    line = stray.sites[0].span.line
    found = (each for each in nodes_of(program.tree, ast.Assign) if each.lineno == line)
    return next((each for each in found if isinstance(each.targets[0], ast.Attribute)), None)


def _kind(made: ast.Assign) -> str:
    """Return in what the objects are kept: a `list`, a `dict`, or nothing."""
    if isinstance(made.value, (ast.Dict, ast.DictComp)):
        return dict.__name__
    return list.__name__ if isinstance(made.value, (ast.List, ast.ListComp, ast.Tuple)) else ""


def _registered(program: FaultyProgram, stray: Stray) -> list[Edit]:
    """Return the edits that keep the objects, once they are modules, in a container that registers them."""
    made = _made(program, stray)
    kind = _kind(made) if made is not None else ""
    return instead(program, replace(stray, form=f"{kind} modules")) if kind else []


def _beside(program: FaultyProgram, stray: Stray, base: Base) -> list[Edit]:
    """Return the edit that gives a model the parts of the objects in an attribute, behind its assignment."""
    made, lines = _made(program, stray), split_lines(program.text)
    if made is None or not _kind(made) or not ends_alone(made, lines):
        return []
    attribute, kept = ast.unparse(made.targets[0]), "" if _kind(made) == list.__name__ else ".values()"
    each = f"for each in vars(one).values() if isinstance(each, {_name_of(program, base)})"
    parts = f"each for one in {attribute}{kept} {each}"
    register = spelled_in(program.tree, base.register) if base.register else ""
    value = f"{register}({parts})" if register else f"[{parts}]"
    line, margin = (made.end_lineno or 0) + 1, program.margin_of(made)
    return [Edit.of_lines(line, line, f"{margin}{attribute}_parts = {value}\n")]
