"""Parameters that no optimizer holds are handed over with those that it holds.

What an optimizer is given, or a tape is asked for, is written in many ways: each of them takes more. Where it is made
in a function that does not know of them, its caller hands them to that, or adds a group to what it gives. An object
that keeps layers and is asked for variables that it may not have, `getattr(layer, "trainable_variables", [])`, is given
them.
"""

from __future__ import annotations

import ast
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autofix.analysis.groups import KEY
from autofix.fixes.repairs.program import FaultyProgram, Repair, spelled_in
from autofix.fixes.spellings import operand
from autofix.knowledge.frameworks import record_of
from autofix.model import Edit, Span
from autofix.observe.observation import Stray
from autofix.rewrite.blocks import ends_alone
from autofix.source.edits import apply_edits
from autofix.source.files import split_lines
from autofix.syntax.bindings import last_part
from autofix.syntax.memo import nodes_of
from autofix.syntax.module import node_at

CODE = "AF310"
KIND = "unheld"
_GIVEN = "params"
_ADDS = "add_param_group"
_SOURCES = "sources"
_LISTS = "trainable_variables"
LISTED = frozenset({_LISTS, "trainable_weights", "variables", "weights"})
_CHAIN = itertools.chain.__name__


@dataclass(frozen=True)
class Part:
    """Something that an optimizer lacks: a module, or a parameter (`alone`), as one of the frames writes it."""

    text: str
    alone: bool

    @property
    def listed(self) -> str:
        """Its parameters, as something to go through."""
        return f"[{self.text}]" if self.alone else f"{self.text}.parameters()"

    @property
    def spread(self) -> str:
        """Its parameters, within a list."""
        return self.text if self.alone else f"*{self.text}.parameters()"

    @property
    def group(self) -> str:
        return f'{{"{KEY}": {self.listed}}}'


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which an optimizer gets all that it lacks, then those in which it gets one part."""
    strays = [each.stray for each in program.faults if each.stray is not None and each.stray.kind == KIND]
    own = [each for each in strays if any(site.path == program.file for site in each.sites)]
    for chosen in dict.fromkeys([tuple(own), *((each,) for each in own)]) if own else ():
        places = tuple(next(site.span for site in each.sites if site.path == program.file) for each in chosen)
        names = frozenset(each.name for each in chosen)
        operation = f"`{chosen[0].sites[0].expression}`"
        for edits in (*_asked_of(program, chosen), *_ways(program, chosen)):
            text = apply_edits(program.text, dict.fromkeys(edits))
            yield Repair(CODE, places[0], operation, text, same_leaves=False, spans=places, settles=names)


def _ways(program: FaultyProgram, chosen: Sequence[Stray]) -> Iterator[list[Edit]]:
    """Yield the edits of each way to hand over what is lacking, by the innermost frame that can write it."""
    sites = chosen[0].sites
    forms = [json.loads(each.form) for each in chosen]
    for at, site in enumerate(sites):
        call = node_at(site, program.text) if site.path == program.file else None
        texts = [form["spelled"][at] if at < len(form["spelled"]) else "" for form in forms]
        parts = [part for text, form in zip(texts, forms, strict=True) for part in _parts(text, form)]
        if not isinstance(call, ast.Call) or not all(texts):
            continue
        if at == 0:
            hands = _asked_for if record_of(program.framework).has_tape else _given
            yield from hands(program, call, parts)
        elif not record_of(program.framework).has_tape:
            yield from _handed_on(program, call, parts)
            yield from _added(program, call, parts)
    if len(forms) == 1 and forms[0]["made"] and sites[-1].path == program.file:
        yield from _added_later(program, sites[-1].span.line, forms[0]["optimizer"])


def _parts(text: str, form: dict[str, Any]) -> list[Part]:
    """Return the parts of what a frame writes so: of an object that is no layer, those that it keeps."""
    return [Part(f"{text}{each}", form["kind"] == "tensor") for each in _kept(form) or [""]]


def _kept(form: dict[str, Any]) -> list[str]:
    return [f".{each}" for each in form.get("layers", ())]


def _asked_of(program: FaultyProgram, chosen: Sequence[Stray]) -> Iterator[list[Edit]]:
    """Yield the edits that give objects the variables which the program asks them for, should they have some."""
    forms = [json.loads(each.form) for each in chosen]
    classes = {each.name: each for each in nodes_of(program.tree, ast.ClassDef)}
    for name in dict.fromkeys(filter(None, map(_asked, nodes_of(program.tree, ast.Call)))):
        known = all(_kept(form) and form["of"] in classes for form in forms)
        found = [_with_property(program, classes[form["of"]], name, form) for form in forms] if known else []
        if found and all(found):
            yield [edit for edits in found for edit in edits]


def _asked(call: ast.Call) -> str:
    """Return the list of variables that something is asked for by `getattr` or `hasattr`; empty where none is."""
    match call:
        case ast.Call(func=ast.Name(id="getattr" | "hasattr"), args=[_, ast.Constant(value=str(name)), *_]):
            return name if name in LISTED else ""
    return ""


def _with_property(program: FaultyProgram, owner: ast.ClassDef, name: str, form: dict[str, Any]) -> list[Edit]:
    """Return the edit that gives a class a list of variables, behind its first method."""
    methods = [each for each in owner.body if isinstance(each, ast.FunctionDef)]
    if not methods or any(each.name == name for each in methods):
        return []
    margin, inner = " " * methods[0].col_offset, " " * methods[0].body[0].col_offset
    value = " + ".join(f"self{each}.{name}" for each in _kept(form))
    lines = ["", f"{margin}@property", f"{margin}def {name}(self):", f"{inner}return {value}"]
    line = (methods[0].end_lineno or 0) + 1
    return [Edit.of_lines(line, line, "".join(f"{each}\n" for each in lines))]


def _given(program: FaultyProgram, call: ast.Call, parts: Sequence[Part]) -> Iterator[list[Edit]]:
    """Yield the edits of what an optimizer is given: as parameters, then as groups."""
    named = [each.value for each in call.keywords if each.arg == _GIVEN]
    for value in (*call.args[:1], *named):
        bound = _bound(program, value, call.lineno)
        if bound is not None:
            yield [_with(program, bound, parts)]
        yield [_with(program, value, parts)]
        yield [_behind(program, value, "[*", "".join(f", {each.group}" for each in parts) + "]")]


def _bound(program: FaultyProgram, value: ast.expr, line: int) -> ast.expr | None:
    """Return what a name is bound to in its function, if that is done once and before a line."""
    scope = program.function_at(line)
    assigns = [each for each in ast.walk(scope) if isinstance(each, ast.Assign) and len(each.targets) == 1]
    bound = [
        each
        for each in assigns
        if isinstance(value, ast.Name) and isinstance(each.targets[0], ast.Name) and each.targets[0].id == value.id
    ]
    return bound[0].value if len(bound) == 1 and bound[0].lineno < line else None


def _with(program: FaultyProgram, value: ast.expr, parts: Sequence[Part]) -> Edit:
    """Return the edit by which a collection of parameters has more of them."""
    if isinstance(value, (ast.List, ast.Tuple)) and value.elts:
        last = value.elts[-1]
        more = [each.group if isinstance(last, ast.Dict) else each.spread for each in parts]
        return _behind(program, last, "", "".join(f"{_between(program, value, last)}{each}" for each in more))
    if isinstance(value, ast.Call) and last_part(value.func) == _CHAIN and value.args:
        return _behind(program, value.args[-1], "", "".join(f", {each.listed}" for each in parts))
    lists = isinstance(value, ast.Call) and last_part(value.func) == list.__name__
    if lists or (isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add)):
        more = [each.listed if each.alone else f"list({each.listed})" for each in parts]
        return _behind(program, value, "", "".join(f" + {each}" for each in more))
    return _behind(program, value, "[*", "".join(f", {each.spread}" for each in parts) + "]")


def _asked_for(program: FaultyProgram, call: ast.Call, parts: Sequence[Part]) -> Iterator[list[Edit]]:
    """Yield the edits by which a tape is asked for more: where its variables are listed, else wherever they are.

    Of variables that are listed twice, the second are those of another one.
    """
    named = [each.value for each in call.keywords if each.arg == _SOURCES]
    for value in (*call.args[1:2], *named):
        bound = _bound(program, value, call.lineno)
        listed = bound if bound is not None else value
        twice = _twice(listed) if len(parts) == 1 else None
        for where in (program.function_at(call.lineno), program.tree) if bound is None else (listed,):
            same = [each for each in ast.walk(where) if isinstance(each, type(listed)) and _is_same(each, listed)]
            if twice is not None:
                yield [_in_place_of(program, second, parts[0]) for each in same if (second := _twice(each)) is not None]
            yield [_with_variables(program, each, parts) for each in same]


def _is_same(one: ast.AST, other: ast.AST) -> bool:
    return ast.dump(one) == ast.dump(other)


def _twice(value: ast.expr) -> ast.expr | None:
    """Return what is added to a sum of lists that has it already."""
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Add):
        return None
    rest = value.left
    known = [rest.right, rest.left] if isinstance(rest, ast.BinOp) else [rest]
    is_known = any(_is_same(each, value.right) for each in known)
    return value.right if is_known else _twice(value.left)


def _in_place_of(program: FaultyProgram, value: ast.expr, part: Part) -> Edit:
    return Edit(program.place_of(value), f"[{part.text}]" if part.alone else f"{part.text}.{_LISTS}")


def _with_variables(program: FaultyProgram, value: ast.expr, parts: Sequence[Part]) -> Edit:
    """Return the edit by which a list of variables has more of them, asked for as those that it has."""
    methods = {id(each.func) for each in ast.walk(value) if isinstance(each, ast.Call)}
    found = (each for each in ast.walk(value) if isinstance(each, ast.Attribute) and id(each) not in methods)
    asked = [each.attr for each in found if each.attr in LISTED]
    lists = [f"{each.text}.{asked[0] if asked else _LISTS}" for each in parts]
    if isinstance(value, (ast.List, ast.Tuple)) and value.elts:
        more = [each.text if each.alone else f"*{one}" for each, one in zip(parts, lists, strict=True)]
        return _behind(program, value.elts[-1], "", "".join(f", {each}" for each in more))
    more = [f"[{each.text}]" if each.alone else one for each, one in zip(parts, lists, strict=True)]
    return _behind(program, value, "", "".join(f" + {each}" for each in more))


def _between(program: FaultyProgram, whole: ast.expr, last: ast.expr) -> str:
    """Return what stands between the elements of a list, one a line or not."""
    line = split_lines(program.text)[last.lineno - 1]
    margin = line[: len(line) - len(line.lstrip())]
    return f",\n{margin}" if last.lineno > whole.lineno and line.strip().startswith(("{", "*")) else ", "


def _behind(program: FaultyProgram, node: ast.expr, before: str, more: str) -> Edit:
    """Return the edit that writes something behind an expression, and something before it."""
    where = program.place_of(node)
    if not before:
        return Edit(Span(where.end_line, where.end_column, where.end_line, where.end_column), more)
    return Edit(where, f"{before}{operand(node, program.text)}{more}")


def _handed_on(program: FaultyProgram, call: ast.Call, parts: Sequence[Part]) -> Iterator[list[Edit]]:
    """Yield the edits by which a function that makes an optimizer gets a module of all that it is to hold."""
    if any(each.alone for each in parts):
        return
    whole = f"{record_of(program.framework).module}.nn.ModuleList"
    name = spelled_in(program.tree, whole) or whole
    for value in (*call.args, *(each.value for each in call.keywords)):
        if isinstance(value, (ast.Name, ast.Attribute)):
            yield [_behind(program, value, f"{name}([", "".join(f", {each.text}" for each in parts) + "])")]


def _added(program: FaultyProgram, call: ast.Call, parts: Sequence[Part]) -> Iterator[list[Edit]]:
    """Yield the edit that adds a group to what a function gives, behind the statement that calls it."""
    made = next((each for each in nodes_of(program.tree, ast.Assign) if each.value is call), None)
    for target in _targets(made):
        yield from _behind_statement(program, made, target, parts)


def _targets(made: ast.Assign | None) -> list[str]:
    if made is None or len(made.targets) != 1:
        return []
    target = made.targets[0]
    return [ast.unparse(each) for each in (target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target])]


def _behind_statement(
    program: FaultyProgram, statement: ast.stmt | None, optimizer: str, parts: Sequence[Part]
) -> Iterator[list[Edit]]:
    lines = split_lines(program.text)
    if statement is not None and ends_alone(statement, lines):
        line, margin = (statement.end_lineno or 0) + 1, program.margin_of(statement)
        added = "".join(f"{margin}{optimizer}.{_ADDS}({each.group})\n" for each in parts)
        yield [Edit.of_lines(line, line, added)]


def _added_later(program: FaultyProgram, line: int, optimizer: str) -> Iterator[list[Edit]]:
    """Yield the edit that adds a group behind the statement that makes what the optimizer lacks."""
    assigns = [each for each in nodes_of(program.tree, ast.Assign) if each.lineno <= line <= (each.end_lineno or 0)]
    made = next((each for each in assigns if len(each.targets) == 1), None)
    if optimizer and made is not None and not isinstance(made.targets[0], (ast.Tuple, ast.List)):
        yield from _behind_statement(program, made, optimizer, [Part(ast.unparse(made.targets[0]), alone=False)])
